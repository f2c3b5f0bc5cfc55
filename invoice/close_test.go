package invoice_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestR31_OneInvoicePerCompanyReferenceAndSeller(t *testing.T) {
	t.Parallel()
	k := setup(t)
	school, library, care := k.department("Skola", "100"), k.department("Bibliotek", "100"), k.department("Omsorg", "")
	k.buy(3700, in(school))
	k.buy(5000, in(library))
	k.buy(4100, in(care))
	k.buy(2900)
	k.buy(9900, in(school), soldBy("other"))
	other, admin := k.newCompany("Mullsjö kommun", "99", billing)
	traveler := k.newTraveler(other, admin, "070-200 00 01")
	k.save(k.bought(8800, func(e *travel.Entry) { e.Company, e.Traveler = other, traveler }))

	documents := k.closed(january)
	type row struct {
		reference, seller, label string
		departments              string
		gross                    credit.Amount
	}
	var got []row
	for _, d := range documents {
		var names []string
		for _, s := range d.Departments {
			names = append(names, s.Name)
		}
		got = append(got, row{d.Reference, d.Seller.Name, d.Label(), strings.Join(names, ","), d.Gross})
		assert.Equal(t, invoice.Invoice, d.Kind)
		assert.Equal(t, "Habo kommun", d.Buyer.Name)
	}
	assert.Equal(t, []row{
		{"100", "Länstrafiken AB", "JLT-1", "Bibliotek,Skola", 8700}, // R03: shared reference, by department
		{"4711", "Länstrafiken AB", "JLT-2", "Omsorg,", 7000},        // R03: the default, travelers without one last
		{"100", "Grannlandstrafiken", "GLT-1", "Skola", 9900},
	}, got)
	others, err := k.Documents(k.ctx, k.operator, invoice.ListRequest{Company: other, Month: january})
	require.NoError(t, err)
	require.Len(t, others, 1)
	assert.Equal(t, credit.Amount(8800), others[0].Gross)
}

func TestR31_InArrearsOnceAMonth(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(3700)
	from := january.End(k.zone).Add(72 * time.Hour)
	k.clock.Set(from.Add(-time.Microsecond))
	_, err := k.Close(k.ctx, invoice.CloseRequest{Month: january})
	var early *invoice.EarlyError
	require.ErrorAs(t, err, &early)
	require.ErrorIs(t, err, invoice.ErrTooEarly)
	assert.Equal(t, from, early.From)
	report, err := k.CloseDue(k.ctx)
	require.NoError(t, err)
	assert.Empty(t, report.Issued)

	k.clock.Set(from)
	report, err = k.CloseDue(k.ctx)
	require.NoError(t, err)
	require.Len(t, report.Issued, 1)
	assert.Equal(t, january, report.Issued[0].Month)
}

func TestR35_AMonthIsClosedOnce(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(3700)
	first := k.closed(january)
	report, err := k.Close(k.ctx, invoice.CloseRequest{Month: january})
	require.NoError(t, err)
	assert.Empty(t, report.Issued)
	require.Len(t, report.Skipped, 1)
	assert.Equal(t, first[0].ID, report.Skipped[0].Documents[0])
	assert.Equal(t, first, k.issued(january))
}

func TestR35_MissedMonthsAreCaughtUpInOrder(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(3700)
	k.clock.Set(time.Date(2026, 2, 10, 9, 0, 0, 0, time.UTC))
	k.buy(4000)
	k.due(april())
	report, err := k.CloseDue(k.ctx)
	require.NoError(t, err)
	var months []credit.Month
	for _, c := range report.Issued {
		months = append(months, c.Month)
	}
	assert.Equal(t, []credit.Month{january, february, march, april()}, months)
	assert.Equal(t, "JLT-1", k.issued(january)[0].Label())
	assert.Equal(t, "JLT-2", k.issued(february)[0].Label())
	assert.Empty(t, k.issued(march), "nothing was bought")
}

func april() credit.Month { return march + 1 }

