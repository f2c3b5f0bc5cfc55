package closing

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Storm lets everything that changes documents happen at once, in several
// offices on one database: January's invoices are issued anew while February is
// closed, tickets of both months are refunded, months are set aside and
// released, and documents are delivered. Afterwards each invoice was canceled
// once, each entry is on one document that stands, numbers have no gaps, every
// document was delivered, and both audits are empty.
func Storm(t *testing.T, db Database) {
	ctx := t.Context()
	name := db.New(t)
	store, done := db.Open(t, name)
	defer done()
	post := &post{taken: map[invoice.DocumentID]int{}}
	open := func(at time.Time) *office {
		o, err := openOffice(store, at, func(c *invoice.Config) { c.Deliverer = post })
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	s := storm{T: t, ctx: ctx, anew: map[invoice.DocumentID]invoice.Reissued{}, wrong: map[travel.CompanyID][]invoice.Document{}}
	february := open(time.Date(2026, 2, 10, 11, 0, 0, 0, time.UTC))
	s.fill(open(time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)), open(closingTime(january)), february)
	s.blow(february, open(closingTime(january+1)), open(closingTime(january+1).Add(time.Second)))
	last := open(closingTime(january + 2))
	s.check(last, post)
	t.Logf("%d invoices were issued anew, %d times a month was just being closed", len(s.anew), s.busy)
}

// storm is what is there before, and what became of it.
type storm struct {
	*testing.T
	ctx   context.Context
	books *books
	// sold are the purchases: of January, and of February.
	sold [2][]buyer
	// wrong are the invoices that are issued anew.
	wrong map[travel.CompanyID][]invoice.Document

	mu     sync.Mutex
	anew   map[invoice.DocumentID]invoice.Reissued
	busy   int
	faults []error
}

func (s *storm) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// fill buys in January, closes it, gives departments other references, buys in
// February, and refunds what February's credit notes are about.
func (s *storm) fill(buying, closing, later *office) {
	s.Helper()
	var err error
	s.books, err = buying.fill(s.ctx, january, 12)
	s.must(err)
	s.sold[0] = slices.Clone(s.books.buyers)
	_, err = closing.bills.CloseDue(s.ctx)
	s.must(err)
	all, err := closing.issued(s.ctx, s.books, january)
	s.must(err)
	for _, d := range all {
		s.wrong[d.Company] = append(s.wrong[d.Company], d)
	}
	for i, c := range s.books.companies {
		var list []travel.Department
		s.must(later.store.View(s.ctx, func(tx travel.Tx) (err error) {
			list, err = tx.Departments(s.ctx, c)
			return err
		}))
		d := list[i%len(list)]
		s.must(later.travel.UpdateDepartment(s.ctx, operator, c, d.ID, travel.DepartmentDetails{Name: d.Name, Reference: "anew"}))
	}
	s.must(later.buy(s.ctx, s.books, january+1))
	s.sold[1] = slices.Clone(s.books.buyers)
	for i := range s.books.companies {
		s.refund(later, i, "before")
	}
	s.must(errors.Join(s.faults...))
}

// blow does everything at once, one company after the other, so that it meets.
// The clock of one office is a month behind.
func (s *storm) blow(offices ...*office) {
	s.Helper()
	for i, c := range s.books.companies {
		var all sync.WaitGroup
		for n, o := range offices {
			all.Go(func() { s.reissue(o, c, offices[1]) })
			all.Go(func() { s.refund(o, i, fmt.Sprint("storm", n)) })
			if n > 0 {
				all.Go(func() { s.close(o, c) })
			}
		}
		all.Go(func() {
			_, err := offices[1].bills.DeliverDue(s.ctx)
			s.fault(err)
		})
		if i%3 == 0 {
			all.Go(func() { s.hold(offices[1], c) })
		}
		all.Wait()
	}
}

// close closes February of a company.
func (s *storm) close(o *office, c travel.CompanyID) {
	report, err := o.bills.Close(s.ctx, invoice.CloseRequest{Month: january + 1, Companies: []travel.CompanyID{c}})
	s.fault(err)
	for _, c := range report.Aside {
		if c.Reason != invoice.ReasonHeld && c.Reason != invoice.ReasonReleased {
			s.fault(fmt.Errorf("company %s was set aside: %w", c.Company, c.Problem()))
		}
	}
}

func (s *storm) fault(err error) {
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults = append(s.faults, err)
	}
}

// reissue issues a company's invoices of January anew, as other offices do too,
// and tries again while a month is being closed.
func (s *storm) reissue(o *office, c travel.CompanyID, closing *office) {
	left := s.wrong[c]
	for tries := 0; len(left) > 0; tries++ {
		var again []invoice.Document
		for _, d := range left {
			again = s.reissueOne(o, d, again)
		}
		if left = again; len(left) > 0 { // it may have been set aside in the middle
			s.close(closing, c)
		}
		if tries == 100 {
			s.fault(fmt.Errorf("invoices of %s could not be issued anew", c))
			return
		}
	}
}

func (s *storm) reissueOne(o *office, d invoice.Document, again []invoice.Document) []invoice.Document {
	r, err := o.bills.Reissue(s.ctx, operator, invoice.ReissueRequest{Company: d.Company, Document: d.ID, Reason: "fel referens"})
	s.mu.Lock()
	defer s.mu.Unlock()
	was, known := s.anew[d.ID]
	switch {
	case errors.Is(err, travel.ErrConflict):
		s.busy++
		return append(again, d)
	case err != nil:
		s.faults = append(s.faults, err)
	case known && was.CreditNotes[0].ID != r.CreditNotes[0].ID:
		s.faults = append(s.faults, fmt.Errorf("R42: %s was canceled by %s and by %s", d.Label(), was.CreditNotes[0].Label(), r.CreditNotes[0].Label()))
	}
	s.anew[d.ID] = r
	return again
}

