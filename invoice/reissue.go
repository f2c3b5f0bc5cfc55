package invoice

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// ReissueRequest asks for an invoice to be canceled and issued anew.
type ReissueRequest struct {
	Company  travel.CompanyID
	Document DocumentID
	// Reason is why, for the audit log; it must not name a person.
	Reason string
	// DryRun makes the documents, as they would be issued now, and changes
	// nothing: they have neither id, number nor content.
	DryRun bool
}

// Reissued is what a reissue has issued.
type Reissued struct {
	// CreditNotes credit all that is left of the canceled invoice: one, unless
	// its VAT would be too far off its rate.
	CreditNotes []Document
	// Invoices have the same lines as the credit notes: one, or several when the
	// departments on it have different references now.
	Invoices []Document
}

// Reissue cancels an issued invoice and issues it anew, for when it had the
// wrong reference or the wrong buyer: mend these first. A credit note over
// everything on it, made out like the invoice was, and the invoices in its
// stead, made out to the company as it is now, are issued together or not at
// all; so nothing is billed twice or never. What was credited of the invoice
// before is left out on both sides.
//
// It is for the operator. A document that is canceled is not canceled again: a
// repeated request gets the documents of the first (R42). One that is no
// invoice or of which everything was credited, and a company of which a month
// is just being closed, is [travel.ErrConflict]; a [*Problem] says what is
// missing for a document that can be issued.
func (s *Service) Reissue(ctx context.Context, a travel.Actor, req ReissueRequest) (Reissued, error) {
	if !a.IsOperator() {
		return Reissued{}, errOperator
	}
	if strings.TrimSpace(req.Reason) == "" && !req.DryRun {
		return Reissued{}, invalid("Reason", "", "is required")
	}
	var r reissue
	err := errOutdated
	for try := 0; try < redrafts && errors.Is(err, errOutdated); try++ {
		if r, err = s.draftReissue(ctx, req); err != nil || r.done || req.DryRun {
			break
		}
		err = s.issueReissue(ctx, a, req, &r)
	}
	if err != nil {
		return Reissued{}, err
	}
	return r.Reissued, nil
}

// reissue is a reissue that is drafted, and what it was drafted from.
type reissue struct {
	Reissued
	billing billing
	// through is the last month that is closed, and documents all those of the
	// month that is billed.
	through   credit.Month
	month     credit.Month
	documents []DocumentID
	// done tells that it was done before.
	done bool
}

func (s *Service) draftReissue(ctx context.Context, req ReissueRequest) (reissue, error) {
	var r reissue
	original, err := s.load(ctx, req.Company, req.Document)
	if err != nil {
		return r, err
	}
	if original.Kind != Invoice {
		return r, fmt.Errorf("%w: only an invoice can be issued anew, this is a %s", travel.ErrConflict, original.Kind)
	}
	if _, known := s.sellerIndex[original.SellerID]; !known {
		return r, &Problem{Reason: ReasonUnknownSeller, Detail: original.SellerID}
	}
	r.month = original.Month
	documents, err := s.documents(ctx, DocumentQuery{Company: req.Company, Month: r.month})
	if err != nil {
		return r, err
	}
	for _, d := range documents {
		r.documents = append(r.documents, d.ID)
		switch {
		case d.Cancels && d.Original.ID == original.ID:
			r.CreditNotes, r.done = append(r.CreditNotes, d), true
		case d.Replaces != nil && d.Replaces.ID == original.ID:
			r.Invoices = append(r.Invoices, d)
		}
	}
	if r.done {
		return r, nil
	}
	err = s.store.ViewInvoices(ctx, func(tx Tx) (err error) {
		if r.billing, err = readBilling(ctx, tx, req.Company); err != nil {
			return err
		}
		r.through = r.billing.company.ClosedThrough
		return settled(ctx, tx, req.Company, r.through)
	})
	if err != nil {
		return r, err
	}
	return r, s.draftAnew(ctx, original, &r)
}

// settled returns an error while a month is being closed: it may be crediting
// what is to be canceled.
func settled(ctx context.Context, tx Tx, company travel.CompanyID, m credit.Month) error {
	c, err := lockClose(ctx, tx, company, m)
	if err == nil && c.State != CloseIssued {
		err = fmt.Errorf("%w: month %s is being closed", travel.ErrConflict, m)
	}
	return err
}

