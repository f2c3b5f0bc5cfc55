package sqlstore

import (
	"database/sql"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// What is stored of documents is read for seven years: this text may grow, and
// nothing in it may change.
func TestR36_StoredDocumentsKeepTheirShape(t *testing.T) {
	t.Parallel()
	party := invoice.Party{
		Name: "Exempeltrafiken AB", OrganizationNumber: "5560001231", VATNumber: "SE556000123101",
		Street: "Stationsgatan 1", PostalCode: "551 11", City: "Jönköping", Country: "SE",
		PeppolID: "0007:5560001231", Email: "faktura@exempel.example", RegisteredOffice: "Jönköping", FTax: true,
		Contact: invoice.Contact{Name: "Kundtjänst", Phone: "036-19 95 50", Email: "fraga@exempel.example"},
	}
	whole := invoice.Document{
		Seller: party, Buyer: invoice.Party{Name: "Exempelkommunen"},
		Payee: invoice.Payee{Bankgiro: "50501055", Plusgiro: "2865434", IBAN: "SE4550000000058398257466", BIC: "ESSESESS"},
		Departments: []invoice.DepartmentTotal{
			{ID: travel.DepartmentID{15: 7}, Name: "Tekniska", CostCenter: "5300", Lines: 2, Net: 9434, VAT: 566, Gross: 10000}, {},
		},
		Rates: []invoice.RateTotal{
			{Rate: 600, Category: "S", Net: 9434, VAT: 566, Gross: 10000}, {Category: "E", Reason: "utland", Net: -100, Gross: -100},
		},
		Original: &invoice.Original{
			ID: invoice.DocumentID{15: 9}, Series: "EXT", Number: 12,
			IssuedAt: time.Date(2026, time.February, 3, 8, 0, 0, 1_999, time.FixedZone("CET", 3600)),
		},
		Replaces: &invoice.Original{ID: invoice.DocumentID{15: 8}},
	}
	assert.Equal(t, map[string]string{
		"seller": `{"name":"Exempeltrafiken AB","organization_number":"5560001231","vat_number":"SE556000123101",` +
			`"street":"Stationsgatan 1","postal_code":"551 11","city":"Jönköping","country":"SE",` +
			`"peppol_id":"0007:5560001231","email":"faktura@exempel.example","registered_office":"Jönköping","f_tax":true,` +
			`"contact":{"name":"Kundtjänst","phone":"036-19 95 50","email":"fraga@exempel.example"}}`,
		"buyer": `{"name":"Exempelkommunen"}`,
		"payee": `{"bankgiro":"50501055","plusgiro":"2865434","iban":"SE4550000000058398257466","bic":"ESSESESS"}`,
		"departments": `[{"id":"00000000-0000-0000-0000-000000000007","name":"Tekniska","cost_center":"5300","lines":2,"net":9434,"vat":566,"gross":10000},` +
			`{"lines":0,"net":0,"vat":0,"gross":0}]`,
		"rates": `[{"rate":600,"category":"S","net":9434,"vat":566,"gross":10000},` +
			`{"rate":0,"category":"E","reason":"utland","net":-100,"vat":0,"gross":-100}]`,
		"original": `{"id":"00000000-0000-0000-0000-000000000009","series":"EXT","number":12,"issued_at":"2026-02-03T07:00:00.000001Z"}`,
		"replaces": `{"id":"00000000-0000-0000-0000-000000000008"}`,
	}, jsonOf(documentColumns(&whole)))
	assert.Equal(t, map[string]string{
		"seller": `{}`, "buyer": `{}`, "payee": `{}`, "departments": `null`, "rates": `null`, "original": `null`, "replaces": `null`,
	}, jsonOf(documentColumns(&invoice.Document{})))
	assert.Equal(t, map[string]string{
		"documents": `["00000000-0000-0000-0000-000000000003"]`,
	}, jsonOf(closeColumns(&invoice.Close{Documents: []invoice.DocumentID{{15: 3}}})))
}

// jsonOf returns what is stored in the columns that hold JSON.
func jsonOf(columns []column) map[string]string {
	texts := map[string]string{}
	for _, c := range columns {
		if c.kind == "json" {
			texts[c.name] = c.arg(Postgres).(string)
		}
	}
	return texts
}

func TestColumnsGiveBackWhatTheyKeep(t *testing.T) {
	t.Parallel()
	for _, d := range []Dialect{SQLite, Postgres} {
		t.Run(fmt.Sprint("dialect ", d), func(t *testing.T) {
			t.Parallel()
			givesBack(t, d, documentColumns)
			givesBack(t, d, closeColumns)
			givesBack(t, d, messageColumns)
			givesBack(t, d, jobColumns)
		})
	}
}

// givesBack stores and reads a record of which every field is set, and one of
// which none is.
func givesBack[T any](t *testing.T, d Dialect, columns func(*T) []column) {
	t.Helper()
	var none, full T
	n := 0
	fillField(t, reflect.ValueOf(&full).Elem(), &n)
	for _, want := range []T{none, full} {
		got := full // what is read replaces what was there
		require.NoError(t, storedRow(d, columns(&want)).Scan(dests(columns(&got))...))
		assert.Equal(t, want, got)
	}
}

// storedRow is a row as a database gives it back.
func storedRow(d Dialect, columns []column) row {
	r := make(row, len(columns))
	for i, c := range columns {
		switch v := c.arg(d).(type) {
		case [16]byte:
			r[i] = travel.CompanyID(v).String()
		case bool:
			r[i] = v
			if d == SQLite {
				r[i] = map[bool]int64{false: 0, true: 1}[v]
			}
		case time.Time:
			r[i] = v.In(time.FixedZone("server", 7200))
		default:
			r[i] = v
		}
	}
	return r
}

type row []any

func (r row) Scan(dest ...any) error {
	for i, d := range dest {
		if err := d.(sql.Scanner).Scan(r[i]); err != nil {
			return err
		}
	}
	return nil
}

// fillField sets every field below v, each to something else.
func fillField(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	if !v.CanSet() { // an unexported field of this package's own
		v = reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
	}
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, time.January, 1, 0, 0, *n, 1000**n, time.UTC)))
		return
	case credit.Month:
		v.Set(reflect.ValueOf(credit.NewMonth(2026, time.January) + credit.Month(*n)))
		return
	case decimal.Decimal:
		v.Set(reflect.ValueOf(decimal.New(int64(10**n+1), -2))) // ends in no 0, which text leaves out
		return
	case credit.State:
		v.Set(reflect.ValueOf(credit.State(*n)%credit.Declined + 1))
		return
	case travel.PhoneNumber:
		number, err := sms.PhoneNumberFromE164(fmt.Sprintf("+46701%06d", *n))
		require.NoError(t, err)
		v.Set(reflect.ValueOf(number))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8:
		v.SetUint(uint64(*n % 256))
	case reflect.String:
		v.SetString(fmt.Sprintf("Åsa's \"<ö>\"\\ %d", *n))
	case reflect.Array:
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(*n + i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillField(t, v.Index(0), n)
		fillField(t, v.Index(1), n)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillField(t, v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fillField(t, v.Field(i), n)
		}
	default:
		t.Fatalf("a %s cannot be filled", v.Type())
	}
}
