package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Config is what a [Scheduler] needs. Only Store and Owner are required.
type Config struct {
	// Store knows what is finished and who is running what.
	Store travel.JobStore
	// Owner names this process; no two that run at the same time may share it.
	// A process that takes the name of one that died goes on with its periods
	// at once.
	Owner string
	// Zone is where the specs are read. Defaults to Europe/Stockholm.
	Zone *time.Location
	// Clock tells the instant. Defaults to time.Now.
	Clock func() time.Time
	// LeaseFor is how long a run may take. Defaults to 15 minutes.
	LeaseFor time.Duration
	// Tick is how often [Scheduler.Run] looks for what is due. Defaults to a
	// minute.
	Tick time.Duration
	// Logger hears of runs and failures. Defaults to silence.
	Logger *slog.Logger
}

// Scheduler runs jobs when they are due. It is safe for concurrent use; its
// runs happen one after the other.
type Scheduler struct {
	config Config
	jobs   []job
	// busy holds one token while jobs are being run.
	busy chan struct{}
}

const (
	defaultZone  = "Europe/Stockholm"
	defaultLease = 15 * time.Minute
	defaultTick  = time.Minute
)

// New returns a scheduler of jobs; it starts nothing. The error is a
// [*travel.InputError] that names the field or the job.
func New(c Config, jobs ...Job) (*Scheduler, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	s := &Scheduler{config: c, busy: make(chan struct{}, 1)}
	names := map[string]bool{}
	for i, j := range jobs {
		if j.Name == "" {
			return nil, invalid(fmt.Sprintf("Jobs[%d].Name", i), "", "is required")
		}
		if names[j.Name] {
			return nil, invalid(fmt.Sprintf("Jobs[%d].Name", i), j.Name, "is taken by an earlier job")
		}
		names[j.Name] = true
		parsed, err := j.parse(c.Zone, c.Clock())
		if err != nil {
			return nil, err
		}
		s.jobs = append(s.jobs, parsed)
	}
	return s, nil
}

func invalid(field, value, reason string) error {
	return &travel.InputError{Field: field, Value: value, Reason: reason}
}

// complete checks the configuration and sets what is left out.
func (c *Config) complete() error {
	switch {
	case c.Store == nil:
		return invalid("Config.Store", "", "is required")
	case c.Owner == "":
		return invalid("Config.Owner", "", "is required")
	case c.LeaseFor < 0:
		return invalid("Config.LeaseFor", c.LeaseFor.String(), "must be more than 0")
	case c.Tick < 0:
		return invalid("Config.Tick", c.Tick.String(), "must be more than 0")
	}
	if c.Zone == nil {
		zone, err := time.LoadLocation(defaultZone)
		if err != nil {
			return &travel.InputError{Field: "Config.Zone", Reason: "no time zone database; set Zone or import time/tzdata", Err: err}
		}
		c.Zone = zone
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.LeaseFor == 0 {
		c.LeaseFor = defaultLease
	}
	if c.Tick == 0 {
		c.Tick = defaultTick
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Run runs what is due now and then at every tick, until the context is done,
// and returns its error. What fails is logged and tried again at the next
// tick. It starts no goroutine: the host does, or waits.
func (s *Scheduler) Run(ctx context.Context) error {
	ticker := time.NewTicker(s.config.Tick)
	defer ticker.Stop()
	for {
		// The report is for callers of RunDue; here the log has told it all.
		_, _ = s.RunDue(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
