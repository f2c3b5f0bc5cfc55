package scheduler_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/scheduler"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestSpecsThatAreRefused(t *testing.T) {
	t.Parallel()
	now := local(2026, time.January, 10, 8, 0)
	const skipped = "Europe/Stockholm has the hour from 02:00 to 02:59 skipped on 2026-03-29, and the job with it; name another hour"
	for _, c := range []struct{ name, zone, spec, reason string }{
		{"in the night of the shift", "Europe/Stockholm", "30 2 * * *", skipped},
		{"at the stroke of it", "Europe/Stockholm", "0 2 1 * *", skipped},
		{"at the end of it", "Europe/Stockholm", "59 2 * * 1", skipped},
		{"among other hours", "Europe/Stockholm", "0 */2 * * *", skipped},
		{"in a range", "Europe/Stockholm", "15 1-3 * * *", skipped},
		{"London's own hour", "Europe/London", "0 1 * * *",
			"Europe/London has the hour from 01:00 to 01:59 skipped on 2026-03-29, and the job with it; name another hour"},
		{"the southern autumn comes first", "America/Santiago", "30 23 * * *",
			"America/Santiago has the hour from 23:00 to 23:59 repeated on 2026-04-04, and the job with it; name another hour"},
		{"the second of two hours", "Antarctica/Troll", "30 2 * * *",
			"Antarctica/Troll has the hour from 02:00 to 02:59 skipped on 2026-03-29, and the job with it; name another hour"},
		{"half an hour is enough", "Australia/Lord_Howe", "0 2 * * *",
			"Australia/Lord_Howe has the hour from 02:00 to 02:59 skipped on 2026-10-04, and the job with it; name another hour"},
		{"empty", "Europe/Stockholm", "", "empty spec string"},
		{"too short", "Europe/Stockholm", "0 0 1", "expected exactly 5 fields, found 3: [0 0 1]"},
		{"seconds", "Europe/Stockholm", "0 0 0 1 * *", "expected exactly 5 fields, found 6: [0 0 0 1 * *]"},
		{"no such hour", "Europe/Stockholm", "0 24 * * *", "end of range (24) above maximum (23): 24"},
		{"no such word", "Europe/Stockholm", "@fortnightly", "unrecognized descriptor: @fortnightly"},
		{"no such day", "Europe/Stockholm", "0 0 30 2 *", "names no instant"},
		{"no minute at all", "Europe/Stockholm", ", 0 1 * *", "names no instant"},
		{"a period from anywhere", "Europe/Stockholm", "@every 5m", "@every has no instants that several machines could agree on; name minutes or hours"},
		{"a zone of its own", "Europe/Stockholm", "CRON_TZ=UTC 0 0 1 * *", "the zone is set by Config.Zone"},
		{"a zone without an end", "Europe/Stockholm", "TZ=UTC", "the zone is set by Config.Zone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var r runs
			_, err := scheduler.New(scheduler.Config{
				Store: newStore(), Owner: "web-1", Zone: location(c.zone), Clock: func() time.Time { return now },
			}, r.noting("close-month", c.spec, now))
			require.ErrorIs(t, err, travel.ErrInvalid)
			var input *travel.InputError
			require.ErrorAs(t, err, &input)
			assert.Equal(t, &travel.InputError{Field: `Job "close-month", Spec`, Value: c.spec, Reason: c.reason}, input)
		})
	}
}

func TestSpecsThatAreSafe(t *testing.T) {
	t.Parallel()
	now := local(2026, time.January, 10, 8, 0)
	for _, c := range []struct{ zone, spec string }{
		{"Europe/Stockholm", "0 0 1 * *"}, {"Europe/Stockholm", "@monthly"}, {"Europe/Stockholm", "0 0 29 2 *"},
		{"Europe/Stockholm", "59 1 * * *"}, {"Europe/Stockholm", "0 3 * * *"}, {"Europe/Stockholm", "*/5 * * * *"},
		{"Europe/Stockholm", "@hourly"}, {"Europe/Stockholm", "30 0-23 * * *"}, {"Europe/London", "30 2 * * *"},
		{"UTC", "30 2 * * *"}, {"Asia/Tokyo", "0 */2 * * *"},
	} {
		var r runs
		_, err := scheduler.New(scheduler.Config{
			Store: newStore(), Owner: "web-1", Zone: location(c.zone), Clock: func() time.Time { return now },
		}, r.noting("job", c.spec, now))
		assert.NoError(t, err, "%s in %s", c.spec, c.zone)
	}
}

// The zone database names the changes of some decades; after them it is a rule
// that tells, and the last day of a leap year is a special case of it.
func TestDaylightSavingByRule(t *testing.T) {
	t.Parallel()
	for now, want := range map[time.Time]string{
		local(2040, time.December, 31, 12, 0): "skipped on 2041-03-31",
		local(2099, time.June, 1, 12, 0):      "repeated on 2099-10-25",
	} {
		config := scheduler.Config{Store: newStore(), Owner: "web-1", Zone: stockholm, Clock: func() time.Time { return now }}
		var r runs
		_, err := scheduler.New(config, r.noting("job", "0 0 1 * *", now))
		require.NoError(t, err)
		_, err = scheduler.New(config, r.noting("job", "0 2 1 * *", now))
		require.ErrorIs(t, err, travel.ErrInvalid)
		assert.ErrorContains(t, err, want)
	}
}

