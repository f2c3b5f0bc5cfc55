package scheduler

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Job is something that is to be done once in every period.
type Job struct {
	// Name is the stable name under which the store remembers the job.
	Name string
	// Spec says when the job is due: minute, hour, day of month, month, day of
	// week. "0 0 1 * *" is midnight on the 1st.
	Spec string
	// Since is the instant from which on periods are due, inclusive, such as
	// when the operator went live. Periods before it are never run. Required:
	// without it a process could not tell the first period from one that was
	// missed.
	Since time.Time
	// MaxCatchUp bounds how many missed periods are run, the newest ones; those
	// before them are skipped. 1 suits a job whose every run does all that
	// there is to do. Defaults to all.
	MaxCatchUp int
	// Run does what is to be done in the period that was due at an instant, in
	// UTC. It must bear to be run again after it has failed or was cut off, and
	// return when its context is done. It must not call RunDue of its own
	// scheduler, which waits for it. Its error is logged: it must hold no
	// personal data.
	Run func(ctx context.Context, period time.Time) error
}

// job is a Job whose spec is parsed.
type job struct {
	Job
	schedule *cron.SpecSchedule
}

func (j Job) parse(zone *time.Location, now time.Time) (job, error) {
	field := func(name string) string { return fmt.Sprintf("Job %q, %s", j.Name, name) }
	switch {
	case j.Run == nil:
		return job{}, invalid(field("Run"), "", "is required")
	case j.Since.IsZero():
		return job{}, invalid(field("Since"), "", "is required")
	case j.MaxCatchUp < 0:
		return job{}, invalid(field("MaxCatchUp"), strconv.Itoa(j.MaxCatchUp), "must not be negative")
	}
	schedule, reason := parseSpec(j.Spec, zone, now)
	if reason != "" {
		return job{}, invalid(field("Spec"), j.Spec, reason)
	}
	return job{Job: j, schedule: schedule}, nil
}

// parseSpec reads a spec in a zone, or says what is wrong with it.
func parseSpec(spec string, zone *time.Location, now time.Time) (*cron.SpecSchedule, string) {
	if strings.Contains(spec, "TZ=") {
		return nil, "the zone is set by Config.Zone"
	}
	parsed, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, err.Error()
	}
	schedule, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, "@every has no instants that several machines could agree on; name minutes or hours"
	}
	schedule.Location = zone
	if schedule.Next(now).IsZero() {
		return nil, "names no instant"
	}
	return schedule, shifts(schedule, zone, now)
}

const everyHour = 1<<24 - 1

// shifts says which hour of a schedule the zone skips or repeats within two
// years, or "". A job of every hour is safe: it runs once in every real hour.
func shifts(schedule *cron.SpecSchedule, zone *time.Location, now time.Time) string {
	if schedule.Hour&everyHour == everyHour {
		return ""
	}
	for at, end := now.In(zone), now.AddDate(2, 0, 0); at.Before(end); {
		_, change := at.ZoneBounds()
		switch {
		case change.IsZero():
			return ""
		case !change.After(at):
			// In zones that go by a rule, ZoneBounds ends the last day of a
			// leap year before it begins.
			at = at.Add(24 * time.Hour)
			continue
		}
		at = change
		// The clocks jump from one wall-clock time to another; what lies
		// between is skipped or repeated. Both are written as if in UTC.
		_, before := change.Add(-1).Zone()
		_, after := change.Zone()
		wall := func(offset int) time.Time { return change.UTC().Add(time.Duration(offset) * time.Second) }
		how := "skipped"
		if after < before {
			how = "repeated"
		}
		last := wall(max(before, after))
		for t := wall(min(before, after)); t.Before(last); t = t.Truncate(time.Hour).Add(time.Hour) {
			if schedule.Hour&(1<<t.Hour()) != 0 {
				return fmt.Sprintf("%s has the hour from %02d:00 to %02[2]d:59 %s on %s, and the job with it; name another hour",
					zone, t.Hour(), how, t.Format(time.DateOnly))
			}
		}
	}
	return ""
}

// due returns the period that is to be run next, after the last one that is
// finished.
func (j job) due(last, now time.Time) (time.Time, bool) {
	// Next is strictly later, so a period at Since itself follows the instant
	// before.
	after := j.Since.Add(-1)
	if last.After(after) {
		after = last
	}
	var missed []time.Time
	for t := j.schedule.Next(after.UTC()); !t.IsZero() && !t.After(now); t = j.schedule.Next(t) {
		if j.MaxCatchUp == 0 {
			return t, true
		}
		if len(missed) == j.MaxCatchUp {
			missed = missed[1:]
		}
		missed = append(missed, t)
	}
	if len(missed) == 0 {
		return time.Time{}, false
	}
	return missed[0], true
}
