package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

var january, february = credit.NewMonth(2026, time.January), credit.NewMonth(2026, time.February)

// closeJanuary tries too early, then in time, then again.
func (s *story) closeJanuary(ctx context.Context) (err error) {
	s.clock.set(time.February, 3, 8, 0)
	_, err = s.bills.Close(ctx, invoice.CloseRequest{Month: january})
	var early *invoice.EarlyError
	if !errors.As(err, &early) {
		return errors.Join(errors.New("a month was closed before its time"), err)
	}
	s.page.at("Too early: a reservation of January may still be completed. January can be closed from %s on.",
		early.From.In(s.clock.zone).Format("2 Jan 15:04"))
	if s.figures.january, err = s.documents(ctx, january); err != nil {
		return err
	}
	s.page.say("Until then the portal shows %d documents of January.", len(s.figures.january))

	s.clock.set(time.February, 4, 0, 0)
	for range 2 {
		report, err := s.bills.CloseDue(ctx)
		if err != nil {
			return err
		}
		s.page.at("The scheduler ticks. Closed: %d, closed before: %d, set aside: %d.",
			len(report.Issued), len(report.Skipped), len(report.Aside))
		s.clock.at = s.clock.at.Add(time.Hour)
	}
	if s.figures.january, err = s.documents(ctx, january); err != nil {
		return err
	}
	s.page.say("One invoice per reference. Of Maja's three tickets of 37 kr the VAT is 6,28 kr, and not three times 2,09: it is split once per invoice, exactly.")
	s.page.paper(indent, table(s.figures.january))
	s.page.say("The invoice of Anna's and Fatima's department, as it is issued:")
	return s.write(ctx, find(s.figures.january, "90001"), s.bills.Text(language.Swedish))
}

// specification shows who traveled, when and why.
func (s *story) specification(ctx context.Context) error {
	s.clock.set(time.February, 4, 8, 0)
	s.page.at("In the portal the administrator opens the specification, with every purpose as it was typed:")
	d := find(s.figures.january, "90001")
	if err := s.write(ctx, d, s.bills.Specification(language.Swedish)); err != nil {
		return err
	}
	s.page.say("The same for a spreadsheet, its first lines (they are broken here):")
	var file bytes.Buffer
	if err := s.bills.Write(ctx, &file, d, s.bills.CSV(language.Swedish)); err != nil {
		return err
	}
	const mark = "\ufeff" // with which Excel knows UTF-8
	rows := strings.Split(strings.TrimPrefix(file.String(), mark), "\r\n")
	s.page.paper("", fold(rows[0])+"\n"+fold(rows[1])+"\n"+fold(rows[2]))
	return nil
}

// refund gives back one of the two tickets of January, when that is invoiced.
func (s *story) refund(ctx context.Context) (err error) {
	s.clock.set(time.February, 10, 9, 20)
	back, err := s.trips.Refund(ctx, s.operator, travel.RefundRequest{
		Company: s.company, Key: "refund-1", Authorization: s.trip,
		Amounts: []decimal.Decimal{decimal.Zero, decimal.NewFromInt(125)},
	})
	if err != nil {
		return err
	}
	if s.figures.left.refunded, err = s.balance(ctx); err != nil {
		return err
	}
	s.page.at("Anna's train home on 20 January was canceled: the operator refunds %s. That is January's money: what is left of February is still %s. January's invoice is issued and never changes, so the refund becomes a credit note in %s.",
		money(back.Amount), money(s.figures.left.refunded), back.Billing)

	s.clock.set(time.March, 4, 0, 0)
	if _, err := s.bills.CloseDue(ctx); err != nil {
		return err
	}
	if s.figures.february, err = s.documents(ctx, february); err != nil {
		return err
	}
	s.page.at("February is closed:")
	s.page.paper(indent, table(s.figures.february))
	for _, d := range s.figures.february {
		if d.Kind == invoice.CreditNote {
			s.page.say("The credit note names what it credits:")
			return s.write(ctx, d, s.bills.Text(language.Swedish))
		}
	}
	return errors.New("the refund was not credited")
}

// audit recomputes everything, as operators do daily.
func (s *story) audit(ctx context.Context) error {
	s.clock.set(time.March, 4, 3, 0)
	drifts, err := s.trips.Audit(ctx)
	if err != nil {
		return err
	}
	ofBills, err := s.bills.Audit(ctx)
	if err != nil {
		return err
	}
	s.figures.drifts = append(drifts, ofBills...)
	for _, m := range []credit.Month{january, february} {
		drifts, err := s.bills.Verify(ctx, s.company, m)
		if err != nil {
			return err
		}
		s.figures.drifts = append(s.figures.drifts, drifts...)
	}
	s.page.at("Accounts, purchases, the chain of the audit log, invoices and their numbers are recomputed from the entries: %d differences.",
		len(s.figures.drifts))
	return nil
}

// documents are what the administrator sees of a month.
func (s *story) documents(ctx context.Context, m credit.Month) ([]invoice.Document, error) {
	return s.bills.Documents(ctx, s.admin, invoice.ListRequest{Company: s.company, Month: m})
}

// write writes a document for the administrator.
func (s *story) write(ctx context.Context, d invoice.Document, r invoice.Renderer) error {
	var text bytes.Buffer
	if err := s.bills.Render(ctx, &text, s.admin, invoice.RenderRequest{Company: s.company, Document: d.ID, Renderer: r}); err != nil {
		return err
	}
	s.page.paper("", text.String())
	return nil
}

// table lists documents with their sums.
func table(documents []invoice.Document) string {
	const row = "%-8s %-12s %-10s %10s %8s %10s\n"
	text := fmt.Sprintf(row, "Number", "Kind", "Reference", "Net", "VAT", "Gross")
	for _, d := range documents {
		text += fmt.Sprintf(row, d.Label(), d.Kind, d.Reference, d.Net, d.VAT, d.Gross)
	}
	return text
}

// find returns the document of a reference.
func find(documents []invoice.Document, reference string) invoice.Document {
	for _, d := range documents {
		if d.Reference == reference {
			return d
		}
	}
	return invoice.Document{}
}

// money writes an amount as people in Sweden do: 250,01 kr.
func money(d decimal.Decimal) string {
	return strings.Replace(d.StringFixed(2), ".", ",", 1) + "\u00a0kr"
}

// fold breaks a row behind its semicolons.
func fold(row string) string {
	var text, line string
	for _, cell := range strings.SplitAfter(row, ";") {
		if utf8.RuneCountInString(line+cell) > width {
			text, line = text+line+"\n", "    "
		}
		line += cell
	}
	return text + line
}
