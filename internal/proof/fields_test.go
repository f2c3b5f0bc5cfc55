package proof

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/csvimport"
	"github.com/tjansteresor/tjansteresor/travel"
)

// changes are the ways in which a request can be another one, by field.
type changes[Req any] map[string]func(*Req)

// complete asserts that no field was forgotten: each is changed, or exempt
// because it is no content.
func complete[Req any](t *testing.T, c changes[Req], exempt ...string) {
	t.Helper()
	kind := reflect.TypeFor[Req]()
	for i := range kind.NumField() {
		name := kind.Field(i).Name
		_, changed := c[name]
		for _, e := range exempt {
			changed = changed || e == name
		}
		assert.True(t, changed, "%s.%s is not changed", kind.Name(), name)
	}
}

// everyFieldCounts sends a request, and then each of its changes under the
// same key.
func everyFieldCounts[Req, Res any](t *testing.T, w *world, do method[Req, Res], req Req, c changes[Req], exempt ...string) {
	t.Helper()
	complete(t, c, exempt...)
	_, err := do(w.Service, w.ctx, req)
	require.NoError(t, err)
	before := w.dump()
	for name, change := range c {
		other := req
		change(&other)
		_, err := do(w.Service, w.ctx, other)
		assert.ErrorIs(t, err, travel.ErrKeyReused, "another %s.%s", reflect.TypeFor[Req]().Name(), name)
	}
	w.unchanged(before, "by a request that was refused")
}

// ticketChanges are those of a ticket; what depends on another field is
// changed together with it.
var ticketChanges = changes[travel.Ticket]{
	"ID":          func(t *travel.Ticket) { t.ID += "x" },
	"Product":     func(t *travel.Ticket) { t.Product += "x" },
	"ProductName": func(t *travel.Ticket) { t.ProductName += "x" },
	"Category":    func(t *travel.Ticket) { t.Category += "x" },
	"Zones":       func(t *travel.Ticket) { t.Zones = append([]string{"x"}, t.Zones...) },
	"From":        func(t *travel.Ticket) { t.From += "x" },
	"To":          func(t *travel.Ticket) { t.To += "x" },
	"Region":      func(t *travel.Ticket) { t.Region += "x" },
	"Seller":      func(t *travel.Ticket) { t.Seller += "x" },
	"ValidFrom":   func(t *travel.Ticket) { t.ValidFrom = time.Date(2026, 1, 20, 7, 0, 0, 0, time.UTC) },
	"Gross":       func(t *travel.Ticket) { t.Gross, t.Stated = t.Gross.Add(kr(1)), nil },
	"VATRate":     func(t *travel.Ticket) { t.VATRate, t.VATCategory = 2500, "S" },
	"VATCategory": func(t *travel.Ticket) { t.VATRate, t.VATCategory = 0, "E" },
	"VATReason":   func(t *travel.Ticket) { t.VATReason += "x" },
	"Stated": func(t *travel.Ticket) {
		vat := kr(ore(t.Gross) * 6 / 106)
		t.Stated = &travel.StatedVAT{Net: t.Gross.Sub(vat), VAT: vat}
	},
}