// draftAnew makes the credit note and the invoices in its stead.
func (s *Service) draftAnew(ctx context.Context, original *Document, r *reissue) error {
	note := *original
	note.ID, note.Series, note.Number, note.IssuedAt, note.DueAt = DocumentID{}, "", 0, time.Time{}, time.Time{}
	note.PaymentReference, note.Content, note.Hash, note.Replaces = "", nil, [32]byte{}, nil
	note.Language = languageCode(s.language)
	note.Kind, note.Original, note.Cancels, note.Netted = CreditNote, original.named(), true, r.through
	notes, err := s.cancelParts(ctx, note, original)
	if err != nil {
		return err
	}
	if len(notes) == 0 {
		return fmt.Errorf("%w: everything on the invoice was credited", travel.ErrConflict)
	}
	for i := range notes {
		d := &notes[i]
		for j := range d.Departments {
			d.Departments[j].CostCenter = original.CostCenter(d.Departments[j].ID)
		}
		if d.Rounding = s.rounding(d); d.Gross == original.Gross {
			d.Rounding = original.Rounding
		}
	}
	r.CreditNotes = notes
	for _, blank := range s.anew(original, r) {
		t, err := s.recountInvoice(ctx, &blank, purchases{})
		if err != nil {
			return err
		}
		parts, err := s.parts(ctx, blank, t)
		if err != nil {
			return err
		}
		r.Invoices = append(r.Invoices, parts...)
	}
	s.finish(r.billing, r.Invoices)
	if p := (draft{billing: r.billing, documents: r.Invoices}).check(); p != nil {
		return p
	}
	return nil
}

// anew returns the documents in the stead of one, without their sums: one for
// each reference that its departments have now.
func (s *Service) anew(original *Document, r *reissue) []Document {
	var blanks []Document
	last := len(original.Departments) - 1
	for i, total := range original.Departments {
		reference := r.billing.reference(total.ID)
		j := slices.IndexFunc(blanks, func(d Document) bool { return d.Reference == reference })
		if j < 0 {
			blank := s.blank(r.billing, original.Month, s.sellerIndex[original.SellerID], reference)
			blank.Kind, blank.Replaces, blank.Netted = original.Kind, original.named(), r.through
			blanks, j = append(blanks, blank), len(blanks)
		}
		d := &blanks[j]
		d.Departments = append(d.Departments, total)
		// The bounds are of the first and the last department of the original,
		// which stay first and last wherever they go.
		if i == 0 {
			d.From = original.From
		}
		if i == last {
			d.Through = original.Through
		}
	}
	return blanks
}

// issueReissue issues the documents, all or none, unless something has changed
// since they were drafted.
func (s *Service) issueReissue(ctx context.Context, a travel.Actor, req ReissueRequest, r *reissue) error {
	at := s.now()
	var issued Reissued
	err := s.store.UpdateInvoices(ctx, func(tx Tx) error {
		// The transaction may run again: the drafts stay drafts.
		issued = Reissued{CreditNotes: slices.Clone(r.CreditNotes), Invoices: slices.Clone(r.Invoices)}
		// The month is locked before the company, as by the fence. While the
		// company is, no other month can be fenced.
		c, err := lockClose(ctx, tx, req.Company, r.month)
		if err != nil {
			return err
		}
		now, err := readBilling(ctx, tx, req.Company)
		if err != nil {
			return err
		}
		if now.company.ClosedThrough != r.through || !now.equal(r.billing) || len(c.Documents) != len(r.documents) {
			return errOutdated
		}
		c.Documents = slices.Clone(c.Documents)
		for _, list := range [][]Document{issued.CreditNotes, issued.Invoices} {
			for i := range list {
				if err := s.insert(ctx, tx, &list[i], at); err != nil {
					return err
				}
				c.Documents = append(c.Documents, list[i].ID)
			}
		}
		if err := tx.SaveClose(ctx, c); err != nil {
			return err
		}
		return s.travel.Record(ctx, tx, a, req.Company, travel.Act{
			Action: "invoice.reissue", Subject: req.Document.String(), Detail: issued.CreditNotes[0].Label(), Reason: req.Reason,
		})
	})
	r.Reissued = issued
	return err
}
