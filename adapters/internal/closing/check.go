package closing

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// issued are documents that are out.
type issued map[invoice.DocumentID]invoice.Document

// issued reads all documents. A company has all of a month's documents or none,
// and numbers have no gaps, at any instant.
func (o *office) issued(ctx context.Context, b *books, through credit.Month) (issued, error) {
	all := issued{}
	var wrong error
	for _, c := range b.companies {
		err := o.store.ViewInvoices(ctx, func(tx invoice.Tx) error {
			for m := january; m <= through; m++ {
				list, err := tx.Documents(ctx, invoice.DocumentQuery{Company: c, Month: m, Limit: 100})
				if err != nil {
					return err
				}
				at, err := tx.Close(ctx, c, m)
				if err != nil && !errors.Is(err, travel.ErrNotFound) {
					return err
				}
				if len(list) != len(at.Documents) || len(list) > 0 && at.State != invoice.CloseIssued {
					wrong = errors.Join(wrong, fmt.Errorf("R35: company %s has %d documents of %s, which is %q with %d", c, len(list), m, at.State, len(at.Documents)))
				}
				for _, d := range list {
					all[d.ID] = d
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, errors.Join(wrong, all.consecutive())
}

// consecutive checks the numbers of each series (R36).
func (all issued) consecutive() error {
	numbers := map[string][]int64{}
	for _, d := range all {
		numbers[d.Series] = append(numbers[d.Series], d.Number)
	}
	for series, list := range numbers {
		slices.Sort(list)
		for i, n := range list {
			if n != int64(i)+1 {
				return fmt.Errorf("R36: %s has no number %d or has it twice: %d", series, i+1, list)
			}
		}
	}
	return nil
}

// keeps checks that documents which were out are as they were (R36).
func (all issued) keeps(before issued) error {
	for id, was := range before {
		if is, there := all[id]; !there || !reflect.DeepEqual(was, is) {
			return fmt.Errorf("R36: document %s has changed: %+v, was %+v", was.Label(), is, was)
		}
	}
	return nil
}

// check holds what was issued against what was bought, when all months are
// closed.
func (o *office) check(ctx context.Context, b *books, all issued, through credit.Month) error {
	return errors.Join(o.everyEntry(ctx, b.companies[:len(b.companies)/4], all), o.events(ctx, b, all, through), o.audit(ctx))
}

// compare checks that there is one document of each paper, over what is owed.
func (b *books) compare(all issued) error {
	sums := map[paper]credit.Amount{}
	for _, d := range all {
		p := paper{d.Company, d.Month, d.Kind, d.SellerID, d.Reference}
		if _, twice := sums[p]; twice {
			return fmt.Errorf("R35: there are two documents of %+v", p)
		}
		sums[p] = d.Gross
	}
	if !maps.Equal(sums, b.owed) {
		return fmt.Errorf("I6: %d documents say %v; %d are owed: %v", len(sums), sums, len(b.owed), b.owed)
	}
	return nil
}

// everyEntry checks that every entry of some companies is a line of one document,
// or was given back before there was one (I2). The audit, which says so of all,
// is made of the code that it checks.
func (o *office) everyEntry(ctx context.Context, some []travel.CompanyID, all issued) error {
	on := map[travel.EntryID]int{}
	var billed credit.Amount
	for _, d := range all {
		if !slices.Contains(some, d.Company) {
			continue
		}
		for l, err := range o.bills.Lines(ctx, d) {
			if err != nil {
				return err
			}
			on[l.Entry.ID]++
			billed += l.Entry.Signed()
		}
	}
	var captured credit.Amount
	bare := map[paper]credit.Amount{}
	for _, c := range some {
		for e, err := range o.store.Entries(ctx, travel.EntryQuery{Company: c}) {
			if err != nil {
				return err
			}
			captured += e.Signed()
			switch on[e.ID] {
			case 0:
				bare[paper{company: c, month: e.Billing, seller: e.Ticket.Seller, reference: e.DepartmentName}] += e.Signed()
			case 1:
			default:
				return fmt.Errorf("I2: entry %s is on %d documents", e.ID, on[e.ID])
			}
		}
	}
	for p, sum := range bare {
		if sum != 0 {
			return fmt.Errorf("I2: %s of %+v is on no document", sum, p)
		}
	}
	if captured != billed {
		return fmt.Errorf("I6: %s was captured less refunded, %s is billed", captured, billed)
	}
	return nil
}

// events checks that what was done was told once.
func (o *office) events(ctx context.Context, b *books, all issued, through credit.Month) error {
	const many = 1 << 20
	events, err := o.store.LeaseEvents(ctx, "closing", closingTime(through), closingTime(through).Add(-time.Second), many)
	if err != nil {
		return err
	}
	type about struct {
		what    travel.EventType
		company travel.CompanyID
		month   credit.Month
		subject [16]byte
	}
	told, count := map[about]bool{}, map[travel.EventType]int{}
	for _, e := range events {
		it := about{e.Type, e.Company, e.Month, e.Subject}
		switch e.Type {
		case travel.EventInvoiceIssued, travel.EventMonthClosed:
			if told[it] {
				return fmt.Errorf("R35: event %+v came twice", it)
			}
			told[it] = true
		case travel.EventPurchaseExpired:
		default:
			continue
		}
		count[e.Type]++
	}
	want := map[travel.EventType]int{
		travel.EventInvoiceIssued: len(all), travel.EventMonthClosed: len(b.companies) * int(through-january+1), travel.EventPurchaseExpired: b.reserved,
	}
	if !maps.Equal(count, want) {
		return fmt.Errorf("R35: events %v, want %v", count, want)
	}
	return nil
}

// audit runs both audits.
func (o *office) audit(ctx context.Context) error {
	purchases, failed := o.travel.Audit(ctx)
	documents, err := o.bills.Audit(ctx)
	err = errors.Join(failed, err)
	for _, d := range slices.Concat(purchases, documents) {
		err = errors.Join(err, fmt.Errorf("audit: %s", d))
	}
	return err
}
