package storetest

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

const (
	claims = "ClaimJob takes a job for one of its periods, for an owner until an instant. It is false when the period or a " +
		"later one is finished, or another owner holds the job beyond Now."
	freshToken = "A claim that has ended is taken over, with a fresh Token."
	finishes   = "FinishJob marks the claimed period finished, for good, and lets the job go."
	lost       = "A claim that was taken over meanwhile is [ErrLeaseLost]."
)

var jobCases = []Case{
	{"jobs/last", "LastJob returns the newest period of a job that is finished; the zero time when there is none.",
		needsJobs, (*check).jobsLast},
	{"jobs/claim", claims, needsJobs, (*check).jobsClaim},
	{"jobs/claim-at-once", claims, needsJobs, (*check).jobsClaimAtOnce},
	{"jobs/taken-over", freshToken, needsJobs, (*check).jobsTakenOver},
	{"jobs/token", "Token fences: it grows with every claim of the job.", needsJobs, (*check).jobsToken},
	{"jobs/finish", finishes, needsJobs, (*check).jobsFinish},
	{"jobs/lost", lost, needsJobs, (*check).jobsLost},
}

func claim(owner string, period, now time.Time) travel.JobClaim {
	return travel.JobClaim{Job: "close", Period: period, Owner: owner, Now: now, Until: now.Add(time.Minute)}
}

// claimed tries to claim and checks whether it is given.
func (c *check) claimed(what string, want travel.JobClaim, given bool) travel.JobClaim {
	c.Helper()
	got, ok, err := c.Jobs.ClaimJob(c.ctx, want)
	c.must("ClaimJob", err)
	if ok != given {
		c.Fatalf("ClaimJob %s: given %t, want %t", what, ok, given)
	}
	if ok {
		want.Token = got.Token
		c.equal("claim", got, want)
	}
	return got
}

func (c *check) finish(claim travel.JobClaim) {
	c.Helper()
	c.must("FinishJob", c.Jobs.FinishJob(c.ctx, claim))
}

func (c *check) last(job string, want time.Time) {
	c.Helper()
	got, err := c.Jobs.LastJob(c.ctx, job)
	c.must("LastJob", err)
	c.equal("last period of "+job, got, want)
}

func (c *check) jobsLast() {
	c.last("close", time.Time{})
	first := c.claimed("of a free job", claim("a", start, start), true)
	c.last("close", time.Time{})
	c.finish(first)
	c.last("close", start)
	newer := c.claimed("of a newer period", claim("a", start.Add(time.Hour), start), true)
	c.last("close", start)
	c.finish(newer)
	c.last("close", newer.Period)
	c.last("expire", time.Time{})
}

func (c *check) jobsClaim() {
	first := c.claimed("of a free job", claim("a", start, start), true)
	c.claimed("of another owner a microsecond before the end", claim("b", start, first.Until.Add(-time.Microsecond)), false)
	c.claimed("of another owner for another period", claim("b", start.Add(time.Hour), start), false)
	other := claim("b", start, start)
	other.Job = "expire"
	c.claimed("of another job", other, true)
	again := c.claimed("of the same owner", claim("a", start, start), true)
	c.finish(again)
	c.claimed("of a period that is finished", claim("a", start, start.Add(time.Hour)), false)
	c.claimed("of another owner, finished", claim("b", start, start.Add(time.Hour)), false)
	c.claimed("of a period before one that is finished", claim("a", start.Add(-time.Hour), start), false)
	c.claimed("of a newer period by another owner, since the job was let go", claim("b", start.Add(time.Hour), start), true)
}

func (c *check) jobsClaimAtOnce() {
	const jobs, goroutines = 20, 4
	for p := range jobs {
		var given atomic.Int64
		c.together(goroutines, func(i int) error {
			one := claim(fmt.Sprint(i), start, start)
			one.Job = fmt.Sprint("job", p)
			_, ok, err := c.Jobs.ClaimJob(c.ctx, one)
			if ok {
				given.Add(1)
			}
			return err
		})
		if n := given.Load(); n != 1 {
			c.Fatalf("%d of %d owners were given one job", n, goroutines)
		}
	}
}

func (c *check) jobsTakenOver() {
	first := c.claimed("of a free period", claim("a", start, start), true)
	second := c.claimed("of another owner when the claim ends", claim("b", start, first.Until), true)
	if second.Token == first.Token {
		c.Errorf("both claims have token %d", first.Token)
	}
	c.claimed("of the first owner after that", claim("a", start, first.Until), false)
}

func (c *check) jobsToken() {
	var token int64
	for i := range 4 {
		got := c.claimed("of the same owner", claim("a", start, start.Add(time.Duration(i)*time.Second)), true)
		if got.Token <= token {
			c.Errorf("claim %d has token %d after %d", i+1, got.Token, token)
		}
		token = got.Token
	}
}

func (c *check) jobsFinish() {
	first := c.claimed("of a free period", claim("a", start, start), true)
	c.finish(first)
	c.claimed("long after it was finished", claim("b", start, start.AddDate(1, 0, 0)), false)
	c.last("close", start)
	c.fails("FinishJob of a period that was never claimed", c.Jobs.FinishJob(c.ctx, claim("a", start.Add(time.Hour), start)), travel.ErrLeaseLost)
	c.last("close", start)
}

func (c *check) jobsLost() {
	first := c.claimed("of a free period", claim("a", start, start), true)
	second := c.claimed("of another owner when the claim ends", claim("b", start, first.Until), true)
	c.fails("FinishJob of the first owner", c.Jobs.FinishJob(c.ctx, first), travel.ErrLeaseLost)
	c.last("close", time.Time{})
	c.finish(second)
	c.last("close", start)
}
