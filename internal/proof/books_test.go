package proof

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
	"pgregory.net/rapid"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// office is a shop whose months are closed, with departments that move and are
// renamed, travelers that come and go, and all kinds of tickets.
type office struct {
	*shop
	departments []*department
	// papers are the documents as they were issued, in that order.
	papers []*paper
	// billed says on which document a ticket of a purchase stands.
	billed map[lineKey]*paper
	seen   map[travel.EntryID]bool
	erased int
}

// lineKey is a ticket of a purchase.
type lineKey struct {
	*buy
	line int
}

// paper is a document as it was issued.
type paper struct {
	invoice.Document
	// csv is the specification, and erasures how many were erased by then.
	csv      []byte
	erasures int
}

func newOffice(t *rapid.T, c *tally) *office {
	o := &office{shop: newShop(t, c), billed: map[lineKey]*paper{}, seen: map[travel.EntryID]bool{}}
	o.variety = true
	for _, d := range []department{{name: "Skolan", reference: "4711"}, {name: "Vården", reference: "4711"}, {name: "Parken", reference: "90"}, {name: "Museet"}} {
		added, err := o.AddDepartment(o.ctx, o.firm.admin, o.firm.id, travel.DepartmentDetails{Name: d.name, Reference: d.reference})
		require.NoError(t, err)
		d.id = added.ID
		o.departments = append(o.departments, &d)
	}
	return o
}

// move changes name and department of a traveler; what was bought keeps both
// (R29, R37).
func (o *office) move(t *rapid.T) {
	o.on(t)
	a := one(t, "who", o.people)
	d := travel.TravelerDetails{FirstName: "Anna", LastName: choose(t, "name", "Ek", "Björk", "Ask")}
	if !chance(t, "no department", 4) {
		a.department = one(t, "department", o.departments)
		d.Department = a.department.id
	} else {
		a.department = nil
	}
	require.NoError(t, o.UpdateTraveler(o.ctx, o.firm.admin, o.firm.id, a.id, d))
	a.name = d.FirstName + " " + d.LastName
}

// rename changes name and reference of a department.
func (o *office) rename(t *rapid.T) {
	o.on(t)
	d := one(t, "department", o.departments)
	reference := choose(t, "reference", "", "4711", "90", "91")
	name := fmt.Sprintf("%.6s %d", d.name, o.keyNo)
	o.key()
	require.NoError(t, o.UpdateDepartment(o.ctx, o.firm.admin, o.firm.id, d.id, travel.DepartmentDetails{Name: name, Reference: reference}))
	d.name, d.reference = name, reference
}

// spoil takes away what an invoice needs, or mends it.
func (o *office) spoil(t *rapid.T) {
	o.on(t)
	o.street = choose(t, "street", "Storgatan 1", "Storgatan 2", "Storgatan 3", "")
	o.reference = choose(t, "default reference", "REF-1", "REF-2", "REF-3", "")
	require.NoError(t, o.UpdateCompany(o.ctx, o.firm.admin, o.firm.id, o.details(o.maxima.company)))
}

// erase erases a person (R44); another one comes.
func (o *office) erase(t *rapid.T) {
	now := o.on(t)
	i := rapid.IntRange(0, len(o.people)-1).Draw(t, "who")
	a := o.people[i]
	require.NoError(t, o.Erase(o.ctx, o.firm.admin, o.firm.id, a.id))
	a.end(now)
	for _, b := range a.buys {
		b.person, b.purpose = "", ""
	}
	o.people, o.gone, o.erased = slices.Delete(o.people, i, i+1), append(o.gone, a), o.erased+1
	if o.maxima.cap(50_000) > 0 {
		o.employ()
	}
}

// refundOld gives something back of a traveler who is erased.
func (o *office) refundOld(t *rapid.T) {
	now := o.on(t)
	a := one(t, "gone", o.gone)
	b := one(t, "buy", a.buys)
	want := b.refuseRefund(b.left())
	r, err := o.Refund(o.ctx, o.operator, travel.RefundRequest{Company: o.firm.id, Key: o.key(), Authorization: b.id})
	require.NoError(t, err)
	o.verdict("refund of the erased", want, r.Decline)
	if r.Decline == nil {
		b.credit(a.billing(b, now), b.left())
	}
}