func TestR42_EveryFieldIsContent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, beginnings[0])
	f := w.company("Kommunen")
	n := w.number()
	id := w.person(f, n, travel.TravelerDetails{FirstName: "Anna", LastName: "Andersson"})
	other := w.person(f, w.number(), travel.TravelerDetails{FirstName: "Bo", LastName: "Berg"})
	h := w.join(f, id, n, "phone", decimal.NewFromInt(5000))
	tickets := []travel.Ticket{ticket(2000), ticket(3000)}

	holder := changes[travel.Holder]{
		"Method": func(h *travel.Holder) { h.Method.Connection[0]++ },
		"Device": func(h *travel.Holder) { h.Device += "x" },
		"Number": func(h *travel.Holder) { h.Number = w.number() },
	}
	complete(t, holder)
	complete(t, ticketChanges)

	t.Run("authorize", func(t *testing.T) {
		complete(t, changes[travel.AuthorizeRequest]{"Holder": nil, "Tickets": nil}, "Key", "DryRun")
		req := travel.AuthorizeRequest{Holder: h, Key: w.key(), Tickets: tickets}
		_, err := w.Authorize(w.ctx, req)
		require.NoError(t, err)
		for name, change := range holder {
			other := req
			change(&other.Holder)
			_, err := w.Authorize(w.ctx, other)
			assert.ErrorIs(t, err, travel.ErrKeyReused, "another holder: %s", name)
		}
		for name, change := range ticketChanges {
			for i := range tickets {
				other := req
				other.Tickets = append([]travel.Ticket(nil), tickets...)
				change(&other.Tickets[i])
				_, err := w.Authorize(w.ctx, other)
				assert.ErrorIs(t, err, travel.ErrKeyReused, "another ticket %d: %s", i, name)
			}
		}
	})
	t.Run("purchase", func(t *testing.T) {
		everyFieldCounts(t, w, (*travel.Service).Purchase,
			travel.PurchaseRequest{Holder: h, Key: w.key(), Tickets: tickets, Purpose: "Möte"},
			changes[travel.PurchaseRequest]{
				"Holder":  func(r *travel.PurchaseRequest) { r.Holder.Device += "x" },
				"Tickets": func(r *travel.PurchaseRequest) { r.Tickets = tickets[:1] },
				"Purpose": func(r *travel.PurchaseRequest) { r.Purpose += " " },
			}, "Key")
	})
	t.Run("capture and release", func(t *testing.T) {
		z, err := w.Authorize(w.ctx, travel.AuthorizeRequest{Holder: h, Key: w.key(), Tickets: tickets})
		require.NoError(t, err)
		everyFieldCounts(t, w, (*travel.Service).Release,
			travel.ReleaseRequest{Holder: h, Key: w.key(), Authorization: z.Authorization},
			changes[travel.ReleaseRequest]{
				"Holder":        func(r *travel.ReleaseRequest) { r.Holder.Device += "x" },
				"Authorization": func(r *travel.ReleaseRequest) { r.Authorization[0]++ },
			}, "Key")
		everyFieldCounts(t, w, (*travel.Service).Capture,
			travel.CaptureRequest{Holder: h, Key: w.key(), Authorization: z.Authorization, Purpose: "Möte"},
			changes[travel.CaptureRequest]{
				"Holder":        func(r *travel.CaptureRequest) { r.Holder.Device += "x" },
				"Authorization": func(r *travel.CaptureRequest) { r.Authorization[0]++ },
				"Purpose":       func(r *travel.CaptureRequest) { r.Purpose += " " },
				"Amounts":       func(r *travel.CaptureRequest) { r.Amounts = amounts([]int64{2000, 3000}) },
			}, "Key")
	})
	t.Run("refund", func(t *testing.T) {
		bought, err := w.Purchase(w.ctx, travel.PurchaseRequest{Holder: h, Key: w.key(), Tickets: tickets, Purpose: "Möte"})
		require.NoError(t, err)
		again, err := w.Purchase(w.ctx, travel.PurchaseRequest{Holder: h, Key: w.key(), Tickets: tickets, Purpose: "Möte"})
		require.NoError(t, err)
		// A key is unique per company: the same one in another is no repetition.
		everyFieldCounts(t, w, as(w.operator, (*travel.Service).Refund),
			travel.RefundRequest{Company: f.id, Key: w.key(), Authorization: bought.Authorization, Amounts: amounts([]int64{100, 0})},
			changes[travel.RefundRequest]{
				"Authorization": func(r *travel.RefundRequest) { r.Authorization = again.Authorization },
				"Amounts":       func(r *travel.RefundRequest) { r.Amounts = amounts([]int64{0, 100}) },
			}, "Key", "Company")
	})
	t.Run("connect", func(t *testing.T) {
		everyFieldCounts(t, w, as(f.admin, (*travel.Service).Connect),
			travel.ConnectRequest{Company: f.id, Traveler: other, Key: w.key(), Limit: decimal.NewFromInt(500)},
			changes[travel.ConnectRequest]{
				"Traveler": func(r *travel.ConnectRequest) { r.Traveler = id },
				"Limit":    func(r *travel.ConnectRequest) { r.Limit = decimal.NewFromInt(501) },
				"Language": func(r *travel.ConnectRequest) { r.Language = language.English },
				"Note":     func(r *travel.ConnectRequest) { r.Note = "enligt chefen" },
			}, "Key", "Company")
	})
	t.Run("change number", func(t *testing.T) {
		everyFieldCounts(t, w, as(f.admin, (*travel.Service).ChangeNumber),
			travel.ChangeNumberRequest{Company: f.id, Traveler: other, Key: w.key(), Number: w.number()},
			changes[travel.ChangeNumberRequest]{
				"Traveler": func(r *travel.ChangeNumberRequest) { r.Traveler = id },
				"Number":   func(r *travel.ChangeNumberRequest) { r.Number = w.number() },
				"Connect":  func(r *travel.ChangeNumberRequest) { r.Connect = true },
				"Language": func(r *travel.ChangeNumberRequest) { r.Language = language.English },
			}, "Key", "Company")
	})
}

// list reads a list of travelers.
func (w *world) list(lines ...string) csvimport.Result {
	w.Helper()
	file, err := w.ReadImport(strings.NewReader(strings.Join(lines, "\n") + "\n"))
	require.NoError(w, err)
	return file
}