func TestR35_ACompanyIsSetAsideUntilMended(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reference string
		billing   travel.Billing
		entry     func(k *kit) travel.Entry
		reason    invoice.Reason
		detail    string
		mend      func(k *kit)
	}{
		"no reference": {
			billing: billing,
			entry:   func(k *kit) travel.Entry { return k.bought(3700, in(k.department("Skola", ""))) },
			reason:  invoice.ReasonNoReference, detail: "Skola",
			mend: func(k *kit) {
				require.NoError(k, k.travel.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{Billing: billing, DefaultReference: "1"}))
			},
		},
		"no address": {
			reference: "1", billing: travel.Billing{City: "Habo"},
			entry:  func(k *kit) travel.Entry { return k.bought(3700) },
			reason: invoice.ReasonBillingData, detail: "Street, PostalCode",
			mend: func(k *kit) {
				require.NoError(k, k.travel.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{Billing: billing, DefaultReference: "1"}))
			},
		},
		"unknown seller": {
			reference: "1", billing: billing,
			entry:  func(k *kit) travel.Entry { return k.bought(3700, soldBy("nobody")) },
			reason: invoice.ReasonUnknownSeller, detail: "nobody",
			mend: func(k *kit) {
				k.config.Sellers = append(k.config.Sellers, invoice.Seller{ID: "nobody", Party: otherParty, Series: "N"})
				var err error
				k.Service, err = invoice.New(k.config)
				require.NoError(k, err)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			good := k.company
			k.save(k.bought(2900))
			k.company, k.admin = k.newCompany("Mullsjö kommun", c.reference, c.billing)
			k.traveler = k.newTraveler(k.company, k.admin, "070-200 00 01")
			k.save(c.entry(k))
			k.due(january)
			for range 2 { // saying it twice makes one event
				report, err := k.CloseDue(k.ctx)
				require.NoError(t, err)
				require.Len(t, report.Aside, 1)
				assert.Equal(t, k.company, report.Aside[0].Company)
				assert.Equal(t, c.reason, report.Aside[0].Reason)
				assert.Equal(t, c.detail, report.Aside[0].Detail)
				text := report.Aside[0].Problem().Text(swedish)
				assert.Contains(t, text, c.detail)
				assert.NotEqual(t, text, report.Aside[0].Problem().Text(language.English))
			}
			assert.Equal(t, 1, k.events()[travel.EventMonthSetAside])
			assert.Empty(t, k.issued(january))
			others, err := k.Documents(k.ctx, k.operator, invoice.ListRequest{Company: good, Month: january})
			require.NoError(t, err)
			require.Len(t, others, 1, "the others are invoiced")

			k.due(february)
			report, err := k.CloseDue(k.ctx)
			require.NoError(t, err)
			require.Len(t, report.Aside, 2)
			assert.Equal(t, invoice.ReasonEarlierMonth, report.Aside[1].Reason, "months are closed in order")
			assert.Equal(t, "2026-01", report.Aside[1].Detail)

			c.mend(k)
			report, err = k.CloseDue(k.ctx)
			require.NoError(t, err)
			assert.Empty(t, report.Aside)
			require.Len(t, report.Issued, 2)
			assert.Len(t, k.issued(january), 1)
		})
	}
}

// events counts the events in the outbox, and takes them.
func (k *kit) events() map[travel.EventType]int {
	k.Helper()
	counts := map[travel.EventType]int{}
	for {
		at := k.clock.Now()
		events, err := k.store.LeaseEvents(k.ctx, "test", at, at.Add(time.Hour), 100)
		require.NoError(k, err)
		if len(events) == 0 {
			return counts
		}
		for _, e := range events {
			counts[e.Type]++
		}
	}
}

// A month in which nothing was bought needs no address.
func TestR35_NothingBoughtNothingToMend(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.company, k.admin = k.newCompany("Mullsjö kommun", "", travel.Billing{})
	assert.Empty(t, k.closed(january))
	assert.Equal(t, invoice.CloseIssued, k.standing(january).State)
}

