// Package scheduler runs jobs at the times that cron specs name, each period
// once, however many machines run the same jobs and however long all of them
// were down.
//
//	s, err := scheduler.New(scheduler.Config{Store: store, Owner: "web-1"}, scheduler.Job{
//		Name: "close-month", Spec: "0 0 1 * *", Since: goLive,
//		Run: func(ctx context.Context, period time.Time) error { ... },
//	})
//	go s.Run(ctx)
//
// # Periods
//
// A period is an instant at which a job is due. What is due is not kept in
// memory: it is what the spec names between the newest period that
// travel.JobStore knows as finished and now. So a process that was down at
// midnight catches up when it starts, and so does one that sleeps over three
// month ends: the periods come one after the other, in order. A period that is
// finished never runs again, on any machine.
//
// Nothing in this library needs a job to run on time: credit is reset without
// one (R18), and reservations expire without one (R27).
//
// # Claims
//
// Before a job runs, its period is claimed for the [Config.Owner] until
// [Config.LeaseFor] has passed. When the owner dies, another takes the period
// over after that. The context of a run ends with its lease, so that two
// owners do not run one period at the same time; still, a run that has begun
// may have been cut off anywhere, and the next begins it anew: jobs must bear
// to be run again. Clocks of the machines should agree better than a lease is
// long.
//
// A job that fails, or panics, is tried again at the next tick, by its owner at
// once and by others when the lease has ended. Its later periods wait; other
// jobs do not.
//
// # Time
//
// Specs are read in [Config.Zone] and have the five usual fields, or are
// @hourly, @daily, @weekly, @monthly or @yearly. Hours that the zone skips or
// repeats when it changes to or from daylight saving time, such as 02:00 to
// 02:59 in Sweden, are refused, unless a job runs every hour. Midnight is safe
// there.
//
// The zone comes from the host's time zone database; import time/tzdata where
// there may be none.
package scheduler