func TestConfigThatIsRefused(t *testing.T) {
	t.Parallel()
	nothing := func(context.Context, time.Time) error { return nil }
	since := local(2026, time.January, 1, 0, 0)
	ok := scheduler.Job{Name: "a", Spec: "@hourly", Since: since, Run: nothing}
	for want, c := range map[string]struct {
		config scheduler.Config
		jobs   []scheduler.Job
	}{
		`Config.Store: is required`:                                            {config: scheduler.Config{Owner: "web-1"}},
		`Config.Owner: is required`:                                            {config: scheduler.Config{Store: newStore()}},
		`Config.LeaseFor "-1s": must be more than 0`:                           {config: scheduler.Config{Store: newStore(), Owner: "web-1", LeaseFor: -time.Second}},
		`Config.Tick "-1s": must be more than 0`:                               {config: scheduler.Config{Store: newStore(), Owner: "web-1", Tick: -time.Second}},
		`Jobs[1].Name: is required`:                                            {jobs: []scheduler.Job{ok, {Spec: "@hourly", Since: since, Run: nothing}}},
		`Jobs[1].Name "a": is taken by an earlier job`:                         {jobs: []scheduler.Job{ok, ok}},
		`Job "b", Run: is required`:                                            {jobs: []scheduler.Job{{Name: "b", Spec: "@hourly", Since: since}}},
		`Job "b", Since: is required`:                                          {jobs: []scheduler.Job{{Name: "b", Spec: "@hourly", Run: nothing}}},
		`Job "b", MaxCatchUp "-1": must not be negative`:                       {jobs: []scheduler.Job{{Name: "b", Spec: "@hourly", Since: since, Run: nothing, MaxCatchUp: -1}}},
		`Job "b", Spec "hourly": expected exactly 5 fields, found 1: [hourly]`: {jobs: []scheduler.Job{{Name: "b", Spec: "hourly", Since: since, Run: nothing}}},
	} {
		if c.jobs != nil {
			c.config = scheduler.Config{Store: newStore(), Owner: "web-1"}
		}
		s, err := scheduler.New(c.config, c.jobs...)
		require.ErrorIs(t, err, travel.ErrInvalid)
		assert.EqualError(t, err, want)
		assert.Nil(t, s)
	}
}

// With nothing but what is required, a scheduler reads Swedish time.
func TestConfigDefaults(t *testing.T) {
	t.Parallel()
	var r runs
	yesterday := time.Now().AddDate(0, 0, -1)
	job := r.noting("midnight", "0 0 * * *", yesterday)
	s, err := scheduler.New(scheduler.Config{Store: newStore(), Owner: "web-1"}, job)
	require.NoError(t, err)
	_, err = s.RunDue(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, r.all())
	for _, p := range r.all() {
		assert.Equal(t, "00:00:00", p.At.In(stockholm).Format(time.TimeOnly))
		assert.Equal(t, time.UTC, p.At.Location())
	}
}

// The monthly period is the reset of the credit, to the instant, for decades.
func TestR18_MidnightOnTheFirst(t *testing.T) {
	t.Parallel()
	var r runs
	since := credit.NewMonth(2026, time.January)
	until := since + 12*30
	s := newScheduler(t, scheduler.Config{Store: newStore(), Clock: func() time.Time { return until.Start(stockholm) }},
		r.noting("close-month", "0 0 1 * *", since.Start(stockholm)))
	_, err := s.RunDue(t.Context())
	require.NoError(t, err)
	require.Len(t, r.all(), int(until-since)+1, "R18 every month once, Since and now included")
	for i, p := range r.all() {
		assert.Equal(t, (since + credit.Month(i)).Start(stockholm), p.At, "R18")
	}
}

func TestDaylightSaving(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		day  time.Time
		want map[string][]string
	}{
		{"the clocks go on", local(2026, time.March, 29, 0, 0), map[string][]string{
			"0 0 * * *":    {"2026-03-29 00:00 +0100", "2026-03-30 00:00 +0200"},
			"0 3 * * *":    {"2026-03-29 03:00 +0200"},
			"59 1 * * *":   {"2026-03-29 01:59 +0100"},
			"30 0,3 * * *": {"2026-03-29 00:30 +0100", "2026-03-29 03:30 +0200"},
		}},
		{"the clocks go back", local(2026, time.October, 25, 0, 0), map[string][]string{
			"0 0 * * *":    {"2026-10-25 00:00 +0200", "2026-10-26 00:00 +0100"},
			"0 3 * * *":    {"2026-10-25 03:00 +0100"},
			"59 1 * * *":   {"2026-10-25 01:59 +0200"},
			"30 0,3 * * *": {"2026-10-25 00:30 +0200", "2026-10-25 03:30 +0100"},
		}},
	} {
		for spec, want := range c.want {
			t.Run(c.name+" "+spec, func(t *testing.T) {
				t.Parallel()
				var r runs
				s := newScheduler(t, scheduler.Config{Store: newStore(), Clock: func() time.Time { return c.day.In(stockholm).AddDate(0, 0, 1) }},
					r.noting("job", spec, c.day))
				_, err := s.RunDue(t.Context())
				require.NoError(t, err)
				assert.Equal(t, want, r.of("job"))
			})
		}
		t.Run(c.name+" every hour", func(t *testing.T) {
			t.Parallel()
			var r runs
			end := c.day.In(stockholm).AddDate(0, 0, 1)
			s := newScheduler(t, scheduler.Config{Store: newStore(), Clock: func() time.Time { return end }},
				r.noting("job", "30 * * * *", c.day))
			_, err := s.RunDue(t.Context())
			require.NoError(t, err)
			require.Len(t, r.all(), int(end.Sub(c.day).Hours()), "23 or 25")
			for i, p := range r.all() {
				assert.Equal(t, c.day.Add(time.Duration(i)*time.Hour+30*time.Minute), p.At, "once in every real hour")
			}
		})
	}
}
