package sqlstore

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// In what is stored of records texts may be added, and none may change: every
// later version reads them.
func TestStoredRecordsKeepTheirShape(t *testing.T) {
	t.Parallel()
	policy := &travel.Policy{
		Products: []string{"single", "24h"}, Regions: []string{"Skåne"},
		Hours: []travel.Hours{{Days: []time.Weekday{time.Monday, time.Friday}, From: 360, To: 1200}, {From: 1, To: 2}},
	}
	const policyText = `{"products":["single","24h"],"regions":["Skåne"],"hours":[{"days":[1,5],"from":360,"to":1200},{"from":1,"to":2}]}`

	assert.Equal(t, map[string]string{
		"billing": `{"name":"Exempelkommunen","street":"Stationsgatan 1","postal_code":"551 11","city":"Jönköping","country":"SE",` +
			`"vat_number":"SE212000082901","peppol_id":"0007:2120000829","email":"faktura@exempel.example","personal_lines":true}`,
		"policy": policyText,
	}, jsonOf(companyColumns(&travel.Company{
		Billing: set(t, travel.Billing{
			Name: "Exempelkommunen", Street: "Stationsgatan 1", PostalCode: "551 11", City: "Jönköping", Country: "SE",
			VATNumber: "SE212000082901", PeppolID: "0007:2120000829", Email: "faktura@exempel.example", PersonalLines: true,
		}),
		Policy: set(t, policy),
	})))
	assert.Equal(t, map[string]string{"policy": policyText}, jsonOf(departmentColumns(&travel.Department{Policy: policy})))
	assert.Equal(t, map[string]string{
		"departments": `["00000000-0000-0000-0000-000000000003"]`,
	}, jsonOf(administratorColumns(&travel.Administrator{Departments: []travel.DepartmentID{{15: 3}}})))
	assert.Equal(t, map[string]string{
		"used": `[{"month":"2026-01","amount":25000},{"month":"2026-02","amount":0}]`,
		"open": `[{"id":"00000000-0000-0000-0000-000000000004","month":"2026-02","amount":3700,` +
			`"expires_at":"2026-02-03T07:00:00.000001Z","capturing":true},` +
			`{"id":"00000000-0000-0000-0000-000000000005","month":"2026-02","amount":1}]`,
	}, jsonOf(travelerColumns(&travel.Traveler{Credit: credit.Account{
		Used: []credit.Usage{set(t, credit.Usage{Month: january, Amount: 250_00}), {Month: january + 1}},
		Open: []credit.Reservation{
			set(t, credit.Reservation{ID: credit.AuthorizationID{15: 4}, Month: january + 1, Amount: 37_00, ExpiresAt: instantIn, Capturing: true}),
			{ID: credit.AuthorizationID{15: 5}, Month: january + 1, Amount: 1},
		},
	}})))
}

