package storetest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// sample returns a record of which every field is set, and set to something
// else than any other field of its type. Records of the same type differ.
func sample[T any](c *check) T {
	c.Helper()
	var v T
	c.fill(reflect.ValueOf(&v).Elem())
	if path := firstZero(reflect.TypeFor[T]().Name(), reflect.ValueOf(v)); path != "" {
		c.TB.Fatalf("storetest: the sample leaves %s zero", path)
	}
	return v
}

// words are the types whose values cannot be any.
var words = map[reflect.Type][]any{
	reflect.TypeFor[travel.CompanyStatus]():   {travel.CompanyApproved, travel.CompanyApplied, travel.CompanyClosed},
	reflect.TypeFor[travel.Role]():            {travel.RoleOperator, travel.RoleAdministrator},
	reflect.TypeFor[travel.EventType]():       {travel.EventPurchaseCaptured, travel.EventMonthClosed},
	reflect.TypeFor[travel.ConnectionState](): {travel.ConnectionActive, travel.ConnectionPending},
	reflect.TypeFor[travel.CredentialState](): {travel.CredentialOpen, travel.CredentialUsed},
	reflect.TypeFor[travel.Operation]():       {travel.OperationPurchase, travel.OperationConnect},
	reflect.TypeFor[travel.EntryKind]():       {travel.EntryCapture, travel.EntryRefund},
	reflect.TypeFor[travel.RefundState]():     {travel.RefundDone, travel.RefundPending},
	reflect.TypeFor[credit.State]():           {credit.Capturing, credit.Captured, credit.Released},
	reflect.TypeFor[credit.DeclineCode]():     {credit.LimitExceeded, credit.ProviderRefused},
	reflect.TypeFor[credit.Helper]():          {credit.HelperAdministrator, credit.HelperOperator},
	reflect.TypeFor[invoice.Kind]():           {invoice.Invoice, invoice.CreditNote, invoice.Basis},
	reflect.TypeFor[invoice.CloseState]():     {invoice.CloseAside, invoice.CloseFenced, invoice.CloseIssued},
	reflect.TypeFor[sms.State]():              {sms.StateSent, sms.StateUnknown, sms.StateFailed},
	reflect.TypeFor[time.Weekday]():           {time.Monday, time.Saturday},
}

// fill sets every field below v.
func (c *check) fill(v reflect.Value) {
	c.filled++
	n := c.filled
	if list, ok := words[v.Type()]; ok {
		v.Set(reflect.ValueOf(list[n%len(list)]))
		return
	}
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(start.Add(time.Duration(n) * 1000001 * time.Microsecond)))
		return
	case decimal.Decimal:
		v.Set(reflect.ValueOf(decimal.New(int64(10007+n), -2)))
		return
	case credit.Month:
		v.Set(reflect.ValueOf(credit.NewMonth(2026, time.January) + credit.Month(n%900)))
		return
	case travel.PhoneNumber:
		v.Set(reflect.ValueOf(c.number(n)))
		return
	}
	c.fillKind(v, n)
}

func (c *check) fillKind(v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(1 + n%997))
	case reflect.Uint8:
		v.SetUint(uint64(1 + n%255))
	case reflect.String:
		v.SetString(fmt.Sprintf("Åsa's \"ö\"\\ € 🚌 %d", n))
	case reflect.Array:
		c.fillArray(v, n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		c.fill(v.Index(0))
		c.fill(v.Index(1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		c.fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			c.fill(v.Field(i))
		}
	default:
		c.TB.Fatalf("storetest: a %s cannot be filled", v.Type())
	}
}

// fillArray makes an id of 16 bytes, and noise of others.
func (c *check) fillArray(v reflect.Value, n int) {
	if v.Len() == 16 {
		v.Set(reflect.ValueOf(c.ids.New()).Convert(v.Type()))
		return
	}
	noise := rand.New(rand.NewPCG(uint64(n), 1))
	for i := range v.Len() {
		v.Index(i).SetUint(noise.Uint64N(255) + 1)
	}
}

// number returns a mobile number that is no other's.
func (c *check) number(n int) travel.PhoneNumber {
	c.Helper()
	number, err := sms.PhoneNumberFromE164(fmt.Sprintf("+46701%06d", n))
	if err != nil {
		c.TB.Fatalf("storetest: number %d: %v", n, err)
	}
	return number
}

// firstZero returns the path of the first field that is not set, or "".
func firstZero(path string, v reflect.Value) string {
	switch {
	case v.IsZero():
		return path
	case isLeaf(v.Type()):
		return ""
	}
	switch v.Kind() {
	case reflect.Pointer:
		return firstZero(path, v.Elem())
	case reflect.Slice:
		if v.Len() == 0 {
			return path
		}
		return firstZero(path+"[0]", v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			if zero := firstZero(path+"."+v.Type().Field(i).Name, v.Field(i)); zero != "" {
				return zero
			}
		}
	}
	return ""
}

// isLeaf tells whether a type is one value whatever is inside it.
func isLeaf(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[decimal.Decimal](), reflect.TypeFor[travel.PhoneNumber]():
		return true
	}
	return false
}

// clone copies a record with all that is behind its slices and pointers.
func clone[T any](v T) T {
	var copied T
	cloneInto(reflect.ValueOf(&copied).Elem(), reflect.ValueOf(v))
	return copied
}

func cloneInto(to, from reflect.Value) {
	to.Set(from)
	if isLeaf(from.Type()) {
		return
	}
	switch from.Kind() {
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			cloneInto(to.Elem(), from.Elem())
		}
	case reflect.Interface:
		if !from.IsNil() {
			inside := reflect.New(from.Elem().Type()).Elem()
			cloneInto(inside, from.Elem())
			to.Set(inside)
		}
	case reflect.Slice:
		if !from.IsNil() {
			to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				cloneInto(to.Index(i), from.Index(i))
			}
		}
	case reflect.Struct:
		for i := range from.NumField() {
			cloneInto(to.Field(i), from.Field(i))
		}
	}
}
