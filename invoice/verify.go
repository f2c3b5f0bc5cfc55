package invoice

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Audit verifies every closed month of every company, and that the numbers of
// each series have no gaps. It locks nothing and may run at any time; what is
// being closed meanwhile is left out.
func (s *Service) Audit(ctx context.Context) ([]travel.Drift, error) {
	var drifts []travel.Drift
	for c, err := range s.companies(ctx, nil) {
		if err != nil {
			return drifts, err
		}
		found, err := s.auditCompany(ctx, c)
		drifts = append(drifts, found...)
		if err != nil {
			return drifts, err
		}
	}
	for _, seller := range s.sellers {
		found, err := s.verifySeries(ctx, seller.Series)
		drifts = append(drifts, found...)
		if err != nil {
			return drifts, err
		}
	}
	return drifts, nil
}

// auditCompany verifies the closed months of a company, newest first.
func (s *Service) auditCompany(ctx context.Context, c travel.Company) ([]travel.Drift, error) {
	var drifts []travel.Drift
	for m := c.ClosedThrough; !m.IsZero(); m-- {
		at, err := s.standing(ctx, c.ID, m)
		if err != nil {
			return drifts, err
		}
		if at.State == "" {
			break // there was no such company yet
		}
		if at.State != CloseIssued {
			continue
		}
		found, err := s.Verify(ctx, c.ID, m)
		drifts = append(drifts, found...)
		if err != nil {
			return drifts, err
		}
	}
	return drifts, nil
}

// Verify proves a closed month of a company, or reports what does not add up:
// every document is what its entries say, to the öre, and has not changed since
// it was issued; every entry of the month is on exactly one document, or in a
// group that was refunded whole; the documents add up to what was captured less
// what was refunded (I2, I6). A month that is not closed is
// [travel.ErrConflict].
func (s *Service) Verify(ctx context.Context, company travel.CompanyID, m credit.Month) ([]travel.Drift, error) {
	at, documents, err := s.closed(ctx, company, m)
	if err != nil {
		return nil, err
	}
	v := verifier{service: s, company: company, month: m, originals: map[DocumentID]*Document{}, canceled: map[credit.Month]map[DocumentID]credit.Month{}}
	v.record(at, documents)
	for i := range documents {
		if err := v.document(ctx, &documents[i]); err != nil {
			return v.drifts, err
		}
	}
	return v.drifts, v.entries(ctx, documents)
}

// closed reads the record of a month that is closed and all its documents, as
// they are at one instant: an invoice may be issued anew meanwhile.
func (s *Service) closed(ctx context.Context, company travel.CompanyID, m credit.Month) (at Close, documents []Document, err error) {
	for range redrafts {
		if at, err = s.standing(ctx, company, m); err != nil {
			return at, nil, err
		}
		if at.State != CloseIssued {
			return at, nil, fmt.Errorf("%w: month %s is not closed", travel.ErrConflict, m)
		}
		if documents, err = s.documents(ctx, DocumentQuery{Company: company, Month: m}); err != nil {
			return at, nil, err
		}
		again, err := s.standing(ctx, company, m)
		if err != nil || len(again.Documents) == len(at.Documents) {
			return at, documents, err
		}
	}
	return at, documents, nil
}

// verifier verifies one month of one company.
type verifier struct {
	service   *Service
	company   travel.CompanyID
	month     credit.Month
	originals map[DocumentID]*Document
	// canceled are the documents of a month that were, and through which month
	// refunds of them were credited.
	canceled map[credit.Month]map[DocumentID]credit.Month
	drifts   []travel.Drift
}

func (v *verifier) drift(subject fmt.Stringer, format string, args ...any) {
	v.drifts = append(v.drifts, travel.Drift{
		Company: v.company, Subject: subject.String(), Invariant: "I6", Detail: fmt.Sprintf(format, args...),
	})
}

// record compares the record of the close with the documents.
func (v *verifier) record(c Close, documents []Document) {
	var ids []DocumentID
	for _, d := range documents {
		ids = append(ids, d.ID)
	}
	recorded := slices.SortedFunc(slices.Values(c.Documents), DocumentID.Compare)
	if !slices.Equal(ids, recorded) {
		v.drift(v.month, "the close issued %d documents, the month has %d", len(recorded), len(ids))
	}
}