func TestStoredPurchasesKeepTheirShape(t *testing.T) {
	t.Parallel()
	ticket := set(t, travel.Ticket{
		ID: "T-1", Product: "single", ProductName: "Enkelbiljett", Category: "adult", Zones: []string{"1", "2"}, From: "A", To: "B",
		Region: "Skåne", Seller: "skt", ValidFrom: instantIn, Gross: decimal.New(3750, -2), VATRate: 600, VATCategory: "S", VATReason: "none",
		Stated: &travel.StatedVAT{Net: decimal.New(3538, -2), VAT: decimal.New(212, -2)},
	})
	const statedText = `{"net":"35.38","vat":"2.12"}`
	answer := set(t, travel.Answer{
		Authorization: travel.AuthorizationID{15: 1}, State: credit.Captured, Month: january, Amount: 1, Available: 2,
		ExpiresAt: instantIn, Refund: travel.RefundID{15: 2}, Traveler: travel.TravelerID{15: 3},
		Connection: travel.ConnectionID{15: 4}, Digest: "12 rows",
		Decline: &credit.Decline{
			Code: credit.LimitExceeded, Amount: decimal.New(1, 0), ShortBy: decimal.New(2, 0), Limit: decimal.New(3, 0),
			Used: decimal.New(4, 0), Reserved: decimal.New(5, 0), Available: decimal.New(601, -2), ResetsAt: instantIn,
			PassesAt: instantIn, Helper: credit.HelperAdministrator, Detail: "no",
		},
	})
	const answerText = `{"authorization":"00000000-0000-0000-0000-000000000001","state":"captured","month":"2026-01","amount":1,"available":2,` +
		`"expires_at":"2026-02-03T07:00:00.000001Z","refund":"00000000-0000-0000-0000-000000000002",` +
		`"traveler":"00000000-0000-0000-0000-000000000003","connection":"00000000-0000-0000-0000-000000000004","digest":"12 rows",` +
		`"decline":{"code":"limit_exceeded","amount":"1","short_by":"2","limit":"3","used":"4","reserved":"5","available":"6.01",` +
		`"resets_at":"2026-02-03T07:00:00.000001Z","passes_at":"2026-02-03T07:00:00.000001Z","helper":"administrator","detail":"no"}}`

	assert.Equal(t, map[string]string{
		"tickets": `[{"ticket":{"id":"T-1","product":"single","product_name":"Enkelbiljett","category":"adult","zones":["1","2"],` +
			`"from":"A","to":"B","region":"Skåne","seller":"skt","valid_from":"2026-02-03T07:00:00.000001Z","gross":"37.5","vat_rate":600,` +
			`"vat_category":"S","vat_reason":"none","stated":` + statedText + `},"gross":3750,"stated":true,"net":3538,"vat":212,` +
			`"capture":"00000000-0000-0000-0000-000000000005","refunded":100},{"ticket":{"gross":"0","vat_rate":0},"gross":0}]`,
		"pending": `{"at":"2026-02-03T07:00:00.000001Z","amount":3750,"gross":[3750]}`,
		"outcome": answerText,
		"refunds": `[{"id":"00000000-0000-0000-0000-000000000006","state":"refused","at":"2026-02-03T07:00:00.000001Z","amount":100,` +
			`"gross":[100],"billing":"2026-01","detail":"no"}]`,
	}, jsonOf(authorizationColumns(&travel.Authorization{
		Tickets: []travel.TicketLine{
			set(t, travel.TicketLine{Ticket: ticket, Gross: 37_50, Stated: true, Net: 35_38, VAT: 2_12, Capture: travel.EntryID{15: 5}, Refunded: 1_00}), {},
		},
		Pending: set(t, &travel.PendingCapture{At: instantIn, Amount: 37_50, Gross: []credit.Amount{37_50}}),
		Outcome: &answer,
		Refunds: []travel.Refund{set(t, travel.Refund{
			ID: travel.RefundID{15: 6}, State: travel.RefundRefused, At: instantIn, Amount: 1_00, Gross: []credit.Amount{1_00},
			Billing: january, Detail: "no",
		})},
	})))
	assert.Equal(t, map[string]string{"answer": answerText}, jsonOf(commandColumns(&travel.Command{Answer: answer})))
	assert.Equal(t, map[string]string{"zones": `["1","2"]`, "stated_vat": statedText}, jsonOf(entryColumns(&travel.Entry{Ticket: ticket})))
}

func TestStoredRecordsOfNothing(t *testing.T) {
	t.Parallel()
	assert.Equal(t, map[string]string{"billing": `{}`, "policy": `null`}, jsonOf(companyColumns(&travel.Company{})))
	assert.Equal(t, map[string]string{"used": `null`, "open": `null`}, jsonOf(accountColumns(&credit.Account{})))
	assert.Equal(t, map[string]string{"tickets": `null`, "pending": `null`, "outcome": `null`, "refunds": `null`},
		jsonOf(authorizationColumns(&travel.Authorization{})))
	assert.Equal(t, map[string]string{"answer": `{}`}, jsonOf(commandColumns(&travel.Command{})))
	assert.Equal(t, map[string]string{"zones": `null`, "stated_vat": `null`}, jsonOf(entryColumns(&travel.Entry{})))
}

const january = credit.Month(2026 * 12)

var instantIn = time.Date(2026, time.February, 3, 8, 0, 0, 1_999, time.FixedZone("CET", 3600))