// While a month is set aside before it was fenced, its refunds are netted.
func TestR43_ARefundBeforeTheInvoiceIsNettedAlsoWhileSetAside(t *testing.T) {
	t.Parallel()
	k := setupTravel(t, func(*travel.Config) {})
	k.company, k.admin = k.newCompany("Mullsjö kommun", "", billing)
	holder := k.holder("070-200 00 01")
	z := k.purchase(holder, "37.00")
	k.due(january)
	report, err := k.CloseDue(k.ctx)
	require.NoError(t, err)
	require.Len(t, report.Aside, 1)
	refund, err := k.travel.Refund(k.ctx, k.operator, travel.RefundRequest{Company: k.company, Key: "r", Authorization: z, Amounts: []decimal.Decimal{decimal.NewFromInt(7)}})
	require.NoError(t, err)
	assert.Equal(t, january, refund.Billing)
	require.NoError(t, k.travel.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{Billing: billing, DefaultReference: "1"}))
	documents := k.closed(january)
	require.Len(t, documents, 1)
	assert.Equal(t, credit.Amount(3000), documents[0].Gross)
	assert.Equal(t, 2, documents[0].Lines)
}

// holder connects a traveler who can buy for 500 kr.
func (k *kit) holder(number string) travel.Holder {
	k.Helper()
	id := k.newTraveler(k.company, k.admin, number)
	_, err := k.travel.Connect(k.ctx, k.admin, travel.ConnectRequest{Company: k.company, Traveler: id, Limit: decimal.NewFromInt(500), Key: number})
	require.NoError(k, err)
	var phone inbox
	keys, err := sms.NewKeyRing(sms.Key{ID: "k1", Secret: []byte("0123456789abcdef0123456789abcdef")})
	require.NoError(k, err)
	d, err := sms.NewDispatcher(k.store, &phone, keys, sms.DispatcherOptions{From: "Resor", Clock: k.clock.Now})
	require.NoError(k, err)
	_, err = d.RunDue(k.ctx, k.clock.Now())
	require.NoError(k, err)
	_, text, _ := strings.Cut(phone.last, "Användarnamn: ")
	username, text, _ := strings.Cut(text, " Engångskod: ")
	n, err := k.travel.ParseNumber(number)
	require.NoError(k, err)
	m, err := k.travel.Activate(k.ctx, travel.ActivateRequest{Username: username, Code: text[:9], Number: n, Device: "phone"})
	require.NoError(k, err)
	return travel.Holder{Method: m, Device: "phone", Number: n}
}

// inbox keeps the last SMS.
type inbox struct{ last string }

func (i *inbox) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	i.last = m.Text
	return sms.Receipt{Gateway: "test", GatewayID: m.ID.String()}, nil
}

func ticketOf(price string) travel.Ticket {
	return travel.Ticket{
		Product: "single", ProductName: "Enkelbiljett", Category: "vuxen", Zones: []string{"Habo"},
		Gross: decimal.RequireFromString(price), VATRate: 600,
	}
}

func (k *kit) authorize(h travel.Holder, price string) travel.AuthorizationID {
	k.Helper()
	r, err := k.travel.Authorize(k.ctx, travel.AuthorizeRequest{Holder: h, Key: "a" + price, Tickets: []travel.Ticket{ticketOf(price)}})
	require.NoError(k, err)
	require.Nil(k, r.Decline)
	return r.Authorization
}

func (k *kit) purchase(h travel.Holder, price string) travel.AuthorizationID {
	k.Helper()
	r, err := k.travel.Purchase(k.ctx, travel.PurchaseRequest{Holder: h, Key: "p" + price, Tickets: []travel.Ticket{ticketOf(price)}, Purpose: "Möte"})
	require.NoError(k, err)
	require.Nil(k, r.Decline)
	return r.Authorization
}

// A reservation of 31 January 23:59:59.999 that is captured on 1 February is
// on January's invoice; what was not captured by then expires at the close.
func TestR35_ALateCaptureIsInItsMonth(t *testing.T) {
	t.Parallel()
	k := setup(t)
	h := k.holder("070-200 00 01")
	k.clock.Set(january.End(k.zone).Add(-time.Millisecond))
	captured, forgotten := k.authorize(h, "37.00"), k.authorize(h, "41.00")
	k.clock.Set(january.End(k.zone).Add(14 * time.Minute))
	r, err := k.travel.Capture(k.ctx, travel.CaptureRequest{Holder: h, Key: "c", Authorization: captured, Purpose: "Möte"})
	require.NoError(t, err)
	require.Nil(t, r.Decline)
	documents := k.closed(january)
	require.Len(t, documents, 1)
	assert.Equal(t, credit.Amount(3700), documents[0].Gross)
	assert.Equal(t, 1, k.events()[travel.EventPurchaseExpired])

	t.Run("a straggler is declined", func(t *testing.T) {
		r, err := k.travel.Capture(k.ctx, travel.CaptureRequest{Holder: h, Key: "late", Authorization: forgotten, Purpose: "Möte"})
		require.NoError(t, err)
		require.NotNil(t, r.Decline)
		assert.Equal(t, credit.AuthorizationExpired, r.Decline.Code)
	})
	t.Run("R36 and billed nowhere", func(t *testing.T) {
		assert.Equal(t, documents, k.issued(january))
		assert.Empty(t, k.closed(february))
	})
}