// document compares a document with its bytes and with its entries.
func (v *verifier) document(ctx context.Context, d *Document) error {
	if sha256.Sum256(d.Content) != d.Hash {
		v.drift(d.ID, "the content is not what was issued")
	}
	v.sums(d)
	t, original, err := v.service.recount(ctx, d)
	if errors.Is(err, travel.ErrDrift) || errors.Is(err, travel.ErrNotFound) {
		v.drift(d.ID, "%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	v.originals[d.ID] = original
	if original != nil {
		if err := v.stood(ctx, d, original); err != nil {
			return err
		}
	}
	now := Document{}
	t.fill(&now)
	for i, total := range d.Departments { // not of the entries, but of the issue
		if i < len(now.Departments) {
			now.Departments[i].CostCenter = total.CostCenter
		}
	}
	switch {
	case now.Lines != d.Lines || now.Net != d.Net || now.VAT != d.VAT || now.Gross != d.Gross:
		v.drift(d.ID, "the document says %d lines, %s + %s; its entries say %d lines, %s + %s", d.Lines, d.Net, d.VAT, now.Lines, now.Net, now.VAT)
	case !slices.Equal(now.Rates, d.Rates):
		v.drift(d.ID, "the sums of the rates are not those of the entries")
	case !slices.Equal(now.Departments, d.Departments):
		v.drift(d.ID, "the sums of the departments are not those of the entries")
	case now.LinesHash != d.LinesHash:
		v.drift(d.ID, "a line has changed since the issue")
	}
	return nil
}

// stood checks that what a document credits was not canceled before: it was
// credited whole then, with all refunds left out that came before.
func (v *verifier) stood(ctx context.Context, d, original *Document) error {
	canceled, read := v.canceled[original.Month]
	if !read {
		canceled = map[DocumentID]credit.Month{}
		for c, err := range v.service.eachDocument(ctx, DocumentQuery{Company: v.company, Month: original.Month}) {
			if err != nil {
				return err
			}
			if c.Cancels {
				canceled[c.Original.ID] = c.Netted
			}
		}
		v.canceled[original.Month] = canceled
	}
	if through, was := canceled[original.ID]; was && d.Month > through {
		v.drift(d.ID, "%s, which it credits, was canceled when %s was closed", original.Label(), through)
	}
	return nil
}

// sums checks that the sums of a document agree with each other.
func (v *verifier) sums(d *Document) {
	var rates, departments credit.Amount
	for _, r := range d.Rates {
		rates += r.Gross
		if r.Net+r.VAT != r.Gross {
			v.drift(d.ID, "rate %d: %s + %s is not %s", r.Rate, r.Net, r.VAT, r.Gross)
		}
	}
	for _, t := range d.Departments {
		departments += t.Gross
	}
	if d.Net+d.VAT != d.Gross || rates != d.Gross || departments != d.Gross {
		v.drift(d.ID, "%s + %s, rates %s and departments %s are not all %s", d.Net, d.VAT, rates, departments, d.Gross)
	}
}

// entries checks that every entry is on exactly one document: on one that was
// not canceled.
func (v *verifier) entries(ctx context.Context, documents []Document) error {
	on := placed{verifier: v, departments: map[travel.DepartmentID][]*Document{}, left: map[corner]credit.Amount{}}
	var billed, sum credit.Amount
	through := v.month
	for i := range documents {
		d := &documents[i]
		through = max(through, d.Netted)
		if d.Original != nil {
			billed -= d.Gross
		} else {
			billed += d.Gross
		}
		if d.Original != nil && !d.Cancels {
			on.add(d)
		}
	}
	for _, d := range standing(documents) {
		on.add(&d)
	}
	for e, err := range v.service.store.Entries(ctx, travel.EntryQuery{Company: v.company, Billing: v.month}) {
		if err != nil {
			return err
		}
		sum += e.Signed()
		on.look(&e)
	}
	if err := on.netted(ctx, documents, through); err != nil {
		return err
	}
	for at, amount := range on.left {
		if amount != 0 {
			v.drift(at.department, "%s of the department is on no document", amount)
		}
	}
	if sum != billed {
		v.drift(v.month, "captured less refunded is %s, the documents say %s", sum, billed)
	}
	return nil
}

// placed finds the documents that entries stand on.
type placed struct {
	*verifier
	departments map[travel.DepartmentID][]*Document
	// left is what stands on none, by department and seller.
	left map[corner]credit.Amount
}

func (p placed) add(d *Document) {
	for _, t := range d.Departments {
		p.departments[t.ID] = append(p.departments[t.ID], d)
	}
}

func (p placed) look(e *travel.Entry) {
	n := 0
	for _, d := range p.departments[e.Department] {
		if p.holds(d, e) {
			n++
		}
	}
	switch {
	case n == 0:
		p.left[corner{e.Department, p.service.sellerIndex[e.Ticket.Seller]}] += e.Signed()
	case n > 1:
		p.drift(e.ID, "stands on %d documents", n)
	}
}

// netted looks at the refunds that came after the month was closed and before
// a document of it was canceled: they are netted in what replaces it, unless
// nothing was left of a department.
func (p placed) netted(ctx context.Context, documents []Document, through credit.Month) error {
	for m := p.month + 1; m <= through; m++ {
		for e, err := range p.service.store.Entries(ctx, travel.EntryQuery{Company: p.company, Billing: m, Kind: travel.EntryRefund}) {
			if err != nil {
				return err
			}
			canceled := func(d Document) bool {
				i := d.index(e.Department)
				return d.Cancels && i >= 0 && p.service.bills(&d, i, &e)
			}
			if e.Kind == travel.EntryRefund && e.Month == p.month && slices.ContainsFunc(documents, canceled) {
				p.look(&e)
			}
		}
	}
	return nil
}

func (v *verifier) holds(d *Document, e *travel.Entry) bool {
	i := d.index(e.Department)
	if d.Original == nil {
		return v.service.bills(d, i, e)
	}
	original := v.originals[d.ID]
	return original != nil && v.service.credits(d, original, i, e)
}

// verifySeries checks that the numbers of a series have no gaps (R36).
func (s *Service) verifySeries(ctx context.Context, series string) ([]travel.Drift, error) {
	if series == "" {
		return nil, nil
	}
	var numbers []int64
	for d, err := range s.eachDocument(ctx, DocumentQuery{Series: series}) {
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, d.Number)
	}
	slices.Sort(numbers)
	var drifts []travel.Drift
	for i, n := range numbers {
		if n != int64(i)+1 {
			drifts = append(drifts, travel.Drift{
				Subject: series, Invariant: "I6", Detail: fmt.Sprintf("number %d is missing or %d is not the only one", i+1, n),
			})
			break
		}
	}
	return drifts, nil
}
