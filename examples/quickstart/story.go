package main

import (
	"context"
	"io"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// story is a backend and the people who use it.
type story struct {
	*backend
	page *page

	operator travel.Actor
	company  travel.CompanyID
	admin    travel.Actor

	anna, fatima, maja, noah, ulle *phone
	// trip is Anna's purchase of January.
	trip travel.AuthorizationID

	figures figures
}

// figures are what the story comes to.
type figures struct {
	plan, planAgain, planBad travel.ImportPlan
	imported, importedAgain  travel.ImportResult
	// sent and sentAgain are how many SMS the two imports brought.
	sent, sentAgain int

	// left is what Anna has left of her month: after her purchase, in the last
	// millisecond of January, in the first instant of February, after the refund.
	left struct{ bought, january, february, refunded decimal.Decimal }
	// shortBy is what her second purchase lacked.
	shortBy           decimal.Decimal
	january, february []invoice.Document
	drifts            []travel.Drift
}

// tell tells the chapters one after the other.
func tell(ctx context.Context, w io.Writer) (figures, error) {
	b, err := newBackend()
	if err != nil {
		return figures{}, err
	}
	s := &story{backend: b, page: newPage(w, b.clock), operator: travel.OperatorActor("staff-7")}
	if err := s.follow(); err != nil {
		return figures{}, err
	}
	for _, chapter := range []struct {
		title string
		tell  func(context.Context) error
	}{
		{"A municipality becomes a customer", s.becomeCustomer},
		{"Sixty travelers come from a spreadsheet", s.importTravelers},
		{"A list with mistakes", s.planBadList},
		{"Anna adds company invoice in the app", s.activateAnna},
		{"A code that was not used in time", s.activateLate},
		{"Anna's January", s.annasJanuary},
		{"The others travel too", s.othersJanuary},
		{"The night to 1 February", s.midnight},
		{"January is invoiced", s.closeJanuary},
		{"The specification", s.specification},
		{"A trip is called off", s.refund},
		{"Everything adds up", s.audit},
	} {
		s.page.chapter(chapter.title)
		if err := chapter.tell(ctx); err != nil {
			return s.figures, err
		}
	}
	return s.figures, s.page.close()
}