// silent is a payment provider that says nothing until it is told to.
type silent struct {
	mu     sync.Mutex
	speaks bool
}

func (p *silent) answer() (travel.ProviderAnswer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.speaks {
		return travel.ProviderAnswer{}, errors.New("timeout")
	}
	return travel.ProviderAnswer{Approved: true}, nil
}

func (p *silent) Charge(context.Context, travel.Charge) (travel.ProviderAnswer, error) {
	return p.answer()
}

func (p *silent) Refund(context.Context, travel.ProviderRefund) (travel.ProviderAnswer, error) {
	return p.answer()
}

func TestR35_AnUnansweredChargeSetsAside(t *testing.T) {
	t.Parallel()
	provider := &silent{}
	k := setupTravel(t, func(c *travel.Config) { c.Provider = provider }, func(c *invoice.Config) { c.ProviderBills = true })
	h := k.holder("070-200 00 01")
	z := k.authorize(h, "37.00")
	_, err := k.travel.Capture(k.ctx, travel.CaptureRequest{Holder: h, Key: "c", Authorization: z, Purpose: "Möte"})
	require.ErrorIs(t, err, travel.ErrPaymentPending)
	k.due(january)
	report, err := k.CloseDue(k.ctx)
	require.NoError(t, err)
	require.Len(t, report.Aside, 1)
	assert.Equal(t, invoice.ReasonChargeUnanswered, report.Aside[0].Reason)
	assert.Equal(t, z.String(), report.Aside[0].Detail)
	company, err := k.travel.Company(k.ctx, k.operator, k.company)
	require.NoError(t, err)
	assert.Equal(t, january-1, company.ClosedThrough, "nothing was fenced")

	provider.speaks = true
	_, err = k.travel.DrivePayments(k.ctx)
	require.NoError(t, err)
	documents := k.closed(january)
	require.Len(t, documents, 1)
	assert.Equal(t, invoice.Basis, documents[0].Kind, "the provider writes the invoice")
	assert.Empty(t, documents[0].Label())
	assert.Zero(t, documents[0].DueAt)
	assert.Equal(t, credit.Amount(3700), documents[0].Gross)

	t.Run("R43 the credit is a basis too", func(t *testing.T) {
		_, err := k.travel.Refund(k.ctx, k.operator, travel.RefundRequest{Company: k.company, Key: "r", Authorization: z})
		require.NoError(t, err)
		notes := k.closed(february)
		require.Len(t, notes, 1)
		assert.Equal(t, invoice.Basis, notes[0].Kind)
		assert.Equal(t, documents[0].ID, notes[0].Original.ID)
		assert.Empty(t, notes[0].Label())
	})
}

func TestR36_NumbersAreConsecutiveInEachSeries(t *testing.T) {
	t.Parallel()
	k := setup(t)
	const companies = 12
	for i := range companies {
		c, admin := k.newCompany(fmt.Sprintf("Kommun %d", i), "1", billing)
		traveler := k.newTraveler(c, admin, fmt.Sprintf("070-200 00 %02d", i))
		for _, seller := range []string{"", "other"} {
			k.save(k.bought(credit.Amount(1000+i), soldBy(seller), func(e *travel.Entry) { e.Company, e.Traveler = c, traveler }))
		}
	}
	k.buy(100)
	k.due(january)
	// Several processes run the close at the same time.
	var wg sync.WaitGroup
	var mu sync.Mutex
	closed := map[travel.CompanyID]int{}
	for range 6 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			report, err := k.CloseDue(k.ctx)
			mu.Lock()
			defer mu.Unlock()
			assert.NoError(t, err)
			assert.Empty(t, report.Aside)
			for _, c := range report.Issued {
				closed[c.Company]++
			}
		}()
	}
	wg.Wait()
	assert.Len(t, closed, companies+1)
	numbers := map[string]map[int64]bool{"JLT": {}, "GLT": {}}
	require.NoError(t, k.store.ViewInvoices(k.ctx, func(tx invoice.Tx) error {
		for series, seen := range numbers {
			documents, err := tx.Documents(k.ctx, invoice.DocumentQuery{Series: series, Limit: 1000})
			require.NoError(t, err)
			for _, d := range documents {
				require.False(t, seen[d.Number])
				seen[d.Number] = true
			}
		}
		return nil
	}))
	for series, want := range map[string]int64{"JLT": companies + 1, "GLT": companies} {
		assert.Len(t, numbers[series], int(want))
		for n := int64(1); n <= want; n++ {
			assert.True(t, numbers[series][n], "%s-%d is missing", series, n)
		}
	}
}

