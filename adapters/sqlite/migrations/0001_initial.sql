-- {table} stands for the name of a table with schema and prefix, {#name} for
-- that of an index. Ids are 16 bytes and instants microseconds since 1970 in UTC. Every primary and unique key begins with the company, but
-- for {number_lookup}, {credential}, {message_count}, {halt}, {series},
-- {document_number} and {job}.
-- Money is whole öre, months are text such as 2026-01 ('' for none), a zero
-- id means none, and null is an instant that has not come.

CREATE TABLE {company} (
	id BLOB PRIMARY KEY,
	status TEXT NOT NULL,
	name TEXT NOT NULL,
	organization_number TEXT NOT NULL,
	billing TEXT NOT NULL,
	default_reference TEXT NOT NULL,
	ceiling INTEGER NOT NULL,
	maximum INTEGER NOT NULL,
	policy TEXT NOT NULL,
	early_insight INTEGER NOT NULL,
	closed_through TEXT NOT NULL,
	applied_at INTEGER,
	decided_at INTEGER,
	closed_at INTEGER,
	audit_sequence INTEGER NOT NULL,
	audit_hash BLOB NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX {#company_status} ON {company} (status, id);

CREATE TABLE {department} (
	company BLOB NOT NULL,
	id BLOB NOT NULL,
	name TEXT NOT NULL,
	reference TEXT NOT NULL,
	cost_center TEXT NOT NULL,
	policy TEXT NOT NULL,
	archived_at INTEGER,
	PRIMARY KEY (company, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE {administrator} (
	company BLOB NOT NULL,
	id BLOB NOT NULL,
	name TEXT NOT NULL,
	email TEXT NOT NULL,
	departments TEXT NOT NULL,
	added_at INTEGER,
	removed_at INTEGER,
	PRIMARY KEY (company, id)
) WITHOUT ROWID, STRICT;

CREATE TABLE {audit} (
	company BLOB NOT NULL,
	sequence INTEGER NOT NULL,
	id BLOB NOT NULL,
	at INTEGER,
	role TEXT NOT NULL,
	actor TEXT NOT NULL,
	action TEXT NOT NULL,
	subject TEXT NOT NULL,
	detail TEXT NOT NULL,
	reason TEXT NOT NULL,
	hash BLOB NOT NULL,
	PRIMARY KEY (company, sequence)
) WITHOUT ROWID, STRICT;

-- The account of a traveler stands in the traveler's row: it is what purchases
-- lock, and they need all of it.
CREATE TABLE {traveler} (
	company BLOB NOT NULL,
	id BLOB NOT NULL,
	first_name TEXT NOT NULL,
	last_name TEXT NOT NULL,
	email TEXT NOT NULL,
	employee_number TEXT NOT NULL,
	number TEXT NOT NULL,
	department BLOB NOT NULL,
	connection BLOB NOT NULL,
	connection_state TEXT NOT NULL,
	username TEXT NOT NULL,
	device TEXT NOT NULL,
	note TEXT NOT NULL,
	connected_at INTEGER,
	activated_at INTEGER,
	ended_at INTEGER,
	created_at INTEGER,
	erased_at INTEGER,
	credit_limit INTEGER NOT NULL,
	raise_limit INTEGER NOT NULL,
	raise_until INTEGER,
	ceiling INTEGER NOT NULL,
	maximum INTEGER NOT NULL,
	frozen INTEGER NOT NULL,
	closed_through TEXT NOT NULL,
	used TEXT NOT NULL,
	open TEXT NOT NULL,
	PRIMARY KEY (company, id)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX {#traveler_number} ON {traveler} (company, number) WHERE number <> '';
CREATE UNIQUE INDEX {#traveler_employee_number} ON {traveler} (company, employee_number) WHERE employee_number <> '';
CREATE INDEX {#traveler_department} ON {traveler} (company, department, id);

CREATE TABLE {number_lookup} (
	number TEXT NOT NULL,
	company BLOB NOT NULL,
	traveler BLOB NOT NULL,
	PRIMARY KEY (number, company, traveler)
) WITHOUT ROWID, STRICT;

CREATE TABLE {credential} (
	username TEXT PRIMARY KEY,
	company BLOB NOT NULL,
	traveler BLOB NOT NULL,
	connection BLOB NOT NULL,
	state TEXT NOT NULL,
	key_id TEXT NOT NULL,
	salt BLOB,
	cost INTEGER NOT NULL,
	hash BLOB,
	attempts INTEGER NOT NULL,
	issued_at INTEGER,
	expires_at INTEGER
) WITHOUT ROWID, STRICT;

CREATE TABLE {command} (
	company BLOB NOT NULL,
	operation TEXT NOT NULL,
	key TEXT NOT NULL,
	request_hash BLOB NOT NULL,
	at INTEGER,
	answer TEXT NOT NULL,
	PRIMARY KEY (company, operation, key)
) WITHOUT ROWID, STRICT;

CREATE TABLE {authorization} (
	company BLOB NOT NULL,
	id BLOB NOT NULL,
	traveler BLOB NOT NULL,
	connection BLOB NOT NULL,
	department BLOB NOT NULL,
	department_name TEXT NOT NULL,
	state TEXT NOT NULL,
	month TEXT NOT NULL,
	amount INTEGER NOT NULL,
	credit_limit INTEGER NOT NULL,
	captured INTEGER NOT NULL DEFAULT 0,
	refunded INTEGER NOT NULL DEFAULT 0,
	at INTEGER,
	expires_at INTEGER,
	tickets TEXT NOT NULL,
	traveler_name TEXT NOT NULL DEFAULT '',
	employee_number TEXT NOT NULL DEFAULT '',
	purpose TEXT NOT NULL DEFAULT '',
	pending TEXT NOT NULL DEFAULT 'null',
	outcome TEXT NOT NULL DEFAULT 'null',
	refunds TEXT NOT NULL DEFAULT 'null',
	-- unanswered: the payment provider owes an answer.
	unanswered INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (company, id)
) WITHOUT ROWID, STRICT;
CREATE INDEX {#authorization_traveler} ON {authorization} (company, traveler, id);
-- What is due is found here and not in the travelers' rows: an index on what
-- every purchase changes would make each of them write all of its indexes.
CREATE INDEX {#authorization_due} ON {authorization} (expires_at, company, traveler) WHERE state = 'pending';
CREATE INDEX {#authorization_unanswered} ON {authorization} (id) WHERE unanswered;

CREATE TABLE {entry} (
	company BLOB NOT NULL,
	id BLOB NOT NULL,
	kind INTEGER NOT NULL,
	traveler BLOB NOT NULL,
	authorization_id BLOB NOT NULL,
	line INTEGER NOT NULL,
	month TEXT NOT NULL,
	billing TEXT NOT NULL,
	purchased_at INTEGER,
	at INTEGER,
	department BLOB NOT NULL,
	department_name TEXT NOT NULL,
	ticket_id TEXT NOT NULL,
	product TEXT NOT NULL,
	product_name TEXT NOT NULL,
	category TEXT NOT NULL,
	zones TEXT NOT NULL,
	from_stop TEXT NOT NULL,
	to_stop TEXT NOT NULL,
	region TEXT NOT NULL,
	seller TEXT NOT NULL,
	valid_from INTEGER,
	price TEXT NOT NULL,
	vat_rate INTEGER NOT NULL,
	vat_category TEXT NOT NULL,
	vat_reason TEXT NOT NULL,
	stated_vat TEXT NOT NULL,
	gross INTEGER NOT NULL,
	stated INTEGER NOT NULL,
	net INTEGER NOT NULL,
	vat INTEGER NOT NULL,
	of_entry BLOB NOT NULL,
	of_gross INTEGER NOT NULL,
	before_gross INTEGER NOT NULL,
	traveler_name TEXT NOT NULL,
	employee_number TEXT NOT NULL,
	purpose TEXT NOT NULL,
	PRIMARY KEY (company, id)
) WITHOUT ROWID, STRICT;
-- Kind is for those who read few of a month: the others they leave out by the
-- index alone. Documents are read department by department.
CREATE INDEX {#entry_billing} ON {entry} (company, billing, id, kind);
CREATE INDEX {#entry_department} ON {entry} (company, billing, department, id, kind);
CREATE INDEX {#entry_traveler} ON {entry} (company, traveler, id);

-- Events are taken off when they are delivered. They are found by id alone,
-- over all companies and in that order; ids are drawn and never meet, so the
-- index is not a unique one.
CREATE TABLE {event} (
	company BLOB NOT NULL,
	id BLOB NOT NULL,
	type TEXT NOT NULL,
	at INTEGER,
	traveler BLOB NOT NULL,
	authorization_id BLOB NOT NULL,
	subject BLOB NOT NULL,
	month TEXT NOT NULL,
	amount INTEGER NOT NULL,
	reason TEXT NOT NULL,
	lease_owner TEXT NOT NULL DEFAULT '',
	lease_until INTEGER
) STRICT;
CREATE INDEX {#event_id} ON {event} (id);

CREATE TABLE {message} (
	company BLOB NOT NULL,
	id BLOB NOT NULL,
	subject BLOB NOT NULL,
	connection BLOB NOT NULL,
	number TEXT NOT NULL,
	sealed_key_id TEXT NOT NULL,
	sealed_data BLOB,
	state INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	next_at INTEGER,
	expires INTEGER,
	created_at INTEGER,
	updated_at INTEGER,
	lease_owner TEXT NOT NULL,
	lease_until INTEGER,
	lease_token INTEGER NOT NULL,
	gateway TEXT NOT NULL,
	gateway_id TEXT NOT NULL,
	error_code TEXT NOT NULL,
	PRIMARY KEY (company, id)
) WITHOUT ROWID, STRICT;
CREATE INDEX {#message_subject} ON {message} (company, subject, id);
CREATE INDEX {#message_next} ON {message} (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX {#message_gateway} ON {message} (gateway, gateway_id) WHERE gateway_id <> '';

-- counted is a company, or the hash of a number: it is forgotten a day later.
CREATE TABLE {message_count} (
	counted TEXT NOT NULL,
	scope TEXT NOT NULL,
	started_at INTEGER,
	ended_at INTEGER,
	attempts INTEGER NOT NULL,
	PRIMARY KEY (counted, scope, started_at)
) WITHOUT ROWID, STRICT;
CREATE INDEX {#message_count_ended} ON {message_count} (ended_at);

-- The kill switch is one row.
CREATE TABLE {halt} (
	id TEXT PRIMARY KEY,
	halted INTEGER NOT NULL,
	turned_by TEXT NOT NULL,
	reason TEXT NOT NULL,
	turned_at INTEGER
) WITHOUT ROWID, STRICT;

CREATE TABLE {series} (
	series TEXT PRIMARY KEY,
	number INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE {document} (
	company BLOB NOT NULL,
	id BLOB NOT NULL,
	kind TEXT NOT NULL,
	series TEXT NOT NULL,
	number INTEGER NOT NULL,
	month TEXT NOT NULL,
	seller TEXT NOT NULL,
	seller_id TEXT NOT NULL,
	buyer TEXT NOT NULL,
	reference TEXT NOT NULL,
	currency TEXT NOT NULL,
	departments TEXT NOT NULL,
	from_entry BLOB NOT NULL,
	through_entry BLOB NOT NULL,
	netted TEXT NOT NULL,
	original TEXT NOT NULL,
	cancels INTEGER NOT NULL,
	replaces TEXT NOT NULL,
	issued_at INTEGER,
	due_at INTEGER,
	payee TEXT NOT NULL,
	payment_reference TEXT NOT NULL,
	rates TEXT NOT NULL,
	net INTEGER NOT NULL,
	vat INTEGER NOT NULL,
	gross INTEGER NOT NULL,
	rounding INTEGER NOT NULL,
	lines INTEGER NOT NULL,
	lines_hash BLOB NOT NULL,
	personal_lines INTEGER NOT NULL,
	language TEXT NOT NULL,
	content BLOB,
	hash BLOB NOT NULL,
	PRIMARY KEY (company, id)
) STRICT;

CREATE TABLE {document_number} (
	series TEXT NOT NULL,
	number INTEGER NOT NULL,
	company BLOB NOT NULL,
	document BLOB NOT NULL,
	PRIMARY KEY (series, number)
) WITHOUT ROWID, STRICT;
CREATE INDEX {#document_number_document} ON {document_number} (series, document);

CREATE TABLE {delivery} (
	company BLOB NOT NULL,
	document BLOB NOT NULL,
	state TEXT NOT NULL,
	attempts INTEGER NOT NULL,
	next_at INTEGER,
	lease_until INTEGER,
	lease_token INTEGER NOT NULL,
	reference TEXT NOT NULL,
	reason TEXT NOT NULL,
	queued_at INTEGER,
	updated_at INTEGER,
	log TEXT NOT NULL,
	PRIMARY KEY (company, document)
) WITHOUT ROWID, STRICT;
CREATE INDEX {#delivery_state} ON {delivery} (state, document);

CREATE TABLE {close} (
	company BLOB NOT NULL,
	month TEXT NOT NULL,
	-- state is '' for a month that was only looked at.
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	detail TEXT NOT NULL,
	fenced_at INTEGER,
	issued_at INTEGER,
	documents TEXT NOT NULL,
	PRIMARY KEY (company, month)
) WITHOUT ROWID, STRICT;
CREATE INDEX {#close_month} ON {close} (month, company);

CREATE TABLE {job} (
	job TEXT PRIMARY KEY,
	finished INTEGER,
	period INTEGER,
	owner TEXT NOT NULL,
	claimed_at INTEGER,
	until INTEGER,
	token INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