// together buys for many people at once, with a VAT that the seller has rounded
// up on each ticket: so much of it that one document cannot hold it.
func (o *office) together(t *rapid.T) {
	o.on(t)
	a := o.buyer(t)
	group := make(goods, rapid.IntRange(3, 12).Draw(t, "tickets"))
	for i := range group {
		group[i] = ticket(2120)
		group[i].Stated = &travel.StatedVAT{Net: kr(1970), VAT: kr(150)}
	}
	o.purchase(t, a, a.holder(o.firm), group)
}

// lines calls do for everything that counts in the close of a month: captures
// of it, with their price, and refunds, with a negative one.
func (o *office) lines(m month, do func(k lineKey, amount int64)) {
	for _, a := range o.everybody() {
		for _, b := range a.buys {
			for i, price := range b.lines {
				if b.status == captured && b.month == m && price > 0 {
					do(lineKey{b, i}, price)
				}
			}
			for _, c := range b.credits {
				for i, g := range c.back {
					if c.month == m && g > 0 {
						do(lineKey{b, i}, -g)
					}
				}
			}
		}
	}
}

// bill is what one document is about: an invoice of a seller and reference, or
// the credit of an earlier document.
type bill struct {
	seller, reference string
	credits           invoice.DocumentID
}

// bills adds up what the documents of a month will say.
func (o *office) billsOf(m month) map[bill]int64 {
	sums := map[bill]int64{}
	o.lines(m, func(k lineKey, amount int64) {
		if k.month == m {
			reference := o.reference
			if k.department != nil && k.department.reference != "" {
				reference = k.department.reference
			}
			sums[bill{seller: k.tickets[k.line].Seller, reference: reference}] += amount
			return
		}
		original := o.billed[k]
		require.NotNil(o, original, "a refund of what was never billed")
		sums[bill{original.SellerID, original.Reference, original.ID}] -= amount
	})
	for b, total := range sums {
		if total == 0 {
			delete(sums, b) // refunded whole before it was billed
		}
	}
	return sums
}

// why says what keeps a month from being closed.
func (o *office) why(m month, blocked bool) invoice.Reason {
	sums := o.billsOf(m)
	if len(sums) > 0 && o.street == "" {
		return invoice.ReasonBillingData
	}
	for b := range sums {
		if b.reference == "" {
			return invoice.ReasonNoReference
		}
	}
	if blocked {
		return invoice.ReasonEarlierMonth
	}
	return ""
}

// closeMonth closes a month and reads what was issued.
func (o *office) closeMonth(t *rapid.T) {
	now := o.on(t)
	preview, err := o.bills.Preview(o.ctx, o.firm.id, mustMonth(o.closed.plus(1)))
	require.NoError(t, err)
	sums := map[month]map[bill]int64{}
	issued := o.closing(t, monthToClose(t, now), func(m month, blocked bool) invoice.Reason {
		reason := o.why(m, blocked)
		if reason == "" {
			sums[m] = o.billsOf(m) // before it is closed: then a refund goes elsewhere
		}
		return reason
	})
	for i, m := range issued {
		papers := o.read(m, sums[m])
		if i == 0 {
			o.same(preview.Documents, papers)
		}
	}
}

// same asserts that a preview showed what was then issued.
func (o *office) same(preview []invoice.Document, issued []*paper) {
	o.Helper()
	require.Len(o, preview, len(issued))
	for i, p := range preview {
		d := issued[i].Document
		assert.Equal(o, []any{p.Kind, p.SellerID, p.Reference, p.Net, p.VAT, p.Gross, p.LinesHash, p.Rates},
			[]any{d.Kind, d.SellerID, d.Reference, d.Net, d.VAT, d.Gross, d.LinesHash, d.Rates})
	}
}

