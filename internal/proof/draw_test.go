package proof

import (
	"strings"
	"time"

	"pgregory.net/rapid"
)

// beginnings are instants near which time is difficult: ordinary days, the end
// of a year, leap days, and both days on which the clocks change.
var beginnings = []time.Time{
	time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC),
	time.Date(2025, 12, 31, 22, 50, 0, 0, time.UTC),
	time.Date(2028, 2, 28, 23, 30, 0, 0, time.UTC),
	time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC),
	time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC),
	time.Date(2026, 3, 31, 21, 58, 0, 0, time.UTC),
	time.Date(2026, 10, 31, 22, 59, 0, 0, time.UTC),
}

func beginning(t *rapid.T) time.Time { return rapid.SampledFrom(beginnings).Draw(t, "beginning") }

// one draws an element of a list, and skips the action when there is none: so
// it comes first in an action, because rapid ends a script early when actions
// are skipped after they have drawn.
func one[E any](t *rapid.T, label string, list []E) E {
	if len(list) == 0 {
		t.Skip("no " + label)
	}
	return list[rapid.IntRange(0, len(list)-1).Draw(t, label)]
}

// recent draws an element of a list, mostly one of the last.
func recent[E any](t *rapid.T, label string, list []E) E {
	if n := len(list); n > 4 && !chance(t, "old", 4) {
		list = list[n-4:]
	}
	return one(t, label, list)
}

// choose draws one of a few things that a script can do, by name.
func choose(t *rapid.T, label string, names ...string) string {
	return rapid.SampledFrom(names).Draw(t, label)
}

// chance draws true once in n times.
func chance(t *rapid.T, label string, n int) bool {
	return rapid.IntRange(1, n).Draw(t, label) == n
}

// weigh returns the actions of a script, each as often among them as is said.
func weigh(check func(*rapid.T), actions map[string]action) map[string]func(*rapid.T) {
	all := map[string]func(*rapid.T){"": check}
	for name, a := range actions {
		for i := range a.weight {
			all[name+strings.Repeat("'", i)] = a.do
		}
	}
	return all
}

type action struct {
	weight int
	do     func(*rapid.T)
}

// split parts an amount into one to three tickets.
func split(t *rapid.T, total int64) []int64 {
	parts := []int64{total}
	for n := rapid.IntRange(1, 3).Draw(t, "tickets"); len(parts) < n && parts[0] > 1; {
		part := rapid.Int64Range(1, parts[0]-1).Draw(t, "part")
		parts[0] -= part
		parts = append(parts, part)
	}
	return parts
}

// moment draws where the clock goes next: a little or far, forward or back,
// and exactly to the instants at which something changes, of which the caller
// gives its own.
func moment(t *rapid.T, now time.Time, marks ...time.Time) time.Time {
	near := func(at time.Time) time.Time {
		return at.Add(rapid.SampledFrom([]time.Duration{-time.Microsecond, 0, time.Microsecond}).Draw(t, "beside"))
	}
	_, change := now.In(zone).ZoneBounds()
	marks = append(marks, change, monthAt(now).start(1))
	switch choose(t, "clock", "seconds", "minutes", "mark", "month end", "days", "back", "far back") {
	case "seconds":
		return now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
	case "minutes":
		return now.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "minutes")) * time.Minute)
	case "mark":
		return near(one(t, "mark", marks))
	case "month end":
		return near(monthAt(now).start(1))
	case "days":
		return now.AddDate(0, 0, rapid.IntRange(1, 40).Draw(t, "days"))
	case "back":
		return now.Add(-time.Duration(rapid.IntRange(1, 1200).Draw(t, "seconds")) * time.Second)
	default:
		return now.AddDate(0, 0, -rapid.OneOf(rapid.IntRange(1, 35), rapid.IntRange(36, 100)).Draw(t, "days"))
	}
}
