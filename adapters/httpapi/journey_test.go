package httpapi_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// A purchase over HTTP from the code to the refund, word for word.
func TestJourney(t *testing.T) {
	t.Parallel()
	w := setup(t)
	app := func(method, path, key, body string) map[string]any {
		t.Helper()
		out := send(w.app, call{method: method, path: path, who: "cia", key: key, body: body})
		require.Equal(t, 200, out.Code, out.Body.String())
		return read[map[string]any](t, out)
	}
	activated := app("POST", "/payment-methods", "", fmt.Sprintf(`{"username":%q,"code":%q}`, w.cia.username, w.cia.code))
	mine := "/payment-methods/" + activated["payment_method"].(string)
	employers := app("GET", "/payment-methods", "", "")
	assert.Equal(t, []any{map[string]any{"payment_method": activated["payment_method"], "company_name": "Habo kommun"}}, employers["payment_methods"])

	const wanted = `{"id":"T-1","product":"single","product_name":"Enkelbiljett","category":"adult","from":"Habo","to":"Växjö","region":"Kronoberg",
		"valid_from":"2026-02-14T07:30:00+01:00","gross":"106.00","vat_rate":600,"vat_category":"S","stated":{"net":"100.01","vat":"5.99"}}`
	reserved := app("POST", mine+"/authorizations", "a", `{"tickets":[`+wanted+`,`+wanted+`]}`)
	id := reserved["authorization"].(string)
	assert.Equal(t, map[string]any{"authorization": id, "amount": "212.00", "available": "288.00", "expires_at": "2026-02-13T11:15:00Z"}, reserved)
	bought := app("POST", mine+"/authorizations/"+id+"/capture", "c", `{"purpose":" Kundbesök <i Växjö> ","amounts":["106.00","0.00"]}`)
	assert.Equal(t, map[string]any{"authorization": id, "amount": "106.00", "available": "394.00"}, bought)
	assert.Equal(t, map[string]any{
		"month": "2026-02", "limit": "500.00", "used": "106.00", "reserved": "0.00", "available": "394.00",
		"resets_at": "2026-02-28T23:00:00Z", "frozen": false,
	}, app("GET", mine+"/balance", "", ""))

	refund := send(w.office, call{
		method: "POST", path: company(w.habo) + "/authorizations/" + id + "/refunds", who: "staff", key: "r", body: `{"amounts":["6.00","0.00"]}`,
	})
	require.Equal(t, 200, refund.Code, refund.Body.String())
	assert.Equal(t, "6.00", read[map[string]string](t, refund)["amount"])
	assert.Equal(t, "2026-02", read[map[string]string](t, refund)["billing"])

	shown := map[string]any{
		"id": "T-1", "product": "single", "product_name": "Enkelbiljett", "category": "adult", "from": "Habo", "to": "Växjö", "region": "Kronoberg",
		"valid_from": "2026-02-14T06:30:00Z", "gross": "106.00", "vat_rate": 600.0, "vat_category": "S",
		"stated": map[string]any{"net": "100.01", "vat": "5.99"},
	}
	assert.Equal(t, map[string]any{"purchases": []any{map[string]any{
		"authorization": id, "state": "captured", "at": "2026-02-13T11:00:00Z", "month": "2026-02", "amount": "212.00",
		"captured": "106.00", "refunded": "6.00", "tickets": []any{shown, shown}, "purpose": " Kundbesök <i Växjö> ",
	}}}, app("GET", mine+"/purchases", "", ""))
}

func TestCompanyShowsWhatTheOperatorSet(t *testing.T) {
	t.Parallel()
	w := setup(t)
	require.Equal(t, 204, send(w.office, call{method: "PUT", path: company(w.habo) + "/ceiling", who: "staff", body: `{"ceiling":"900.00"}`}).Code)
	require.NoError(t, w.travel.UpdateCompany(t.Context(), w.habo.admin, w.habo.id, travel.CompanyDetails{
		Billing: travel.Billing{City: "Habo"}, Maximum: ticket("800.00").Gross,
	}))
	require.Equal(t, 204, send(w.office, call{method: "POST", path: company(w.habo) + "/close", who: "staff", body: `{"reason":"left"}`}).Code)
	got := read[map[string]any](t, send(w.office, call{method: "GET", path: company(w.habo), who: "staff"}))
	assert.Equal(t, map[string]any{
		"id": w.habo.id.String(), "status": "closed", "name": "Habo kommun", "organization_number": "2120001629",
		"billing": map[string]any{"city": "Habo", "country": "SE", "personal_lines": false}, "ceiling": "900.00", "maximum": "800.00",
		"early_insight": false, "closed_through": "2026-01", "applied_at": "2026-01-13T11:00:00Z", "decided_at": "2026-01-13T11:00:00Z",
		"closed_at": "2026-02-13T11:00:00Z",
	}, got)
	log := pages(t, w.office, "staff", company(w.habo)+"/audit-log?limit=200", "after", "records")
	last := log[len(log)-1].(map[string]any)
	assert.NotEmpty(t, last["hash"])
	assert.Contains(t, fmt.Sprint(log), "left", "the reason, under the employee")
	assert.Contains(t, fmt.Sprint(log), "staff-7")
	for field, body := range map[string]string{"ceiling": `{"ceiling":"-1.00"}`, "Ceiling": `{"ceiling":"1"}`} {
		p := refused(t, send(w.office, call{method: "PUT", path: company(w.ydre) + "/ceiling", who: "staff", body: body}), 400, "invalid_input")
		assert.Equal(t, "ceiling", p.Errors[0].Field, field)
	}
}

func TestDeliveryTellsWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	w := setup(t)
	at := call{method: "GET", path: w.paper(w.habo, "/delivery"), who: "staff"}
	waiting := read[map[string]any](t, send(w.office, at))
	assert.Equal(t, "waiting", waiting["state"])
	_, err := w.invoices.DeliverDue(t.Context())
	require.NoError(t, err)
	done := read[map[string]any](t, send(w.office, at))
	assert.Equal(t, "accepted", done["state"])
	assert.Equal(t, []any{map[string]any{"at": "2026-02-13T11:00:00Z", "state": "accepted"}}, done["log"])
	assert.Len(t, pages(t, w.office, "staff", "/deliveries?state=accepted", "after", "deliveries"), 2)
	assert.Empty(t, pages(t, w.office, "staff", "/deliveries?state=refused", "after", "deliveries"))
	require.Equal(t, 204, send(w.office, call{method: "POST", path: w.paper(w.habo, "/redeliver"), who: "staff", body: `{}`}).Code)
	assert.Equal(t, "waiting", read[map[string]any](t, send(w.office, at))["state"])
}

func TestReissueDryAndForReal(t *testing.T) {
	t.Parallel()
	w := setup(t)
	type reissued struct {
		CreditNotes []struct {
			ID, Label, Kind, Gross string
			Cancels                bool
			Original               struct{ ID, Label string }
		} `json:"credit_notes"`
		Invoices []struct {
			Label    string
			Replaces struct{ ID string }
		}
	}
	path := w.paper(w.habo, "/reissue")
	dry := read[reissued](t, send(w.office, call{method: "POST", path: path, who: "staff", body: `{"dry_run":true}`}))
	require.Len(t, dry.CreditNotes, 1)
	assert.Empty(t, dry.CreditNotes[0].ID)
	real := call{method: "POST", path: path, who: "staff", body: `{"reason":"wrong reference"}`}
	first := send(w.office, real)
	done := read[reissued](t, first)
	require.Len(t, done.CreditNotes, 1)
	assert.Equal(t, w.papers[w.habo].String(), done.CreditNotes[0].Original.ID)
	assert.Equal(t, "credit_note", done.CreditNotes[0].Kind)
	assert.True(t, done.CreditNotes[0].Cancels)
	assert.Equal(t, "106.00", done.CreditNotes[0].Gross)
	require.Len(t, done.Invoices, 1)
	assert.Equal(t, w.papers[w.habo].String(), done.Invoices[0].Replaces.ID)
	assert.Equal(t, first.Body.String(), send(w.office, real).Body.String(), "R42: again the same documents")
}

func TestAuditShowsDrift(t *testing.T) {
	t.Parallel()
	w := setup(t)
	stray := travel.Entry{
		ID: travel.EntryID(w.anna.id), Kind: travel.EntryCapture, Company: w.habo.id, Traveler: w.anna.id, Month: credit.NewMonth(2026, 2),
		Billing: credit.NewMonth(2026, 2), At: w.clock.Now(), PurchasedAt: w.clock.Now(), Gross: 100, Ticket: ticket("1.00"),
	}
	q := travel.Query{Company: w.habo.id, Traveler: w.anna.id}
	require.NoError(t, w.store.Decide(t.Context(), q, func(travel.State) (travel.Change, error) {
		return travel.Change{Entries: []travel.Entry{stray}}, nil
	}))
	drifts := pages(t, w.office, "staff", "/audit", "", "drifts")
	require.NotEmpty(t, drifts)
	assert.Equal(t, w.habo.id.String(), drifts[0].(map[string]any)["company"])
}

func TestTypesAreNamed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for body, want := range map[string]string{
		`{"purpose":1}`:                            "purpose: must be a string",
		`{"tickets":{}}`:                           "tickets: must be an array",
		`{"tickets":[1]}`:                          "tickets: must be an object",
		`{"tickets":[{"vat_rate":"6"}]}`:           "tickets.vat_rate: must be a whole number",
		`{"tickets":[{"vat_rate":6.5}]}`:           "tickets.vat_rate: must be a whole number",
		`{"tickets":[{"gross":37.00}]}`:            "tickets.gross: must be a string",
		`{"tickets":[{"stated":"x"}]}`:             "tickets.stated: must be an object",
		`{"surprise":1}`:                           "surprise: is not known here",
		`{"+46701234567":1}`:                       ": a name is not known here",
		`{"tickets":[{"purpose":"x"}]}`:            "purpose: is not known here",
		`{"purpose":"a","purpose":"a"}`:            "purpose: is given twice",
		`{"tickets":[{"zones":["a"],"zones":[]}]}`: "zones: is given twice",
	} {
		p := refused(t, send(w.app, call{method: "POST", path: method(w.anna) + "/purchases", who: "anna", key: "k", body: body}), 400, "bad_json")
		assert.Equal(t, want, p.Errors[0].Field+": "+p.Errors[0].Reason, body)
	}
	out := send(w.office, call{method: "POST", path: w.paper(w.habo, "/reissue"), who: "staff", body: `{"dry_run":"yes"}`})
	assert.Equal(t, "must be true or false", refused(t, out, 400, "bad_json").Errors[0].Reason)
}