// read reads the documents of a month that was closed just now, and compares
// them with what was bought.
func (o *office) read(m month, want map[bill]int64) []*paper {
	o.Helper()
	documents, err := o.bills.Documents(o.ctx, o.operator, invoice.ListRequest{Company: o.firm.id, Month: mustMonth(m)})
	require.NoError(o, err)
	var papers []*paper
	got := map[bill]int64{}
	for _, d := range documents {
		p := &paper{Document: d, erasures: o.erased}
		b := bill{seller: d.SellerID, reference: d.Reference}
		if d.Original != nil {
			b.credits = d.Original.ID
			assert.Equal(o, invoice.CreditNote, d.Kind)
		} else {
			assert.Equal(o, invoice.Invoice, d.Kind)
		}
		got[b] += int64(d.Gross)
		o.tally.count("issued " + string(d.Kind))
		if !d.From.IsZero() || !d.Through.IsZero() {
			o.tally.count("issued in parts")
		}
		o.check(p, m)
		p.csv = o.csv(d)
		papers = append(papers, p)
	}
	assert.Equal(o, want, got, "sums of the documents of %s", m)
	o.papers = append(o.papers, papers...)
	o.clean(m)
	return papers
}

// clean lets the services verify themselves.
func (o *office) clean(m month) {
	o.Helper()
	for _, verify := range []func() ([]travel.Drift, error){
		func() ([]travel.Drift, error) { return o.bills.Verify(o.ctx, o.firm.id, mustMonth(m)) },
		func() ([]travel.Drift, error) { return o.bills.Audit(o.ctx) },
		func() ([]travel.Drift, error) { return o.Audit(o.ctx) },
	} {
		drifts, err := verify()
		require.NoError(o, err)
		require.Empty(o, drifts)
	}
}

// check compares the lines of a document with what was bought, and its sums
// with its lines.
func (o *office) check(p *paper, m month) {
	o.Helper()
	sign := int64(1)
	if p.Original != nil {
		sign = -1
	}
	var net, vat, gross int64
	rates := map[int]*rateSum{}
	n := 0
	for l, err := range o.bills.Lines(o.ctx, p.Document) {
		require.NoError(o, err)
		n++
		o.line(p, m, l, sign)
		assert.Equal(o, l.Gross, l.Net+l.VAT, "net and VAT of a line")
		net, vat, gross = net+int64(l.Net), vat+int64(l.VAT), gross+int64(l.Gross)
		r := rates[l.Entry.Ticket.VATRate]
		if r == nil {
			r = &rateSum{priced: true}
			rates[l.Entry.Ticket.VATRate] = r
		}
		r.gross, r.vat = r.gross+int64(l.Gross), r.vat+int64(l.VAT)
		r.priced = r.priced && !l.Entry.Stated && l.Entry.Kind == travel.EntryCapture
	}
	assert.Equal(o, []int64{int64(p.Net), int64(p.VAT), int64(p.Gross), int64(p.Lines)}, []int64{net, vat, gross, int64(n)}, "sums of the lines")
	assert.Equal(o, p.Gross, p.Net+p.VAT)
	assert.Positive(o, int64(p.Gross))
	for _, r := range p.Rates {
		rates[r.Rate].compare(o, r)
	}
	assert.Len(o, p.Rates, len(rates))
}

// rateSum is what the lines of one VAT rate add up to.
type rateSum struct {
	gross, vat int64
	// priced tells that no seller stated a VAT and nothing was refunded.
	priced bool
}

// compare holds the arithmetic of a rate: the VAT of the sum, rounded half up,
// and less than one krona off the rate whatever was stated.
func (r *rateSum) compare(o *office, total invoice.RateTotal) {
	o.Helper()
	assert.Equal(o, []int64{r.gross, r.vat, r.gross - r.vat}, []int64{int64(total.Gross), int64(total.VAT), int64(total.Net)}, "rate %d", total.Rate)
	rate := int64(total.Rate)
	if r.priced {
		assert.Equal(o, (2*r.gross*rate+10_000+rate)/(2*(10_000+rate)), r.vat, "VAT of %d at %d", r.gross, rate)
	}
	off := r.vat*10_000 - (r.gross-r.vat)*rate
	assert.Less(o, max(off, -off), int64(100*10_000), "VAT of rate %d is a krona off", total.Rate)
}

