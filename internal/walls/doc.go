// Package walls keeps the house in shape: its tests check which package may
// import what, which modules the root go.mod requires, what every source file
// must and must not have, and that the tests which docs/security.md relies on
// exist. It holds nothing but these tests.
package walls
