// Package walls keeps the house in shape: its tests check which package may
// import what, which modules the root go.mod requires, and what every source
// file must and must not have. It holds nothing but these tests.
package walls