// line compares a line with the purchase (R29, R32, R37).
func (o *office) line(p *paper, m month, l invoice.Line, sign int64) {
	o.Helper()
	e := &l.Entry
	b := o.bought[e.Authorization]
	require.NotNil(o, b, "a line that nobody bought")
	require.False(o, o.seen[e.ID], "an entry on two documents")
	o.seen[e.ID] = true
	k := lineKey{b, e.Line}
	if e.Kind == travel.EntryCapture {
		assert.Nil(o, o.billed[k], "billed twice")
		o.billed[k] = p
		assert.Equal(o, m, b.month)
		assert.Equal(o, b.lines[e.Line], int64(l.Gross))
	} else {
		assert.Equal(o, p.Original == nil, b.month == m, "a refund is netted in its own month and credited later")
		assert.Equal(o, -sign*int64(e.Gross), int64(l.Gross))
		if p.Original != nil {
			require.NotNil(o, o.billed[k])
			assert.Equal(o, o.billed[k].ID, p.Original.ID, "credits the document that billed it")
		}
	}
	var department travel.DepartmentID
	if b.department != nil {
		department = b.department.id
	}
	assert.Equal(o, department, e.Department)
	assert.Equal(o, b.departmentName, e.DepartmentName)
	assert.Equal(o, travel.Personal{Name: b.person, Purpose: b.purpose}, e.Personal)
	assert.Equal(o, b.tickets[e.Line].Product, e.Ticket.Product)
}

// csv renders the specification.
func (o *office) csv(d invoice.Document) []byte {
	o.Helper()
	var out bytes.Buffer
	require.NoError(o, o.bills.Write(o.ctx, &out, d, o.bills.CSV(language.Swedish)))
	return out.Bytes()
}

// frozen asserts that issued documents are as they were, and that the numbers
// of each series are consecutive (R36).
func (o *office) frozen(t *rapid.T) {
	o.on(t)
	next := map[string]int64{}
	for _, p := range o.papers {
		d, err := o.bills.Document(o.ctx, o.operator, o.firm.id, p.ID)
		require.NoError(t, err)
		require.Equal(t, p.Document, d, "an issued document has changed")
		next[p.Series]++
		assert.Equal(t, next[p.Series], p.Number, "number in series %s", p.Series)
	}
}

// specifications asserts that what is rendered later is what was rendered at
// the issue, as long as nobody was erased.
func (o *office) specifications(t *rapid.T) {
	o.on(t)
	for _, p := range o.papers {
		if csv := o.csv(p.Document); p.erasures == o.erased {
			assert.Equal(t, string(p.csv), string(csv))
		}
		var text bytes.Buffer
		require.NoError(t, o.bills.Write(o.ctx, &text, p.Document, o.bills.Text(language.Swedish)))
		assert.Equal(t, string(p.Content), text.String())
	}
}

// insight asserts that administrators see a month when it is closed, and
// nothing of it before (R33).
func (o *office) insight(t *rapid.T) {
	o.on(t)
	for _, m := range []month{o.closed, o.closed.plus(1)} {
		want := 0
		if m == o.closed {
			o.lines(m, func(lineKey, int64) { want++ })
		}
		n := 0
		for _, err := range o.Purchases(o.ctx, o.firm.admin, o.firm.id, mustMonth(m)) {
			require.NoError(t, err)
			n++
		}
		assert.Equal(t, want, n, "purchases of %s that administrators see, closed through %s", m, o.closed)
	}
}

// TestI2I6 holds R29, R31 to R37, R43 and R44 over any number of months: every
// purchase is on exactly one document, sums and VAT are those of what was bought
// less what was given back, and nothing that was issued ever changes.
func TestI2I6(t *testing.T) {
	t.Parallel()
	var c tally
	defer func() { t.Log(&c) }()
	rapid.Check(t, func(t *rapid.T) {
		o := newOffice(t, &c)
		actions := map[string]action{
			"authorize": {3, o.reserve}, "purchase": {8, o.buy}, "together": {2, o.together}, "capture": {3, o.capture}, "refund": {5, o.refund},
			"move": {2, o.move}, "rename": {1, o.rename}, "spoil": {1, o.spoil}, "erase": {1, o.erase},
			"refund of the erased": {1, o.refundOld}, "connect": {1, o.connect}, "clock": {2, o.tick}, "close": {3, o.closeMonth},
			"month passes": {2, func(t *rapid.T) {
				now := o.on(t)
				o.clock.Set(monthAt(now).start(1).Add(grace + time.Duration(rapid.IntRange(0, 72).Draw(t, "hours"))*time.Hour))
			}},
		}
		t.Repeat(weigh(func(t *rapid.T) {
			c.count("steps")
			o.compare(t)
			o.frozen(t)
			o.insight(t)
			o.audited(t)
		}, actions))
		o.specifications(t)
	})
}