func TestR42_EveryFieldOfAnImportIsContent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, beginnings[0])
	f := w.company("Kommunen")
	const headings = "First name,Last name,Mobile,Email,Department,Reference,Employee number,Credit limit"
	const row = "Anna,Andersson,070-123 45 67,a@kommunen.example,Skolan,4711,17,500"
	good := w.list(headings, row)
	require.Len(t, good.Rows, 1)
	file := func(r csvimport.Result) func(*travel.ImportRequest) {
		return func(req *travel.ImportRequest) { req.File = r }
	}
	req := travel.ImportRequest{Company: f.id, File: good, CreateDepartments: true, Key: w.key()}
	everyFieldCounts(t, w, as(f.admin, (*travel.Service).ApplyImport), req, changes[travel.ImportRequest]{
		"File":              file(w.list(headings, row, "Bo,Berg,070-123 45 68,,Skolan,,,")),
		"CreateDepartments": func(r *travel.ImportRequest) { r.CreateDepartments = false },
		"GoodRowsOnly":      func(r *travel.ImportRequest) { r.GoodRowsOnly = true },
		"Language":          func(r *travel.ImportRequest) { r.Language = language.English },
	}, "Key", "Company", "Fingerprint", "Progress")

	for name, other := range map[string]csvimport.Result{
		"first name":      w.list(headings, strings.Replace(row, "Anna", "Hanna", 1)),
		"last name":       w.list(headings, strings.Replace(row, "Andersson", "Anderson", 1)),
		"number":          w.list(headings, strings.Replace(row, "45 67", "45 68", 1)),
		"email":           w.list(headings, strings.Replace(row, "a@", "b@", 1)),
		"department":      w.list(headings, strings.Replace(row, "Skolan", "Skola", 1)),
		"reference":       w.list(headings, strings.Replace(row, "4711", "4712", 1)),
		"employee number": w.list(headings, strings.Replace(row, ",17,", ",18,", 1)),
		"limit":           w.list(headings, strings.Replace(row, "500", "501", 1)),
		"no limit":        w.list(headings, strings.Replace(row, "500", "", 1)),
		"names swapped":   w.list(strings.Replace(headings, "First name,Last name", "Last name,First name", 1), row),
	} {
		again := req
		again.File = other
		_, err := w.ApplyImport(w.ctx, f.admin, again)
		assert.ErrorIs(t, err, travel.ErrKeyReused, name)
	}
	again := req
	again.File = w.list(headings, strings.Replace(strings.Replace(row, "070-123 45 67", "+46701234567", 1), "500", "500.00", 1))
	_, err := w.ApplyImport(w.ctx, f.admin, again)
	assert.NoError(t, err, "the same list, written in another way")
}

// TestImportPlanStandsForItsList: the fingerprint that an administrator has
// seen applies the list that was seen, and no other.
func TestImportPlanStandsForItsList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, beginnings[0])
	f := w.company("Kommunen")
	const headings = "First name,Last name,Mobile,Credit limit"
	seen, err := w.PlanImport(w.ctx, f.admin, travel.ImportRequest{Company: f.id, File: w.list(headings, "Anna,Andersson,070-123 45 67,500")})
	require.NoError(t, err)
	before := w.dump()
	_, err = w.ApplyImport(w.ctx, f.admin, travel.ImportRequest{
		Company: f.id, Key: w.key(), Fingerprint: seen.Fingerprint, File: w.list(headings, "Eva,Ek,070-765 43 21,500"),
	})
	assert.ErrorIs(t, err, travel.ErrPlanStale)
	w.unchanged(before)
}

// TestR40_StrangersLearnNothing: the answer to a holder whom the connection was
// not made for tells nothing of the account.
func TestR40_StrangersLearnNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, beginnings[0])
	f := w.company("Kommunen")
	n := w.number()
	id := w.person(f, n, travel.TravelerDetails{FirstName: "Anna", LastName: "Andersson"})
	h := w.join(f, id, n, "phone", decimal.NewFromInt(500))
	z, err := w.Authorize(w.ctx, travel.AuthorizeRequest{Holder: h, Key: w.key(), Tickets: tickets([]int64{12_345})})
	require.NoError(t, err)

	device, number, connection := h, h, h
	device.Device = "another"
	number.Number = w.number()
	connection.Method.Connection[0]++
	for code, stranger := range map[credit.DeclineCode]travel.Holder{
		credit.OtherDevice: device, credit.OtherNumber: number, credit.NotConnected: connection,
	} {
		authorize, err := w.Authorize(w.ctx, travel.AuthorizeRequest{Holder: stranger, Key: w.key(), Tickets: tickets([]int64{100})})
		require.NoError(t, err)
		capture, err := w.Capture(w.ctx, travel.CaptureRequest{Holder: stranger, Key: w.key(), Authorization: z.Authorization, Purpose: "Möte"})
		require.NoError(t, err)
		release, err := w.Release(w.ctx, travel.ReleaseRequest{Holder: stranger, Key: w.key(), Authorization: z.Authorization})
		require.NoError(t, err)
		assert.NotEqual(t, credit.Pending, release.State)
		for _, d := range []*credit.Decline{authorize.Decline, capture.Decline, release.Decline} {
			require.NotNil(t, d)
			assert.Equal(t, code, d.Code)
			for _, v := range []decimal.Decimal{d.Limit, d.Used, d.Reserved, d.Available, d.ShortBy} {
				assert.True(t, v.IsZero(), "%s: %s", code, v)
			}
			assert.LessOrEqual(t, ore(d.Amount), int64(100))
		}
	}
}
