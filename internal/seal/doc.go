// Package seal keeps short secrets that have to wait in a table: it encrypts
// them under a key of the host, and derives the key that code hashes are
// peppered with.
//
// A [Ring] holds the host's keys. The first one seals, all of them open, so a
// key is changed in three steps without losing what is already sealed: give
// every process the new key behind the old one, then move it to the front
// everywhere, then drop the old one when nothing under its id is left.
//
// No secret is used as it is. Each purpose gets subkeys of its own by
// HKDF-SHA-256, so that what was sealed for one purpose neither opens nor
// verifies for another. Sealing is AES-256-GCM with a nonce of 96 random bits;
// a key should be changed long before it has sealed 2^32 values for one purpose.
//
// Keys and rings print as redacted, whatever prints them.
package seal
