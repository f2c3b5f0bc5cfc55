-- Deliveries of events to endpoints. Instants are microseconds since 1970 in UTC, 0 for none.
CREATE TABLE {delivery} (
    endpoint {text} NOT NULL,
    event {text} NOT NULL,
    type {text} NOT NULL,
    company {text} NOT NULL,
    at bigint NOT NULL,
    body {text} NOT NULL,
    state {text} NOT NULL,
    attempts bigint NOT NULL,
    next_at bigint NOT NULL,
    give_up_at bigint NOT NULL,
    settled_at bigint NOT NULL,
    code {text} NOT NULL,
    lease_owner {text} NOT NULL,
    lease_until bigint NOT NULL,
    lease_token bigint NOT NULL,
    PRIMARY KEY (event, endpoint)
);

-- What is due.
CREATE INDEX {#delivery_due} ON {delivery} (endpoint, next_at, event) WHERE state = 'waiting';

-- What is replayed and pruned.
CREATE INDEX {#delivery_at} ON {delivery} (at);

-- The delivery log.
CREATE TABLE {attempt} (
    event {text} NOT NULL,
    endpoint {text} NOT NULL,
    number bigint NOT NULL,
    at bigint NOT NULL,
    took bigint NOT NULL,
    status bigint NOT NULL,
    code {text} NOT NULL,
    PRIMARY KEY (event, endpoint, number)
);

-- What is known of endpoints.
CREATE TABLE {endpoint} (
    id {text} PRIMARY KEY,
    disabled_at bigint NOT NULL,
    failures bigint NOT NULL,
    failing_since bigint NOT NULL,
    paused_until bigint NOT NULL,
    version bigint NOT NULL
);