// set returns a value of which every field has to be set: else its text would
// not hold all that there is to hold.
func set[T any](t *testing.T, v T) T {
	t.Helper()
	whole := reflect.ValueOf(v)
	if whole.Kind() == reflect.Pointer {
		whole = whole.Elem()
	}
	for i := range whole.NumField() {
		require.False(t, whole.Field(i).IsZero(), "%s.%s is not set", whole.Type(), whole.Type().Field(i).Name)
	}
	return v
}

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	comesBack(t, companyColumns, travel.Company{Policy: &travel.Policy{}})
	comesBack(t, departmentColumns, travel.Department{Policy: &travel.Policy{Regions: []string{}, Hours: []travel.Hours{{}}}})
	comesBack(t, administratorColumns, travel.Administrator{Departments: []travel.DepartmentID{}})
	comesBack(t, auditColumns)
	comesBack(t, travelerColumns, travel.Traveler{Credit: credit.Account{Used: []credit.Usage{}, Open: []credit.Reservation{{}}}})
	comesBack(t, accountColumns)
	comesBack(t, credentialColumns, travel.Credential{Salt: []byte{}, Hash: []byte{0}})
	comesBack(t, commandColumns)
	comesBack(t, authorizationColumns, travel.Authorization{
		Tickets: []travel.TicketLine{}, Pending: &travel.PendingCapture{Gross: []credit.Amount{}},
		Outcome: &travel.Answer{}, Refunds: []travel.Refund{},
	})
	comesBack(t, entryColumns, travel.Entry{Ticket: travel.Ticket{Zones: []string{}, Gross: decimal.New(1, 0)}})
	comesBack(t, eventColumns)
}

// comesBack stores and reads, in both dialects, a record of which every field
// is set, one of which none is, and further ones.
func comesBack[T any](t *testing.T, columns func(*T) []column, further ...T) {
	t.Helper()
	var none, full T
	n := 0
	fillField(t, reflect.ValueOf(&full).Elem(), &n)
	if e, ok := any(&none).(*travel.Entry); ok {
		e.Ticket.Gross = decimal.RequireFromString("0") // there are several zeros
	}
	for _, d := range []Dialect{SQLite, Postgres} {
		for _, want := range append([]T{none, full}, further...) {
			got := full // what is read replaces what was there
			require.NoError(t, storedRow(d, columns(&want)).Scan(dests(columns(&got))...))
			assert.Equal(t, want, got, "dialect %d", d)
		}
	}
}

// A host may sell what it likes: no instant keeps a purchase from being stored.
func TestInstantsOfAnyYearCanBeStored(t *testing.T) {
	t.Parallel()
	for _, year := range []int{-1, 10_000, math.MaxInt32} {
		lines := []travel.TicketLine{{Ticket: travel.Ticket{ValidFrom: time.Date(year, time.May, 1, 0, 0, 0, 0, time.UTC)}}}
		z := travel.Authorization{Tickets: lines}
		require.NoError(t, storedRow(SQLite, authorizationColumns(&z)).Scan(dests(authorizationColumns(&z))...), "year %d", year)
		assert.Equal(t, 9999, z.Tickets[0].Ticket.ValidFrom.Year())
	}
}

func TestStoredNonsenseIsAnError(t *testing.T) {
	t.Parallel()
	var state credit.State
	var kr decimal.Decimal
	var answer travel.Answer
	for what, c := range map[string]struct {
		column column
		stored any
	}{
		"a state that there is not": {stateOf("state", &state), "paid"},
		"a state that is no text":   {stateOf("state", &state), int64(3)},
		"a price that is none":      {price("price", &kr), "much"},
		"an answer's state":         {document("answer", &answer, toAnswer, fromAnswer), `{"state":"paid"}`},
		"an answer's instant":       {document("answer", &answer, toAnswer, fromAnswer), `{"expires_at":"soon"}`},
		"an answer's decimal":       {document("answer", &answer, toAnswer, fromAnswer), `{"decline":{"limit":"much"}}`},
	} {
		assert.Error(t, row{c.stored}.Scan(c.column.dest), what)
	}
	for s := range credit.Declined + 1 {
		var got credit.State
		require.NoError(t, row{stateOf("state", &s).arg(SQLite)}.Scan(stateOf("state", &got).dest))
		assert.Equal(t, s, got, fmt.Sprint(s))
	}
}
