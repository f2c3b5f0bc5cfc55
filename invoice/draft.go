package invoice

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// errMoved: entries came between two readings. It does not happen in a month
// that is closed.
var errMoved = fmt.Errorf("%w: entries came while the documents were drafted", travel.ErrConflict)

// billing is whom a company's documents are made out to, as it is at the issue
// (R37).
type billing struct {
	company travel.Company
	// references are those of departments that have one; bare are the others,
	// and the zero one.
	references  map[travel.DepartmentID]string
	bare        []travel.DepartmentID
	costCenters map[travel.DepartmentID]string
}

func readBilling(ctx context.Context, tx Tx, id travel.CompanyID) (billing, error) {
	c, err := tx.Company(ctx, id)
	if err != nil {
		return billing{}, err
	}
	departments, err := tx.Departments(ctx, id)
	if err != nil {
		return billing{}, err
	}
	b := billing{
		company: c, references: map[travel.DepartmentID]string{}, bare: []travel.DepartmentID{{}},
		costCenters: map[travel.DepartmentID]string{},
	}
	for _, d := range departments {
		if d.CostCenter != "" {
			b.costCenters[d.ID] = d.CostCenter
		}
		if d.Reference != "" {
			b.references[d.ID] = d.Reference
		} else {
			b.bare = append(b.bare, d.ID)
		}
	}
	return b, nil
}

// reference returns what marks the invoices of a department (R03).
func (b billing) reference(d travel.DepartmentID) string {
	return cmp.Or(b.references[d], b.company.DefaultReference)
}

func (b billing) buyer() Party {
	c := b.company
	return Party{
		Name: cmp.Or(c.Billing.Name, c.Name), OrganizationNumber: c.OrganizationNumber, VATNumber: c.Billing.VATNumber,
		Street: c.Billing.Street, PostalCode: c.Billing.PostalCode, City: c.Billing.City,
		Country: cmp.Or(c.Billing.Country, "SE"), PeppolID: c.Billing.PeppolID, Email: c.Billing.Email,
	}
}

// equal tells whether documents made with one would be made the same with the
// other.
func (b billing) equal(other billing) bool {
	return b.buyer() == other.buyer() && b.company.DefaultReference == other.company.DefaultReference &&
		b.company.Billing.PersonalLines == other.company.Billing.PersonalLines &&
		maps.Equal(b.references, other.references) && maps.Equal(b.costCenters, other.costCenters)
}

// missing lists the fields that a document needs and the company lacks.
func (b billing) missing() []string {
	p := b.buyer()
	var missing []string
	for _, f := range [...]struct{ name, value string }{
		{"Name", p.Name}, {"OrganizationNumber", p.OrganizationNumber},
		{"Street", p.Street}, {"PostalCode", p.PostalCode}, {"City", p.City},
	} {
		if f.value == "" {
			missing = append(missing, f.name)
		}
	}
	return missing
}

// draft is the documents of a company's month before they are issued, in the
// order in which they get their numbers, or why they cannot be issued.
type draft struct {
	billing   billing
	month     credit.Month
	documents []Document
	problem   *Problem
}

// draft makes the documents of a company's month. It reads the entries once,
// and the refunds once before; more often only where refunds credit an earlier
// invoice, or VAT as the sellers stated it makes splitting necessary.
func (s *Service) draft(ctx context.Context, company travel.CompanyID, m credit.Month) (draft, error) {
	d := draft{month: m}
	err := s.store.ViewInvoices(ctx, func(tx Tx) (err error) {
		d.billing, err = readBilling(ctx, tx, company)
		return err
	})
	if err != nil {
		return d, err
	}
	err = s.documentsOf(ctx, &d)
	if errors.As(err, &d.problem) {
		return d, nil
	}
	if err != nil {
		return d, err
	}
	s.finish(d.billing, d.documents)
	s.sort(d.documents)
	d.problem = d.check()
	return d, nil
}

// documentsOf makes the documents of a draft.
func (s *Service) documentsOf(ctx context.Context, d *draft) error {
	wanted, late, err := s.refunds(ctx, d.billing.company.ID, d.month)
	if err != nil {
		return err
	}
	groups, err := s.gather(ctx, d.billing, d.month, wanted)
	if err != nil {
		return err
	}
	for _, g := range groups {
		parts, err := s.parts(ctx, s.blank(d.billing, d.month, g.seller, g.reference), g.tally)
		if err != nil {
			return err
		}
		d.documents = append(d.documents, parts...)
	}
	notes, err := s.creditNotes(ctx, d.billing, d.month, late)
	d.documents = append(d.documents, notes...)
	return err
}

// finish puts on documents what follows from their sums and departments.
func (s *Service) finish(b billing, documents []Document) {
	for i := range documents {
		d := &documents[i]
		d.Rounding = s.rounding(d)
		for j := range d.Departments {
			d.Departments[j].CostCenter = b.costCenters[d.Departments[j].ID]
		}
	}
}

