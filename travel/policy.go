package travel

import (
	"fmt"
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
)

// Policy restricts what may be bought. Every field that is empty restricts
// nothing (R05, R41).
type Policy struct {
	// Products lists the codes of the products that may be bought.
	Products []string
	// Regions lists the regions to which tickets may be bought.
	Regions []string
	// Hours lists when purchases may be made, in the operator's zone.
	Hours []Hours
}

// Hours is a part of the week.
type Hours struct {
	// Days lists the weekdays; empty means all.
	Days []time.Weekday
	// From and To are minutes after midnight, From inclusive, To exclusive;
	// both 0 means the whole day. To before From reaches into the next day.
	From, To int
}

// refuse names the first reason against buying these tickets at an instant,
// or "".
func (p *Policy) refuse(tickets []TicketLine, at time.Time) credit.DeclineCode {
	if p == nil {
		return ""
	}
	for _, t := range tickets {
		if len(p.Products) > 0 && !slices.Contains(p.Products, t.Ticket.Product) {
			return credit.ProductNotAllowed
		}
		if len(p.Regions) > 0 && !slices.Contains(p.Regions, t.Ticket.Region) {
			return credit.RegionNotAllowed
		}
	}
	if !p.open(at) {
		return credit.HourNotAllowed
	}
	return ""
}

// open tells whether purchases may be made at a local time.
func (p *Policy) open(local time.Time) bool {
	return p == nil || len(p.Hours) == 0 || slices.ContainsFunc(p.Hours, func(h Hours) bool { return h.contain(local) })
}

// opens returns the earliest instant from a local time on at which purchases
// may be made under all of the policies, or the zero time: hours that never
// meet. Hours begin at midnight or at a From, and come again after a week.
func opens(local time.Time, policies ...*Policy) time.Time {
	open := func(t time.Time) bool {
		return !slices.ContainsFunc(policies, func(p *Policy) bool { return !p.open(t) })
	}
	if open(local) {
		return local
	}
	minutes := []int{0}
	for _, p := range policies {
		if p != nil {
			for _, h := range p.Hours {
				minutes = append(minutes, h.From)
			}
		}
	}
	slices.Sort(minutes)
	for day := range 9 {
		for _, m := range minutes {
			t := time.Date(local.Year(), local.Month(), local.Day()+day, 0, m, 0, 0, local.Location())
			if t.After(local) && open(t) {
				return t
			}
		}
	}
	return time.Time{}
}

// contain tells whether a local time lies in h.
func (h Hours) contain(local time.Time) bool {
	minute := local.Hour()*60 + local.Minute()
	day := local.Weekday()
	switch {
	case h.From == h.To:
		return h.on(day)
	case h.From < h.To:
		return h.on(day) && h.From <= minute && minute < h.To
	case minute >= h.From:
		return h.on(day)
	default:
		return minute < h.To && h.on((day+6)%7)
	}
}

func (h Hours) on(day time.Weekday) bool { return len(h.Days) == 0 || slices.Contains(h.Days, day) }

const minutesOfDay = 24 * 60

// check refuses a policy that says nothing sensible.
func (p *Policy) check() error {
	if p == nil {
		return nil
	}
	for i, h := range p.Hours {
		if h.From < 0 || h.From >= minutesOfDay || h.To < 0 || h.To > minutesOfDay {
			return invalid(fmt.Sprintf("Policy.Hours[%d]", i), fmt.Sprintf("%d-%d", h.From, h.To), "must be minutes of a day, 0 to 1440")
		}
		for _, d := range h.Days {
			if d < time.Sunday || d > time.Saturday {
				return invalid(fmt.Sprintf("Policy.Hours[%d].Days", i), fmt.Sprint(int(d)), "must be 0 to 6")
			}
		}
	}
	for _, list := range [][]string{p.Products, p.Regions} {
		for _, s := range list {
			if err := checkText("Policy", s, maxText); err != nil {
				return err
			}
		}
	}
	return nil
}
