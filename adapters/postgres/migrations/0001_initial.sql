-- {table} stands for the name of a table with schema and prefix, {#name} for
-- that of an index. Every primary and unique key begins with the company, but
-- for {number_lookup}, {credential}, {message_count}, {halt}, {series},
-- {document_number} and {job}.
-- Money is whole öre, months are text such as 2026-01 ('' for none), a zero
-- uuid means none, and null is an instant that has not come.

CREATE TABLE {company} (
	id uuid PRIMARY KEY,
	status text NOT NULL,
	name text NOT NULL,
	organization_number text NOT NULL,
	billing json NOT NULL,
	default_reference text NOT NULL,
	ceiling bigint NOT NULL,
	maximum bigint NOT NULL,
	policy json NOT NULL,
	early_insight boolean NOT NULL,
	closed_through text COLLATE "C" NOT NULL,
	applied_at timestamptz,
	decided_at timestamptz,
	closed_at timestamptz,
	audit_sequence bigint NOT NULL,
	audit_hash bytea NOT NULL
);
CREATE INDEX {#company_status} ON {company} (status, id);

CREATE TABLE {department} (
	company uuid NOT NULL,
	id uuid NOT NULL,
	name text NOT NULL,
	reference text NOT NULL,
	cost_center text NOT NULL,
	policy json NOT NULL,
	archived_at timestamptz,
	PRIMARY KEY (company, id)
);

CREATE TABLE {administrator} (
	company uuid NOT NULL,
	id uuid NOT NULL,
	name text NOT NULL,
	email text NOT NULL,
	departments json NOT NULL,
	added_at timestamptz,
	removed_at timestamptz,
	PRIMARY KEY (company, id)
);

CREATE TABLE {audit} (
	company uuid NOT NULL,
	sequence bigint NOT NULL,
	id uuid NOT NULL,
	at timestamptz,
	role text NOT NULL,
	actor text NOT NULL,
	action text NOT NULL,
	subject text NOT NULL,
	detail text NOT NULL,
	reason text NOT NULL,
	hash bytea NOT NULL,
	PRIMARY KEY (company, sequence)
);

-- The account of a traveler stands in the traveler's row: it is what purchases
-- lock, and they need all of it.
CREATE TABLE {traveler} (
	company uuid NOT NULL,
	id uuid NOT NULL,
	first_name text NOT NULL,
	last_name text NOT NULL,
	email text NOT NULL,
	employee_number text COLLATE "C" NOT NULL,
	number text COLLATE "C" NOT NULL,
	department uuid NOT NULL,
	connection uuid NOT NULL,
	connection_state text NOT NULL,
	username text NOT NULL,
	device text NOT NULL,
	note text NOT NULL,
	connected_at timestamptz,
	activated_at timestamptz,
	ended_at timestamptz,
	created_at timestamptz,
	erased_at timestamptz,
	credit_limit bigint NOT NULL,
	raise_limit bigint NOT NULL,
	raise_until timestamptz,
	ceiling bigint NOT NULL,
	maximum bigint NOT NULL,
	frozen boolean NOT NULL,
	closed_through text COLLATE "C" NOT NULL,
	used json NOT NULL,
	open json NOT NULL,
	PRIMARY KEY (company, id)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX {#traveler_number} ON {traveler} (company, number) WHERE number <> '';
CREATE UNIQUE INDEX {#traveler_employee_number} ON {traveler} (company, employee_number) WHERE employee_number <> '';
CREATE INDEX {#traveler_department} ON {traveler} (company, department, id);

CREATE TABLE {number_lookup} (
	number text COLLATE "C" NOT NULL,
	company uuid NOT NULL,
	traveler uuid NOT NULL,
	PRIMARY KEY (number, company, traveler)
);

CREATE TABLE {credential} (
	username text COLLATE "C" PRIMARY KEY,
	company uuid NOT NULL,
	traveler uuid NOT NULL,
	connection uuid NOT NULL,
	state text NOT NULL,
	key_id text NOT NULL,
	salt bytea,
	cost bigint NOT NULL,
	hash bytea,
	attempts bigint NOT NULL,
	issued_at timestamptz,
	expires_at timestamptz
);

CREATE TABLE {command} (
	company uuid NOT NULL,
	operation text COLLATE "C" NOT NULL,
	key text COLLATE "C" NOT NULL,
	request_hash bytea NOT NULL,
	at timestamptz,
	answer json NOT NULL,
	PRIMARY KEY (company, operation, key)
);

CREATE TABLE {authorization} (
	company uuid NOT NULL,
	id uuid NOT NULL,
	traveler uuid NOT NULL,
	connection uuid NOT NULL,
	department uuid NOT NULL,
	department_name text NOT NULL,
	state text NOT NULL,
	month text COLLATE "C" NOT NULL,
	amount bigint NOT NULL,
	credit_limit bigint NOT NULL,
	captured bigint NOT NULL DEFAULT 0,
	refunded bigint NOT NULL DEFAULT 0,
	at timestamptz,
	expires_at timestamptz,
	tickets json NOT NULL,
	traveler_name text NOT NULL DEFAULT '',
	employee_number text NOT NULL DEFAULT '',
	purpose text NOT NULL DEFAULT '',
	pending json NOT NULL DEFAULT 'null',
	outcome json NOT NULL DEFAULT 'null',
	refunds json NOT NULL DEFAULT 'null',
	-- unanswered: the payment provider owes an answer.
	unanswered boolean NOT NULL DEFAULT false,
	PRIMARY KEY (company, id)
);
CREATE INDEX {#authorization_traveler} ON {authorization} (company, traveler, id);
-- What is due is found here and not in the travelers' rows: an index on what
-- every purchase changes would make each of them write all of its indexes.
CREATE INDEX {#authorization_due} ON {authorization} (expires_at, company, traveler) WHERE state = 'pending';
CREATE INDEX {#authorization_unanswered} ON {authorization} (id) WHERE unanswered;

CREATE TABLE {entry} (
	company uuid NOT NULL,
	id uuid NOT NULL,
	kind bigint NOT NULL,
	traveler uuid NOT NULL,
	authorization_id uuid NOT NULL,
	line bigint NOT NULL,
	month text COLLATE "C" NOT NULL,
	billing text COLLATE "C" NOT NULL,
	purchased_at timestamptz,
	at timestamptz,
	department uuid NOT NULL,
	department_name text NOT NULL,
	ticket_id text NOT NULL,
	product text NOT NULL,
	product_name text NOT NULL,
	category text NOT NULL,
	zones json NOT NULL,
	from_stop text NOT NULL,
	to_stop text NOT NULL,
	region text NOT NULL,
	seller text NOT NULL,
	valid_from timestamptz,
	price text NOT NULL,
	vat_rate bigint NOT NULL,
	vat_category text NOT NULL,
	vat_reason text NOT NULL,
	stated_vat json NOT NULL,
	gross bigint NOT NULL,
	stated boolean NOT NULL,
	net bigint NOT NULL,
	vat bigint NOT NULL,
	of_entry uuid NOT NULL,
	of_gross bigint NOT NULL,
	before_gross bigint NOT NULL,
	traveler_name text NOT NULL,
	employee_number text NOT NULL,
	purpose text NOT NULL,
	PRIMARY KEY (company, id)
);
-- Kind is for those who read few of a month: the others they leave out by the
-- index alone. Documents are read department by department.
CREATE INDEX {#entry_billing} ON {entry} (company, billing, id, kind);
CREATE INDEX {#entry_department} ON {entry} (company, billing, department, id, kind);
CREATE INDEX {#entry_traveler} ON {entry} (company, traveler, id);

-- Events are taken off when they are delivered. They are found by id alone,
-- over all companies and in that order; ids are drawn and never meet, so the
-- index is not a unique one.
CREATE TABLE {event} (
	company uuid NOT NULL,
	id uuid NOT NULL,
	type text NOT NULL,
	at timestamptz,
	traveler uuid NOT NULL,
	authorization_id uuid NOT NULL,
	subject uuid NOT NULL,
	month text COLLATE "C" NOT NULL,
	amount bigint NOT NULL,
	reason text NOT NULL,
	lease_owner text NOT NULL DEFAULT '',
	lease_until timestamptz
);
CREATE INDEX {#event_id} ON {event} (id);

CREATE TABLE {message} (
	company uuid NOT NULL,
	id uuid NOT NULL,
	subject uuid NOT NULL,
	connection uuid NOT NULL,
	number text NOT NULL,
	sealed_key_id text NOT NULL,
	sealed_data bytea,
	state bigint NOT NULL,
	attempts bigint NOT NULL,
	next_at timestamptz,
	expires timestamptz,
	created_at timestamptz,
	updated_at timestamptz,
	lease_owner text NOT NULL,
	lease_until timestamptz,
	lease_token bigint NOT NULL,
	gateway text NOT NULL,
	gateway_id text NOT NULL,
	error_code text NOT NULL,
	PRIMARY KEY (company, id)
);
CREATE INDEX {#message_subject} ON {message} (company, subject, id);
CREATE INDEX {#message_next} ON {message} (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX {#message_gateway} ON {message} (gateway, gateway_id) WHERE gateway_id <> '';

-- counted is a company, or the hash of a number: it is forgotten a day later.
CREATE TABLE {message_count} (
	counted text COLLATE "C" NOT NULL,
	scope text COLLATE "C" NOT NULL,
	started_at timestamptz,
	ended_at timestamptz,
	attempts bigint NOT NULL,
	PRIMARY KEY (counted, scope, started_at)
);
CREATE INDEX {#message_count_ended} ON {message_count} (ended_at);

-- The kill switch is one row.
CREATE TABLE {halt} (
	id text COLLATE "C" PRIMARY KEY,
	halted boolean NOT NULL,
	turned_by text NOT NULL,
	reason text NOT NULL,
	turned_at timestamptz
);

CREATE TABLE {series} (
	series text COLLATE "C" PRIMARY KEY,
	number bigint NOT NULL
);

CREATE TABLE {document} (
	company uuid NOT NULL,
	id uuid NOT NULL,
	kind text NOT NULL,
	series text NOT NULL,
	number bigint NOT NULL,
	month text COLLATE "C" NOT NULL,
	seller json NOT NULL,
	seller_id text NOT NULL,
	buyer json NOT NULL,
	reference text NOT NULL,
	currency text NOT NULL,
	departments json NOT NULL,
	from_entry uuid NOT NULL,
	through_entry uuid NOT NULL,
	netted text COLLATE "C" NOT NULL,
	original json NOT NULL,
	cancels boolean NOT NULL,
	replaces json NOT NULL,
	issued_at timestamptz,
	due_at timestamptz,
	payee json NOT NULL,
	payment_reference text NOT NULL,
	rates json NOT NULL,
	net bigint NOT NULL,
	vat bigint NOT NULL,
	gross bigint NOT NULL,
	rounding bigint NOT NULL,
	lines bigint NOT NULL,
	lines_hash bytea NOT NULL,
	personal_lines boolean NOT NULL,
	language text NOT NULL,
	content bytea,
	hash bytea NOT NULL,
	PRIMARY KEY (company, id)
);

CREATE TABLE {document_number} (
	series text COLLATE "C" NOT NULL,
	number bigint NOT NULL,
	company uuid NOT NULL,
	document uuid NOT NULL,
	PRIMARY KEY (series, number)
);
CREATE INDEX {#document_number_document} ON {document_number} (series, document);

CREATE TABLE {delivery} (
	company uuid NOT NULL,
	document uuid NOT NULL,
	state text NOT NULL,
	attempts bigint NOT NULL,
	next_at timestamptz,
	lease_until timestamptz,
	lease_token bigint NOT NULL,
	reference text NOT NULL,
	reason text NOT NULL,
	queued_at timestamptz,
	updated_at timestamptz,
	log json NOT NULL,
	PRIMARY KEY (company, document)
);
CREATE INDEX {#delivery_state} ON {delivery} (state, document);

CREATE TABLE {close} (
	company uuid NOT NULL,
	month text COLLATE "C" NOT NULL,
	-- state is '' for a month that was only looked at.
	state text NOT NULL,
	reason text NOT NULL,
	detail text NOT NULL,
	fenced_at timestamptz,
	issued_at timestamptz,
	documents json NOT NULL,
	PRIMARY KEY (company, month)
);
CREATE INDEX {#close_month} ON {close} (month, company);

CREATE TABLE {job} (
	job text COLLATE "C" PRIMARY KEY,
	finished timestamptz,
	period timestamptz,
	owner text NOT NULL,
	claimed_at timestamptz,
	until timestamptz,
	token bigint NOT NULL
);