func TestR37_PapersKeepTheirNames(t *testing.T) {
	t.Parallel()
	k := setup(t)
	d := k.department("Skola", "100")
	k.buy(3700, in(d))
	require.NoError(t, k.travel.UpdateDepartment(k.ctx, k.admin, k.company, d.ID, travel.DepartmentDetails{Name: "Utbildning", Reference: "200"}))
	documents := k.closed(january)
	require.Len(t, documents, 1)
	assert.Equal(t, "Skola", documents[0].Departments[0].Name, "the name is that at the purchase")
	assert.Equal(t, "200", documents[0].Reference, "the reference is that at the issue")
	before := k.text(documents[0], k.Text(swedish)) + k.text(documents[0], k.CSV(swedish))

	moved := travel.Billing{Name: "Nya kommunen", Street: "Nygatan 1", PostalCode: "111 11", City: "Nystad"}
	require.NoError(t, k.travel.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{Billing: moved, DefaultReference: "300"}))
	require.NoError(t, k.travel.UpdateDepartment(k.ctx, k.admin, k.company, d.ID, travel.DepartmentDetails{Name: "Omsorg", Reference: "400"}))
	k.config.Sellers[0].Party.Name = "Nytrafiken AB"
	var err error
	k.Service, err = invoice.New(k.config)
	require.NoError(t, err)
	after := k.issued(january)
	assert.Equal(t, documents, after)
	assert.Equal(t, before, k.text(after[0], k.Text(swedish))+k.text(after[0], k.CSV(swedish)))
}

// meddling is a store in which an administrator saves something while a close
// reads the entries.
type meddling struct {
	invoice.Store
	meddle func()
}

func (m *meddling) Entries(ctx context.Context, q travel.EntryQuery) iter.Seq2[travel.Entry, error] {
	m.meddle()
	return m.Store.Entries(ctx, q)
}

// The reference is changed after the draft was begun and before the issue.
func TestR37_TheReferenceIsThatAtTheIssue(t *testing.T) {
	t.Parallel()
	k := setup(t)
	d := k.department("Skola", "100")
	k.buy(3700, in(d))
	k.due(january)
	changes := 0
	k.config.Store = &meddling{k.store, func() {
		if k.standing(january).State == invoice.CloseFenced && changes < 3 {
			changes++
			details := travel.DepartmentDetails{Name: "Skola", Reference: fmt.Sprint(100 + changes)}
			require.NoError(t, k.travel.UpdateDepartment(k.ctx, k.admin, k.company, d.ID, details))
		}
	}}
	s, err := invoice.New(k.config)
	require.NoError(t, err)
	_, err = s.CloseDue(k.ctx)
	require.NoError(t, err)
	documents := k.issued(january)
	require.Len(t, documents, 1)
	assert.Equal(t, "103", documents[0].Reference)
}