// rounding returns what makes whole kronor of what is to be paid, half a krona
// upwards; what is credited is rounded the same way.
func (s *Service) rounding(d *Document) credit.Amount {
	if !s.wholeKronor || d.Kind == Basis {
		return 0
	}
	const krona = 100
	return (d.Gross+krona/2)/krona*krona - d.Gross
}

// sort puts documents in the order of their numbers. Sellers come first: so
// every transaction locks the series in the same order.
func (s *Service) sort(documents []Document) {
	slices.SortStableFunc(documents, func(a, b Document) int {
		return cmp.Or(
			cmp.Compare(s.sellerIndex[a.SellerID], s.sellerIndex[b.SellerID]),
			cmp.Compare(rank(a.Original != nil), rank(b.Original != nil)),
		)
	})
}

// rank orders false before true.
func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// check returns why the documents cannot be issued, or nil.
func (d draft) check() *Problem {
	if len(d.documents) == 0 {
		return nil
	}
	if missing := d.billing.missing(); len(missing) > 0 {
		return &Problem{Reason: ReasonBillingData, Detail: strings.Join(missing, ", ")}
	}
	for _, doc := range d.documents {
		if doc.Reference == "" {
			return &Problem{Reason: ReasonNoReference, Detail: doc.Departments[0].Name}
		}
	}
	return nil
}

// refunds reads the refunds of a month: the purchases of the same month that
// they mirror, and those that came after their own month was closed.
func (s *Service) refunds(ctx context.Context, company travel.CompanyID, m credit.Month) (wanted purchases, late []travel.Entry, err error) {
	wanted = purchases{}
	for e, err := range s.store.Entries(ctx, travel.EntryQuery{Company: company, Billing: m, Kind: travel.EntryRefund}) {
		switch {
		case err != nil:
			return nil, nil, err
		case e.Kind != travel.EntryRefund:
		case e.Month == e.Billing:
			wanted.want(&e)
		default:
			e.Personal = travel.Personal{}
			late = append(late, e)
		}
	}
	return wanted, late, nil
}

// group is the lines of one reference and seller.
type group struct {
	groupKey
	tally *tally
}

type groupKey struct {
	seller    int
	reference string
}

// corner is one department's lines of one seller.
type corner struct {
	department travel.DepartmentID
	seller     int
}

type cornerOf struct {
	group   *group
	section *section
}

// gather tallies the purchases of a month and the refunds that are netted
// there, by reference and seller, in one pass.
func (s *Service) gather(ctx context.Context, b billing, m credit.Month, wanted purchases) ([]*group, error) {
	corners := map[corner]cornerOf{}
	groups := map[groupKey]*group{}
	for e, err := range s.store.Entries(ctx, travel.EntryQuery{Company: b.company.ID, Billing: m}) {
		if err != nil {
			return nil, err
		}
		if e.Month != e.Billing && e.Kind == travel.EntryRefund {
			continue
		}
		seller, known := s.sellerIndex[e.Ticket.Seller]
		if !known {
			return nil, &Problem{Reason: ReasonUnknownSeller, Detail: e.Ticket.Seller}
		}
		key := corner{e.Department, seller}
		at, met := corners[key]
		if !met {
			name := groupKey{seller, b.reference(e.Department)}
			at.group = groups[name]
			if at.group == nil {
				at.group = &group{groupKey: name, tally: &tally{wanted: wanted}}
				groups[name] = at.group
			}
			at.section = at.group.tally.section(e.Department)
			corners[key] = at
		}
		if err := at.group.tally.add(at.section, &e); err != nil {
			return nil, err
		}
	}
	return settleGroups(groups)
}

// settleGroups puts groups and their departments in order and settles them.
func settleGroups(groups map[groupKey]*group) ([]*group, error) {
	ordered := slices.SortedFunc(maps.Values(groups), func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.seller, b.seller), cmp.Compare(a.reference, b.reference))
	})
	names := collate.New(language.Swedish)
	for _, g := range ordered {
		slices.SortFunc(g.tally.sections, func(a, b *section) int {
			return cmp.Or(
				cmp.Compare(rank(a.id.IsZero()), rank(b.id.IsZero())), // without a department: last
				names.CompareString(a.name, b.name), a.id.Compare(b.id),
			)
		})
		if err := g.tally.settle(); err != nil {
			return nil, err
		}
	}
	return ordered, nil
}

// blank returns a document without its lines.
func (s *Service) blank(b billing, m credit.Month, seller int, reference string) Document {
	d := Document{
		Company: b.company.ID, Kind: Invoice, Month: m, Seller: s.sellers[seller].Party, Payee: s.sellers[seller].Payee,
		SellerID: s.sellerID(s.sellers[seller].ID), Buyer: b.buyer(), Reference: reference,
		Netted: m, Currency: s.currency, PersonalLines: b.company.Billing.PersonalLines, Language: languageCode(s.language),
	}
	if s.providerBills {
		d.Kind = Basis
	}
	return d
}