// refund gives parts of a company's tickets of both months back.
func (s *storm) refund(o *office, company int, key string) {
	for month, sold := range s.sold {
		for _, a := range sold[company*departments : (company+1)*departments] {
			req := travel.RefundRequest{Company: a.Method.Company, Key: a.key(fmt.Sprint(key, month)), Authorization: a.bought}
			for k := range a.prices {
				req.Amounts = append(req.Amounts, (1_00 + credit.Amount(k)).Decimal())
			}
			// Of some nothing is left: that is a decline.
			_, err := o.travel.Refund(s.ctx, operator, req)
			s.fault(err)
		}
	}
}

// hold sets February of a company aside, and releases it again.
func (s *storm) hold(o *office, c travel.CompanyID) {
	_, err := o.bills.SetAside(s.ctx, operator, c, january+1, "tvist")
	if errors.Is(err, travel.ErrConflict) {
		return // it is closed
	}
	s.fault(err)
	_, err = o.bills.Release(s.ctx, operator, c, january+1)
	s.fault(err)
}

// check closes what is left, and holds the documents against the entries.
func (s *storm) check(o *office, p *post) {
	s.Helper()
	s.must(errors.Join(s.faults...))
	report, err := o.bills.CloseDue(s.ctx)
	s.must(err)
	if len(report.Aside) > 0 {
		s.Errorf("set aside: %v", report.Aside)
	}
	// What an office whose clock is behind has issued comes before what it is
	// about, and waits for the next run.
	for waiting := true; waiting; {
		_, err = o.bills.DeliverDue(s.ctx)
		s.must(err)
		list, err := o.bills.Deliveries(s.ctx, operator, invoice.DeliveryWaiting, invoice.DocumentID{}, 1)
		s.must(err)
		waiting = len(list) > 0
	}
	all, err := o.issued(s.ctx, s.books, january+2)
	s.must(err)
	for _, list := range s.wrong {
		for _, d := range list {
			s.must(all.replaced(d))
		}
	}
	s.must(all.credited())
	for id, d := range all {
		if p.taken[id] == 0 {
			s.Errorf("document %s was not delivered", d.Label())
		}
		if !strings.Contains(string(d.Content), d.Label()+"\n") {
			s.Errorf("document %s says that it is another:\n%s", d.Label(), d.Content)
		}
	}
	s.must(o.sums(s.ctx, s.books, all))
	s.must(o.audit(s.ctx))
}

// replaced checks that one invoice was canceled by one credit note, and that
// the same was issued anew.
func (all issued) replaced(wrong invoice.Document) error {
	var notes int
	var credited, billed credit.Amount
	for _, d := range all {
		switch {
		case d.Cancels && d.Original.ID == wrong.ID:
			notes++
			credited += d.Gross
		case d.Replaces != nil && d.Replaces.ID == wrong.ID:
			billed += d.Gross
		}
	}
	if notes != 1 || credited != billed {
		return fmt.Errorf("R36: %s was canceled %d times, over %s, and %s was issued anew", wrong.Label(), notes, credited, billed)
	}
	return nil
}

// credited checks that no invoice is credited with more than it says, and one
// that was canceled with all of it (R43).
func (all issued) credited() error {
	left, canceled := map[invoice.DocumentID]credit.Amount{}, map[invoice.DocumentID]bool{}
	for id, d := range all {
		if d.Original == nil {
			left[id] += d.Gross
			continue
		}
		left[d.Original.ID] -= d.Gross
		canceled[d.Original.ID] = canceled[d.Original.ID] || d.Cancels
	}
	var wrong error
	for id, rest := range left {
		if d := all[id]; rest < 0 || canceled[id] && rest != 0 {
			wrong = errors.Join(wrong, fmt.Errorf("R43: of %s over %s %s is left, canceled: %t", d.Label(), d.Gross, rest, canceled[id]))
		}
	}
	return wrong
}

// sums checks each company's documents against its entries, without the code
// that has made them (I6).
func (o *office) sums(ctx context.Context, b *books, all issued) error {
	due := map[travel.CompanyID]credit.Amount{}
	for _, d := range all {
		if d.Original != nil {
			due[d.Company] -= d.Gross
		} else {
			due[d.Company] += d.Gross
		}
	}
	for _, c := range b.companies {
		for e, err := range o.store.Entries(ctx, travel.EntryQuery{Company: c}) {
			if err != nil {
				return err
			}
			due[c] -= e.Signed()
		}
		if due[c] != 0 {
			return fmt.Errorf("I6: the documents of %s say %s more than its entries", c, due[c])
		}
	}
	return nil
}

// post is a deliverer that counts what it is handed.
type post struct {
	mu    sync.Mutex
	taken map[invoice.DocumentID]int
}

// Deliver reads the lines and takes the document.
func (p *post) Deliver(_ context.Context, d invoice.Document, lines iter.Seq2[invoice.Line, error]) (invoice.Delivery, error) {
	var sum credit.Amount
	for l, err := range lines {
		if err != nil {
			return invoice.Delivery{}, err
		}
		sum += l.Gross
	}
	if sum != d.Gross {
		return invoice.Delivery{}, fmt.Errorf("the lines of %s are %s together, it says %s", d.Label(), sum, d.Gross)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken[d.ID]++
	return invoice.Delivery{Accepted: true}, nil
}