func TestR43_NettedBeforeTheInvoiceCreditedAfter(t *testing.T) {
	t.Parallel()
	k := setup(t)
	d := k.department("Skola", "100")
	a, b := k.buy(3700, in(d)), k.buy(5300, in(d))
	k.save(k.given(a, 0, 700, january))
	invoices := k.closed(january)
	require.Len(t, invoices, 1)
	assert.Equal(t, credit.Amount(8300), invoices[0].Gross)

	k.save(k.given(a, 700, 1000, february), k.given(b, 0, 5300, february))
	k.save(k.bought(2000, in(d)))
	documents := k.closed(february)
	require.Len(t, documents, 2)
	assert.Equal(t, invoice.Invoice, documents[0].Kind)
	note := documents[1]
	assert.Equal(t, invoice.CreditNote, note.Kind)
	assert.Equal(t, credit.Amount(6300), note.Gross, "amounts are positive")
	assert.Equal(t, &invoice.Original{ID: invoices[0].ID, Series: "JLT", Number: 1, IssuedAt: invoices[0].IssuedAt}, note.Original)
	assert.Equal(t, "JLT-3", note.Label())
	assert.Equal(t, "100", note.Reference)
	assert.Equal(t, invoices, k.issued(january), "R36 the invoice stays")
	assert.Contains(t, k.text(note, k.Text(swedish)), "JLT-1 av den 2026-02-04")
}

func TestR43_ARefundedGroupGivesNoEmptyInvoice(t *testing.T) {
	t.Parallel()
	k := setup(t)
	e := k.buy(3700, in(k.department("Skola", "100")))
	k.save(k.given(e, 0, 3700, january))
	k.buy(4000)
	documents := k.closed(january)
	require.Len(t, documents, 1)
	assert.Equal(t, "4711", documents[0].Reference)
}

func TestPreview(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(3700)
	k.buy(4100, in(k.department("Skola", "100")))
	p, err := k.Preview(k.ctx, k.company, january)
	require.NoError(t, err)
	require.Nil(t, p.Problem)
	require.Len(t, p.Documents, 2)
	assert.Contains(t, k.text(p.Documents[0], k.Text(swedish)), "FAKTURA (UTKAST)")
	assert.Len(t, k.linesOf(p.Documents[0]), 1)
	assert.Zero(t, k.events()[travel.EventMonthClosed])

	issued := k.closed(january)
	for i, d := range issued {
		draft := p.Documents[i]
		draft.ID, draft.Series, draft.Number, draft.IssuedAt, draft.DueAt = d.ID, d.Series, d.Number, d.IssuedAt, d.DueAt
		draft.PaymentReference, draft.Content, draft.Hash = d.PaymentReference, d.Content, d.Hash
		assert.Equal(t, d, draft, "the close issues what the preview showed")
	}
	p, err = k.Preview(k.ctx, k.company, january)
	require.NoError(t, err)
	assert.Equal(t, issued, p.Documents)

	k.company, k.admin = k.newCompany("Mullsjö kommun", "", billing)
	k.traveler = k.newTraveler(k.company, k.admin, "070-200 00 01")
	k.buy(1000)
	p, err = k.Preview(k.ctx, k.company, credit.MonthOf(k.clock.Now(), k.zone))
	require.NoError(t, err)
	require.NotNil(t, p.Problem)
	assert.Equal(t, invoice.ReasonNoReference, p.Problem.Reason)
}

func TestCloseOfSome(t *testing.T) {
	t.Parallel()
	k := setup(t)
	other, _ := k.newCompany("Mullsjö kommun", "1", billing)
	k.due(january)
	report, err := k.Close(k.ctx, invoice.CloseRequest{Month: january, Companies: []travel.CompanyID{other, other}})
	require.NoError(t, err)
	require.Len(t, report.Issued, 1)
	assert.Equal(t, other, report.Issued[0].Company)
	_, err = k.Close(k.ctx, invoice.CloseRequest{Month: january, Companies: []travel.CompanyID{k.ids.New()}})
	require.ErrorIs(t, err, travel.ErrNotFound)
	_, err = k.Close(k.ctx, invoice.CloseRequest{})
	require.ErrorIs(t, err, travel.ErrInvalid)
}

