package scheduler_test

import (
	"context"
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/adapters/scheduler"
	"github.com/tjansteresor/tjansteresor/credit"
)

// Closing a month after it has ended, three hours into the 1st. The process
// was down in February and March and catches up.
func ExampleScheduler_RunDue() {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, time.April, 17, 9, 0, 0, 0, zone)
	s, err := scheduler.New(scheduler.Config{
		Store: memory.New(memory.Options{}),
		Owner: "web-1",
		Zone:  zone,
		Clock: func() time.Time { return now },
	}, scheduler.Job{
		Name:  "close-month",
		Spec:  "0 3 1 * *",
		Since: time.Date(2026, time.January, 15, 0, 0, 0, 0, zone),
		Run: func(_ context.Context, period time.Time) error {
			fmt.Println("close", credit.MonthOf(period, zone)-1)
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 { // the second time nothing is due
		report, err := s.RunDue(context.Background())
		fmt.Println(len(report.Finished), "finished", err)
	}
	// Output:
	// close 2026-01
	// close 2026-02
	// close 2026-03
	// 3 finished <nil>
	// 0 finished <nil>
}

// A host that runs its jobs in the background, until it stops.
func ExampleScheduler_Run() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	s, err := scheduler.New(scheduler.Config{Store: memory.New(memory.Options{}), Owner: "web-1"}, scheduler.Job{
		Name:       "expire",
		Spec:       "*/5 * * * *",
		Since:      time.Now().Add(-time.Hour),
		MaxCatchUp: 1, // each run does all that there is to do
		Run: func(context.Context, time.Time) error {
			fmt.Println("expire what was abandoned")
			stop() // the host stops, some day
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Run(ctx))
	// Output:
	// expire what was abandoned
	// context canceled
}

// Hours that daylight saving time skips or repeats are refused.
func ExampleNew() {
	_, err := scheduler.New(scheduler.Config{
		Store: memory.New(memory.Options{}),
		Owner: "web-1",
		Clock: func() time.Time { return time.Date(2026, time.January, 10, 8, 0, 0, 0, time.UTC) },
	}, scheduler.Job{
		Name:  "report",
		Spec:  "30 2 * * *",
		Since: time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC),
		Run:   func(context.Context, time.Time) error { return nil },
	})
	fmt.Println(err)
	// Output:
	// Job "report", Spec "30 2 * * *": Europe/Stockholm has the hour from 02:00 to 02:59 skipped on 2026-03-29, and the job with it; name another hour
}
