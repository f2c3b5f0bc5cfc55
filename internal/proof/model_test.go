package proof

import (
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// month is a calendar month as people write it: 2026-01.
type month string

func monthAt(at time.Time) month { return month(at.In(zone).Format("2006-01")) }

// start returns the first instant of the month that is n months later.
func (m month) start(n int) time.Time {
	first, err := time.ParseInLocation("2006-01", string(m), zone)
	if err != nil {
		panic(err)
	}
	return time.Date(first.Year(), first.Month()+time.Month(n), 1, 0, 0, 0, 0, zone)
}

func (m month) plus(n int) month { return monthAt(m.start(n)) }

// status is what has become of a buy.
type status string

const (
	reserved  status = "reserved"
	capturing status = "capturing"
	captured  status = "captured"
	released  status = "released"
	expired   status = "expired"
)

// buy is one purchase of the model.
type buy struct {
	id         travel.AuthorizationID
	connection travel.ConnectionID
	month      month
	deadline   time.Time
	status     status
	// limit is the one that was in force.
	limit int64
	// lines are the prices of the tickets, as reserved and later as captured;
	// back is what was given back of each, giving what is being given back.
	lines, back, giving []int64
	credits             []credited
	// What the specification will say.
	tickets         []travel.Ticket
	department      *department
	departmentName  string
	person, purpose string
}

// credited is one refund, and the month in whose close it counts.
type credited struct {
	month month
	back  []int64
}

// credit gives something back, which counts in the close of a month.
func (b *buy) credit(m month, back []int64) {
	for i, g := range back {
		b.back[i] += g
	}
	b.credits = append(b.credits, credited{m, back})
}

func sum(v []int64) (total int64) {
	for _, a := range v {
		total += a
	}
	return total
}

// live tells whether the buy holds credit that is not used yet.
func (b *buy) live(at time.Time) bool {
	return b.status == capturing || b.status == reserved && at.Before(b.deadline)
}

// left returns what can be given back of each ticket.
func (b *buy) left() []int64 {
	left := make([]int64, len(b.lines))
	if b.status == captured {
		for i := range left {
			left[i] = b.lines[i] - b.back[i] - b.giving[i]
		}
	}
	return left
}

// maxima are what operator and company allow; 0 is no bound.
type maxima struct{ operator, ceiling, company int64 }

func (m maxima) cap(limit int64) int64 {
	for _, bound := range []int64{m.operator, m.ceiling, m.company} {
		if bound > 0 && bound < limit {
			limit = bound
		}
	}
	return limit
}

// maxOpen is how many purchases a traveler may have begun.
const maxOpen = 3

// department is a part of the company; nil is none.
type department struct {
	id              travel.DepartmentID
	name, reference string
}

// account is a traveler as somebody with paper and pencil would keep one: a
// list of purchases, and nothing that is not added up when it is asked for.
type account struct {
	id     travel.TravelerID
	number travel.PhoneNumber
	// name and department are those that the next purchase will have.
	name       string
	department *department
	// connection is the newest one, in state "", pending, active or ended.
	connection travel.ConnectionID
	state      travel.ConnectionState
	device     string

	limit, raise int64
	raisedUntil  time.Time
	frozen       bool
	// closed is the last month that is closed.
	closed month
	buys   []*buy
}

func (a *account) holder(f firm) travel.Holder {
	return travel.Holder{
		Method: travel.PaymentMethod{Company: f.id, Traveler: a.id, Connection: a.connection},
		Device: a.device, Number: a.number,
	}
}

func (a *account) connected() bool {
	return a.state == travel.ConnectionPending || a.state == travel.ConnectionActive
}

// give sets the limit. A lower one counts at once: it ends a temporary one.
func (a *account) give(limit int64) {
	if limit < a.limit {
		a.raise, a.raisedUntil = 0, time.Time{}
	}
	a.limit = limit
}

func (a *account) limitAt(at time.Time, m maxima) int64 {
	limit := a.limit
	if at.Before(a.raisedUntil) && a.raise > limit {
		limit = a.raise
	}
	return m.cap(limit)
}

func (a *account) used(m month) (total int64) {
	for _, b := range a.buys {
		if b.month == m && b.status == captured {
			total += sum(b.lines) - sum(b.back)
		}
	}
	return total
}

func (a *account) reserved(m month, at time.Time) (total int64) {
	for _, b := range a.buys {
		if b.month == m && b.live(at) {
			total += sum(b.lines)
		}
	}
	return total
}

func (a *account) open(at time.Time) (n int) {
	for _, b := range a.buys {
		if b.live(at) {
			n++
		}
	}
	return n
}

// available is what can be bought for at an instant, as far as the limit goes.
func (a *account) available(at time.Time, m maxima) int64 {
	now := monthAt(at)
	if a.over(now) {
		return 0
	}
	return max(0, a.limitAt(at, m)-a.used(now)-a.reserved(now, at))
}

// over tells whether nothing can be bought in a month any more: it is closed,
// or two months older than the newest in which anything was bought, to which
// only a clock that is wrong comes back.
func (a *account) over(m month) bool {
	if m <= a.closed {
		return true
	}
	for _, b := range a.buys {
		if b.status == captured && m.plus(1) < b.month {
			return true
		}
	}
	return false
}

// billing is the month in whose close a refund of now counts (R43): netted in
// the month of the purchase, or credited after that is closed.
func (a *account) billing(b *buy, now time.Time) month {
	if b.month > a.closed {
		return b.month
	}
	return max(monthAt(now), a.closed.plus(1))
}

// sweep ends what is past its deadline: a request to buy has seen that it is.
func (a *account) sweep(at time.Time) {
	for _, b := range a.buys {
		if b.status == reserved && !b.live(at) {
			b.status = expired
		}
	}
}

// end takes the connection away.
func (a *account) end(at time.Time) {
	if !a.connected() {
		return
	}
	a.sweep(at)
	for _, b := range a.buys {
		if b.status == reserved {
			b.status = released
		}
	}
	a.state = travel.ConnectionEnded
}

// codes are the reasons that would all be right.
type codes map[credit.DeclineCode]bool

func (c codes) add(when bool, code credit.DeclineCode) {
	if when {
		c[code] = true
	}
}

// stranger finds the reasons why a holder is not the traveler.
func (a *account) stranger(h travel.Holder) codes {
	c := codes{}
	switch {
	case h.Method.Connection != a.connection || !a.connected():
		c[credit.NotConnected] = true
	case a.state == travel.ConnectionPending:
		c[credit.NotActivated] = true
	default:
		c.add(h.Number != a.number, credit.OtherNumber)
		c.add(h.Device != a.device, credit.OtherDevice)
	}
	return c
}

// refuse finds the reasons against buying for an amount; with none it passes.
func (a *account) refuse(h travel.Holder, amount int64, at time.Time, m maxima) codes {
	if c := a.stranger(h); len(c) > 0 {
		return c
	}
	return a.short(amount, at, m)
}

// short finds the reasons that the credit has.
func (a *account) short(amount int64, at time.Time, m maxima) codes {
	c := codes{}
	limit := a.limitAt(at, m)
	c.add(a.over(monthAt(at)), credit.MonthClosed)
	c.add(a.frozen, credit.AccountFrozen)
	c.add(limit == 0, credit.NoLimit)
	c.add(limit > 0 && amount > limit-a.used(monthAt(at))-a.reserved(monthAt(at), at), credit.LimitExceeded)
	c.add(a.open(at) >= maxOpen, credit.TooManyOpen)
	return c
}

// refuseCapture finds the reasons against capturing prices of a buy.
func (a *account) refuseCapture(h travel.Holder, b *buy, prices []int64, at time.Time) codes {
	if c := a.stranger(h); len(c) > 0 {
		return c
	}
	if b.connection != a.connection {
		return codes{credit.NotConnected: true}
	}
	c := codes{}
	switch b.status {
	case captured:
		c[credit.AlreadyCaptured] = true
	case capturing:
		c[credit.CaptureBegun] = true
	case released:
		c[credit.AuthorizationReleased] = true
	case expired:
		c[credit.AuthorizationExpired] = true
	case reserved:
		c.add(!b.live(at), credit.AuthorizationExpired)
		c.add(b.month <= a.closed, credit.MonthClosed)
		for i, p := range prices {
			c.add(p > b.lines[i], credit.ExceedsAuthorization)
		}
	}
	return c
}

// refuseRefund finds the reasons against giving amounts back.
func (b *buy) refuseRefund(back []int64) codes {
	c := codes{}
	left := b.left()
	c.add(b.status != captured, credit.NotCaptured)
	c.add(b.status == captured && sum(left) == 0, credit.ExceedsCaptured)
	for i, a := range back {
		c.add(b.status == captured && a > left[i], credit.ExceedsCaptured)
	}
	return c
}
