// Package smslog is an SMS gateway for development: it draws each message, as
// the phone would show it, to a writer that the host gives.
//
// It prints one-time codes in clear. Whoever reads the writer can activate a
// traveler, so it has no place outside development, tests and demonstrations,
// and the writer should be a terminal and not a log. Numbers are masked.
//
// The drawing depends on the message alone, so a test can compare it.
package smslog
