package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/scheduler"
	"github.com/tjansteresor/tjansteresor/travel"
)

const liveSetting = "live since"

// newJobs says what is to be done when. What each job finds to do is stored, so
// that a run does all there is, and missed periods need no run of their own.
func (a *App) newJobs(ctx context.Context, owner string) (*scheduler.Scheduler, error) {
	since, err := a.liveSince(ctx)
	if err != nil {
		return nil, err
	}
	job := func(name, spec string, run func(context.Context) error) scheduler.Job {
		return scheduler.Job{Name: name, Spec: spec, Since: since, MaxCatchUp: 1, Run: func(ctx context.Context, _ time.Time) error {
			return run(ctx)
		}}
	}
	const tick = 5 * time.Second
	return scheduler.New(scheduler.Config{
		Store: a.db.store, Owner: owner, Zone: a.clock.zone, Clock: a.clock.now, Tick: tick, Logger: a.log,
	},
		job("expire-reservations", "* * * * *", a.expire),
		job("drive-payments", "* * * * *", a.drivePayments),
		job("close-months", "2 * * * *", a.closeMonths),
		job("deliver-documents", "* * * * *", a.deliver),
		job("audit", "15 4 * * *", a.auditDaily),
	)
}

// liveSince is when the backend ran for the first time.
func (a *App) liveSince(ctx context.Context) (time.Time, error) {
	stored, err := a.db.setting(ctx, liveSetting)
	if err != nil {
		return time.Time{}, err
	}
	if stored == "" {
		now := a.clock.now()
		return now, a.db.setSetting(ctx, liveSetting, now.Format(time.RFC3339Nano))
	}
	return time.Parse(time.RFC3339Nano, stored)
}

func (a *App) expire(ctx context.Context) error {
	_, err := a.trips.ExpireDue(ctx)
	return errors.Join(err, a.users.forget(ctx))
}

func (a *App) drivePayments(ctx context.Context) error {
	_, err := a.trips.DrivePayments(ctx)
	return err
}

func (a *App) closeMonths(ctx context.Context) error {
	report, err := a.bills.CloseDue(ctx)
	for _, c := range report.Aside {
		a.log.WarnContext(ctx, "a month is set aside", "company", c.Company, "month", c.Month, "reason", c.Reason)
	}
	return err
}

func (a *App) deliver(ctx context.Context) error {
	_, err := a.bills.DeliverDue(ctx)
	return err
}

// auditDaily tells of drift once a day. It is no failure of the job, which would
// only find it again.
func (a *App) auditDaily(ctx context.Context) error {
	drifts, err := a.audit(ctx)
	for _, d := range drifts {
		a.log.ErrorContext(ctx, "the books do not add up", "drift", d.String())
	}
	return err
}

// audit recomputes everything: the library's accounts and documents, and whether
// every purchase has its tickets. What is bought meanwhile may look like drift,
// so it looks again.
func (a *App) audit(ctx context.Context) (drifts []travel.Drift, err error) {
	const looks = 3
	for range looks {
		if drifts, err = a.auditOnce(ctx); err != nil || len(drifts) == 0 {
			return drifts, err
		}
	}
	return drifts, nil
}

func (a *App) auditOnce(ctx context.Context) ([]travel.Drift, error) {
	ofTrips, err := a.trips.Audit(ctx)
	if err != nil {
		return nil, err
	}
	ofBills, err := a.bills.Audit(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.issuer.runDue(ctx); err != nil {
		return nil, err
	}
	ofTickets, err := a.auditTickets(ctx)
	return append(append(ofTrips, ofBills...), ofTickets...), err
}

// auditTickets compares the host's tickets with the library's entries: what was
// captured is what was issued, to the öre.
func (a *App) auditTickets(ctx context.Context) ([]travel.Drift, error) {
	issued, err := a.issuedByPurchase(ctx)
	if err != nil {
		return nil, err
	}
	captured := map[string]int64{}
	var drifts []travel.Drift
	companies, err := a.trips.Companies(ctx, operator, "", travel.CompanyID{}, 0)
	if err != nil {
		return nil, err
	}
	for _, c := range companies {
		for e, err := range a.db.store.Entries(ctx, travel.EntryQuery{Company: c.ID, Kind: travel.EntryCapture}) {
			if err != nil {
				return nil, err
			}
			captured[e.Authorization.String()] += int64(e.Gross)
		}
		for id, amount := range captured {
			if issued[id] != amount {
				drifts = append(drifts, travel.Drift{
					Company: c.ID, Subject: id, Invariant: "I2", Detail: fmt.Sprintf("captured %d öre, tickets of %d öre", amount, issued[id]),
				})
			}
			delete(issued, id)
		}
		clear(captured)
	}
	for id := range issued {
		drifts = append(drifts, travel.Drift{Subject: id, Invariant: "I2", Detail: "tickets without a purchase"})
	}
	return drifts, nil
}

// issuedByPurchase sums what the tickets cost, by authorization.
func (a *App) issuedByPurchase(ctx context.Context) (map[string]int64, error) {
	rows, err := a.db.QueryContext(ctx, `SELECT o."authorization", CAST(SUM(t.amount) AS BIGINT) FROM orders o JOIN tickets t ON t.order_id = o.id
		WHERE o."authorization" IS NOT NULL GROUP BY o."authorization"`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	issued := map[string]int64{}
	for rows.Next() {
		var id string
		var amount int64
		if err := rows.Scan(&id, &amount); err != nil {
			return nil, err
		}
		issued[id] = amount
	}
	return issued, rows.Err()
}

// catchUp runs everything that is due now, after the clock was moved.
func (a *App) catchUp(ctx context.Context) error {
	_, err := a.jobs.RunDue(ctx)
	return errors.Join(err, a.settle(ctx))
}
