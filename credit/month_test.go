package credit_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
)

func TestR18_MonthOfInstant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, at, month, reset string }{
		{"R18 the last instant of January", "2026-01-31 23:59:59.999", "2026-01", "2026-01-31T23:00:00Z"},
		{"R18 the first instant of February", "2026-02-01 00:00:00", "2026-02", "2026-02-28T23:00:00Z"},
		{"R18 the last nanosecond", "2026-01-31 23:59:59.999999999", "2026-01", "2026-01-31T23:00:00Z"},
		{"R18 February has no 29th", "2026-02-28 23:59:59.999", "2026-02", "2026-02-28T23:00:00Z"},
		{"R18 leap day", "2028-02-29 23:59:59.999", "2028-02", "2028-02-29T23:00:00Z"},
		{"R18 after leap day", "2028-03-01 00:00:00", "2028-03", "2028-03-31T22:00:00Z"},
		{"R18 the century that leaps", "2000-02-29 12:00:00", "2000-02", "2000-02-29T23:00:00Z"},
		{"R18 before the clocks go on", "2026-03-29 01:59:59", "2026-03", "2026-03-31T22:00:00Z"},
		{"R18 after the clocks went on", "2026-03-29 03:00:00", "2026-03", "2026-03-31T22:00:00Z"},
		{"R18 first summer midnight", "2026-04-01 00:00:00", "2026-04", "2026-04-30T22:00:00Z"},
		{"R18 before the clocks go back", "2026-10-25 01:59:59", "2026-10", "2026-10-31T23:00:00Z"},
		{"R18 after the clocks went back", "2026-10-25 03:00:00", "2026-10", "2026-10-31T23:00:00Z"},
		{"R18 summer's end", "2026-09-30 23:59:59", "2026-09", "2026-09-30T22:00:00Z"},
		{"R18 new year", "2026-12-31 23:59:59", "2026-12", "2026-12-31T23:00:00Z"},
		{"R18 new year's day", "2027-01-01 00:00:00", "2027-01", "2027-01-31T23:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := credit.MonthOf(local(t, c.at), stockholm)
			assert.Equal(t, c.month, m.String())
			assert.Equal(t, c.reset, m.End(stockholm).Format(time.RFC3339))
			assert.Equal(t, time.UTC, m.End(stockholm).Location())
			assert.Equal(t, m.End(stockholm), (m + 1).Start(stockholm))
		})
	}
}

// Months share no instant and leave none out, in every zone: also where the
// clocks skip the midnight at which one begins.
func TestR18_MonthsFollowOnEachOther(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Europe/Stockholm", "UTC", "Europe/London", "Atlantic/Azores", "Asia/Kathmandu", "America/Los_Angeles",
		"America/Asuncion", // no midnight on 1 October 2017
		"Pacific/Apia",     // no 30 December 2011
	} {
		t.Run("R18 "+name, func(t *testing.T) {
			t.Parallel()
			zone := location(name)
			for m := credit.NewMonth(2000, time.January); m < credit.NewMonth(2060, time.January); m++ {
				start, end := m.Start(zone), m.End(zone)
				assert.Equal(t, m-1, credit.MonthOf(start.Add(-1), zone), "before %s", m)
				assert.Equal(t, m, credit.MonthOf(start, zone), "start of %s", m)
				assert.Equal(t, m, credit.MonthOf(end.Add(-1), zone), "end of %s", m)
			}
		})
	}
	t.Run("R18 a skipped midnight", func(t *testing.T) {
		t.Parallel()
		start := credit.NewMonth(2017, time.October).Start(location("America/Asuncion"))
		assert.Equal(t, "2017-10-01T04:00:00Z", start.Format(time.RFC3339))
	})
}

func TestMonthParts(t *testing.T) {
	t.Parallel()
	m := credit.NewMonth(2026, time.December)
	assert.Equal(t, 2026, m.Year())
	assert.Equal(t, time.December, m.Month())
	assert.Equal(t, "2027-01", (m + 1).String())
	assert.Less(t, m, m+1)
	assert.False(t, m.IsZero())
	assert.True(t, credit.Month(0).IsZero())
	assert.Empty(t, credit.Month(0).String())
}

func TestMonthText(t *testing.T) {
	t.Parallel()
	type record struct{ Month, None credit.Month }
	data, err := json.Marshal(record{Month: credit.NewMonth(2026, time.January)})
	require.NoError(t, err)
	assert.JSONEq(t, `{"Month":"2026-01","None":""}`, string(data))
	back := record{None: 7}
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, record{Month: credit.NewMonth(2026, time.January)}, back)

	for _, bad := range []string{"", "2026", "2026-13", "2026-00", "26-01", "2026-1", "2026-01-01", "0000-01", "januari", " 2026-01", "-026-01"} {
		_, err := credit.ParseMonth(bad)
		require.ErrorIs(t, err, credit.ErrMonth, bad)
		assert.Contains(t, err.Error(), `"`+bad+`"`, "the error names the value")
	}
	m := credit.NewMonth(2026, time.May)
	require.ErrorIs(t, m.UnmarshalText([]byte("maj")), credit.ErrMonth)
	assert.Equal(t, credit.NewMonth(2026, time.May), m, "bad input changes nothing")
}

func FuzzParseMonth(f *testing.F) {
	for _, s := range []string{"2026-01", "0001-12", "9999-12", "0000-01", "2026-13", "2026-1", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := credit.ParseMonth(s)
		if err != nil {
			require.ErrorIs(t, err, credit.ErrMonth)
			return
		}
		assert.Equal(t, s, m.String())
		assert.Equal(t, m, credit.NewMonth(m.Year(), m.Month()))
		assert.Equal(t, m, credit.MonthOf(m.Start(stockholm), stockholm))
	})
}