func TestConfig(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for field, breaks := range map[string]func(*invoice.Config){
		"Config.Store":                               func(c *invoice.Config) { c.Store = nil },
		"Config.Travel":                              func(c *invoice.Config) { c.Travel = nil },
		"Config.Sellers":                             func(c *invoice.Config) { c.Sellers = nil },
		"Config.Sellers[0].Party.Street":             func(c *invoice.Config) { c.Sellers[0].Party.Street = " " },
		"Config.Sellers[1].ID":                       func(c *invoice.Config) { c.Sellers[1].ID = "" },
		"Config.Sellers[1].Series":                   func(c *invoice.Config) { c.Sellers[1].Series = "JLT" },
		"Config.Sellers[0].Series":                   func(c *invoice.Config) { c.Sellers[0].Series = "" },
		"Config.Grace":                               func(c *invoice.Config) { c.Grace = 15 * time.Minute },
		"Config.PaymentDays":                         func(c *invoice.Config) { c.PaymentDays = -1 },
		"Config.Currency":                            func(c *invoice.Config) { c.Currency = "kr" },
		"Config.Sellers[1].Party.VATNumber":          func(c *invoice.Config) { c.Sellers[1].Party.VATNumber = "" },
		"Config.Sellers[0].Party.VATNumber":          func(c *invoice.Config) { c.Sellers[0].Party.VATNumber = "SE5560000167" },
		"Config.Sellers[0].Party.OrganizationNumber": func(c *invoice.Config) { c.Sellers[0].Party.OrganizationNumber = "556000-0168" },
		"Config.Sellers[0].Payee.Bankgiro":           func(c *invoice.Config) { c.Sellers[0].Payee.Bankgiro = "5050-1054" },
		"Config.Sellers[1].Payee.Plusgiro":           func(c *invoice.Config) { c.Sellers[1].Payee.Plusgiro = "28 65 43-5" },
		"Config.Sellers[0].Payee.IBAN":               func(c *invoice.Config) { c.Sellers[0].Payee.IBAN = "SE45" },
		"Config.Sellers[0].OCR":                      func(c *invoice.Config) { c.Sellers[0].OCR = 9 },
	} {
		c := k.config
		c.Sellers = append([]invoice.Seller(nil), c.Sellers...)
		breaks(&c)
		_, err := invoice.New(c)
		var input *travel.InputError
		require.ErrorAs(t, err, &input, field)
		assert.Equal(t, field, input.Field)
	}
	_, err := invoice.New(invoice.Config{Store: memory.New(memory.Options{}), Travel: k.travel, Sellers: k.config.Sellers[:1]})
	require.NoError(t, err, "the rest has defaults")
}

func TestErrorsNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	k := setup(t)
	_, err := k.Close(k.ctx, invoice.CloseRequest{Month: january})
	assert.EqualError(t, err, "month 2026-01 can be closed from 2026-02-03T23:00:00Z on")

	first := k.company
	second, _ := k.newCompany("Mullsjö kommun", "1", billing)
	k.due(january)
	k.config.Store = &crashing{Store: k.store, at: 1 << 30}
	failing, err := invoice.New(k.config)
	require.NoError(t, err)
	k.config.Store.(*crashing).at = 2 // every step after the companies are read
	report, err := failing.Close(k.ctx, invoice.CloseRequest{Month: january})
	require.ErrorIs(t, err, errCrash)
	var failed *invoice.CloseError
	require.ErrorAs(t, err, &failed)
	require.Len(t, failed.Failed, 2)
	assert.Equal(t, first, failed.Failed[0].Company)
	assert.Equal(t, second, failed.Failed[1].Company)
	// It died on looking where the company stands: the last month closed.
	assert.EqualError(t, failed.Failed[1], "company "+second.String()+", month 2025-12: the process died")
	assert.EqualError(t, err, "close: company "+first.String()+", month 2025-12: the process died (and 1 more)")
	assert.Empty(t, report.Issued)

	k.config.Store.(*crashing).step, k.config.Store.(*crashing).once = 0, true
	report, err = failing.Close(k.ctx, invoice.CloseRequest{Month: january})
	assert.EqualError(t, err, "close: company "+first.String()+", month 2025-12: the process died")
	require.Len(t, report.Issued, 1, "one that fails does not stop the others")
	assert.Equal(t, second, report.Issued[0].Company)

	p := &invoice.Problem{Reason: invoice.ReasonNoReference, Detail: "Skola"}
	assert.EqualError(t, p, `set aside: no_reference "Skola"`)
	assert.Equal(t, "future", (&invoice.Problem{Reason: "future"}).Text(swedish))
	assert.Nil(t, report.Issued[0].Problem())
}

func TestCloseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(3700)
	k.due(january)
	ctx, cancel := context.WithCancel(k.ctx)
	cancel()
	_, err := k.CloseDue(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, k.issued(january))
}
