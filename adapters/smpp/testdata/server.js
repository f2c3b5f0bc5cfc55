'use strict';
// An SMSC for the tests: the server of the npm package smpp, which reads, checks and writes the PDUs. What it answers
// is up to the test, in lines of JSON: each PDU that comes in is a line on stdout, each line on stdin is a command.
// It ends with stdin.
const smpp = require('smpp');
const readline = require('readline');

const sessions = new Map();
let last = 0;

const say = (event) => process.stdout.write(JSON.stringify(event) + '\n');

// What a Buffer holds is written in hexadecimal, and read from {"hex": ...}.
const writable = (value) => {
	if (Buffer.isBuffer(value)) return value.toString('hex');
	if (value instanceof Date || value === null || typeof value !== 'object') return value;
	if (Array.isArray(value)) return value.map(writable);
	return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, writable(v)]));
};
const readable = (fields) => Object.fromEntries(Object.entries(fields).map(
	([name, v]) => [name, v !== null && typeof v === 'object' && 'hex' in v ? Buffer.from(v.hex, 'hex') : v]));

const server = smpp.createServer((session) => {
	const id = ++last;
	sessions.set(id, session);
	session.on('error', () => {}); // 'close' follows
	session.on('close', () => {
		sessions.delete(id);
		say({event: 'closed', session: id});
	});
	session.on('pdu', (pdu) => say({event: 'pdu', session: id, pdu: writable(Object.assign({}, pdu))}));
	say({event: 'opened', session: id});
});

const commands = {
	listen: ({port}) => server.listen(port, '127.0.0.1', () => say({event: 'listening', port: server.address().port})),
	close: () => { // nobody listens any more
		server.close(() => say({event: 'deaf'}));
		for (const session of sessions.values()) session.destroy();
	},
	send: ({session, pdu, fields}) => {
		const to = sessions.get(session);
		if (to) to.send(new smpp.PDU(pdu, readable(fields)));
	},
	raw: ({session, hex}) => {
		const to = sessions.get(session);
		if (to) to.socket.write(Buffer.from(hex, 'hex'));
	},
	destroy: ({session}) => {
		const to = sessions.get(session);
		if (to) to.destroy();
	},
};

readline.createInterface({input: process.stdin})
	.on('line', (line) => {
		const command = JSON.parse(line);
		commands[command.do](command);
	})
	.on('close', () => process.exit(0));
