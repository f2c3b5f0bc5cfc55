package credit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/internal/lang"
)

// DeclineCode names a reason for a no. Codes are stable: apps may branch on
// them, and they are stored with the answer.
type DeclineCode string

// The reasons for a decline. Those from NotConnected on are found by package
// travel; they stand here so that one list holds them all.
const (
	// NotPositive: the amount is not more than 0.
	NotPositive DeclineCode = "not_positive"
	// LimitExceeded: the amount is more than what is available this month.
	LimitExceeded DeclineCode = "limit_exceeded"
	// NoLimit: the traveler has no credit limit.
	NoLimit DeclineCode = "no_limit"
	// AccountFrozen: an administrator has stopped new purchases.
	AccountFrozen DeclineCode = "frozen"
	// TooManyOpen: too many purchases are begun and not completed.
	TooManyOpen DeclineCode = "too_many_open"
	// MonthClosed: the month is closed; nothing can enter it.
	MonthClosed DeclineCode = "month_closed"
	// AuthorizationExpired: the deadline of the reservation has passed.
	AuthorizationExpired DeclineCode = "authorization_expired"
	// AuthorizationReleased: the reservation was given back.
	AuthorizationReleased DeclineCode = "authorization_released"
	// AlreadyCaptured: the reservation was captured before.
	AlreadyCaptured DeclineCode = "already_captured"
	// CaptureBegun: the payment provider is being asked.
	CaptureBegun DeclineCode = "capture_begun"
	// NotAuthorized: there is no reservation, it was declined.
	NotAuthorized DeclineCode = "not_authorized"
	// ExceedsAuthorization: more was to be captured than is reserved.
	ExceedsAuthorization DeclineCode = "exceeds_authorization"
	// NotCaptured: there is no purchase that could be refunded.
	NotCaptured DeclineCode = "not_captured"
	// ExceedsCaptured: more was to be refunded than is left of the purchase.
	ExceedsCaptured DeclineCode = "exceeds_captured"

	// NotConnected: the connection has ended or was replaced.
	NotConnected DeclineCode = "not_connected"
	// NotActivated: the code of the newest connection is not used yet.
	NotActivated DeclineCode = "not_activated"
	// OtherDevice: the connection belongs to another phone (R12).
	OtherDevice DeclineCode = "other_device"
	// OtherNumber: the connection belongs to another mobile number (R15).
	OtherNumber DeclineCode = "other_number"
	// CompanyInactive: the company is not approved, or closed (R01).
	CompanyInactive DeclineCode = "company_inactive"
	// ProductNotAllowed: the company's policy does not allow this ticket (R41).
	ProductNotAllowed DeclineCode = "product_not_allowed"
	// RegionNotAllowed: the company's policy does not allow this region.
	RegionNotAllowed DeclineCode = "region_not_allowed"
	// HourNotAllowed: the company's policy does not allow purchases now.
	HourNotAllowed DeclineCode = "hour_not_allowed"
	// ProviderRefused: the payment provider said no.
	ProviderRefused DeclineCode = "provider_refused"
)

// Helper says who can turn a decline into a purchase.
type Helper string

// Who can help.
const (
	// HelperAdministrator: an administrator of the company.
	HelperAdministrator Helper = "administrator"
	// HelperOperator: the operator of the public transport.
	HelperOperator Helper = "operator"
	// HelperTraveler: the traveler, by buying anew or differently.
	HelperTraveler Helper = "traveler"
)

// Decline is the answer no, with what is behind it. It is an answer and not an
// error: it is stored under the caller's key and given again (R42). Amounts
// are in kronor, instants in UTC.
type Decline struct {
	Code DeclineCode
	// Amount is what was asked for, ShortBy what is lacking.
	Amount, ShortBy decimal.Decimal
	// Limit, Used, Reserved and Available are those of the month at the
	// instant of the answer; of a month that is closed nothing is available.
	Limit, Used, Reserved, Available decimal.Decimal
	// ResetsAt is when the whole limit is available again.
	ResetsAt time.Time
	// PassesAt is the earliest instant at which the same request to authorize
	// would pass if nobody did anything; zero when it never would, and for
	// every other request.
	PassesAt time.Time
	// Helper says who can help.
	Helper Helper
	// Detail is the payment provider's own reason, if it gave one.
	Detail string
}

// Decline builds an answer for a reason that was found outside this package,
// with the numbers of the account at that instant.
func (r Rules) Decline(a Account, code DeclineCode, amount Amount, at time.Time) *Decline {
	return r.decline(a, code, amount, MonthOf(at, r.Zone), at)
}

func (r Rules) decline(a Account, code DeclineCode, amount Amount, m Month, at time.Time) *Decline {
	b := r.balance(a, m, at)
	d := &Decline{
		Code: code, Amount: amount.Decimal(), Limit: b.Limit.Decimal(), Used: b.Used.Decimal(),
		Reserved: b.Reserved.Decimal(), Available: b.Available.Decimal(),
		ResetsAt: b.ResetsAt, Helper: declines[code].helper,
	}
	if code == LimitExceeded || code == NoLimit {
		d.ShortBy = max(0, amount-b.Available).Decimal()
	}
	return d
}

// passesAt finds the earliest instant at which a request that was refused
// would pass if nobody did anything. Credit becomes free by itself at the
// deadlines and at the beginning of a month only, so those are tried.
func (r Rules) passesAt(a Account, z Authorization) time.Time {
	var instants []time.Time
	last := max(z.Month, a.ClosedThrough)
	for _, held := range a.Open {
		last = max(last, held.Month)
		if !held.Capturing {
			instants = append(instants, held.ExpiresAt)
		}
	}
	if n := len(a.Used); n > 0 {
		last = max(last, a.Used[n-1].Month)
	}
	for m := z.Month; m <= last; m++ {
		instants = append(instants, m.End(r.Zone))
	}
	slices.SortFunc(instants, time.Time.Compare)
	for _, t := range instants {
		then, _ := r.Expire(a, t)
		z.At, z.Month, z.Limit = t, MonthOf(t, r.Zone), a.LimitAt(t, r.Maximum)
		if r.refuse(then, z) == "" {
			return t.UTC()
		}
	}
	return time.Time{}
}

type explanation struct {
	text   lang.Text
	helper Helper
}

var declines = map[DeclineCode]explanation{
	NotPositive: {lang.Text{
		Swedish: "Beloppet måste vara mer än 0 kr.",
		English: "The amount must be more than 0 kr.",
	}, HelperTraveler},
	LimitExceeded: {lang.Text{
		Swedish: "Beloppet %[1]s kr är %[2]s kr mer än vad som är kvar av månadens kreditgräns. Kvar: %[3]s kr av %[4]s kr. Kreditgränsen är hel igen %[5]s. En administratör i företaget kan höja den.",
		English: "The amount %[1]s kr is %[2]s kr more than what is left of this month's credit limit. Left: %[3]s kr of %[4]s kr. The credit is whole again on %[5]s. An administrator of your company can raise the limit.",
	}, HelperAdministrator},
	NoLimit: {lang.Text{
		Swedish: "Det finns ingen kreditgräns för tjänsteresor. En administratör i företaget kan ange en.",
		English: "There is no credit limit for business trips. An administrator of your company can set one.",
	}, HelperAdministrator},
	AccountFrozen: {lang.Text{
		Swedish: "Köp på företagsfaktura är spärrade tills vidare. En administratör i företaget kan häva spärren.",
		English: "Purchases on company invoice are stopped for now. An administrator of your company can allow them again.",
	}, HelperAdministrator},
	TooManyOpen: {lang.Text{
		Swedish: "Det finns för många påbörjade köp. Slutför eller avbryt något av dem.",
		English: "Too many purchases are begun. Complete or cancel one of them.",
	}, HelperTraveler},
	MonthClosed: {lang.Text{
		Swedish: "Månaden är avslutad. Påbörja köpet på nytt.",
		English: "The month is closed. Begin the purchase anew.",
	}, HelperTraveler},
	AuthorizationExpired: {lang.Text{
		Swedish: "Det tog för lång tid att slutföra köpet. Påbörja det på nytt.",
		English: "It took too long to complete the purchase. Begin it anew.",
	}, HelperTraveler},
	AuthorizationReleased: {lang.Text{
		Swedish: "Köpet är avbrutet. Påbörja det på nytt.",
		English: "The purchase was cancelled. Begin it anew.",
	}, HelperTraveler},
	AlreadyCaptured: {lang.Text{
		Swedish: "Köpet är redan genomfört.",
		English: "The purchase is completed already.",
	}, HelperTraveler},
	CaptureBegun: {lang.Text{
		Swedish: "Betalningen pågår och kan inte avbrytas.",
		English: "The payment is under way and cannot be cancelled.",
	}, HelperTraveler},
	NotAuthorized: {lang.Text{
		Swedish: "Köpet godkändes inte. Påbörja det på nytt.",
		English: "The purchase was not approved. Begin it anew.",
	}, HelperTraveler},
	ExceedsAuthorization: {lang.Text{
		Swedish: "Beloppet %[1]s kr är mer än vad som är reserverat. Påbörja köpet på nytt.",
		English: "The amount %[1]s kr is more than what is reserved. Begin the purchase anew.",
	}, HelperTraveler},
	NotCaptured: {lang.Text{
		Swedish: "Det finns inget genomfört köp att återbetala.",
		English: "There is no completed purchase to refund.",
	}, HelperOperator},
	ExceedsCaptured: {lang.Text{
		Swedish: "Det finns inte så mycket kvar av köpet att återbetala.",
		English: "There is not that much left of the purchase to refund.",
	}, HelperOperator},
	NotConnected: {lang.Text{
		Swedish: "Företagsfaktura är inte längre ansluten i appen. En administratör i företaget kan ansluta på nytt.",
		English: "Company invoice is no longer connected in the app. An administrator of your company can connect you anew.",
	}, HelperAdministrator},
	NotActivated: {lang.Text{
		Swedish: "Företagsfaktura är inte aktiverad. Ange användarnamn och engångskod från sms:et.",
		English: "Company invoice is not activated. Enter the username and the one-time code of the SMS.",
	}, HelperTraveler},
	OtherDevice: {lang.Text{
		Swedish: "Företagsfaktura är ansluten i en annan telefon. En administratör i företaget kan ansluta på nytt.",
		English: "Company invoice is connected in another phone. An administrator of your company can connect you anew.",
	}, HelperAdministrator},
	OtherNumber: {lang.Text{
		Swedish: "Företagsfaktura är ansluten till ett annat mobilnummer. En administratör i företaget kan ansluta på nytt.",
		English: "Company invoice is connected to another mobile number. An administrator of your company can connect you anew.",
	}, HelperAdministrator},
	CompanyInactive: {lang.Text{
		Swedish: "Företaget kan inte köpa på faktura just nu. Kontakta trafikbolaget.",
		English: "The company cannot buy on invoice at present. Contact the operator.",
	}, HelperOperator},
	ProductNotAllowed: {lang.Text{
		Swedish: "Företagets resepolicy tillåter inte den här biljetten.",
		English: "The travel policy of your company does not allow this ticket.",
	}, HelperAdministrator},
	RegionNotAllowed: {lang.Text{
		Swedish: "Företagets resepolicy tillåter inte resor till det här området.",
		English: "The travel policy of your company does not allow trips to this region.",
	}, HelperAdministrator},
	HourNotAllowed: {lang.Text{
		Swedish: "Företagets resepolicy tillåter inte köp vid den här tiden.",
		English: "The travel policy of your company does not allow purchases at this hour.",
	}, HelperAdministrator},
	ProviderRefused: {lang.Text{
		Swedish: "Betalningen nekades. Kontakta företagets administratör.",
		English: "The payment was refused. Contact an administrator of your company.",
	}, HelperAdministrator},
}

// Codes lists every reason for a decline, in alphabetical order.
func Codes() []DeclineCode {
	codes := make([]DeclineCode, 0, len(declines))
	for code := range declines {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// Text says the decline in the language nearest to tag, Swedish or English,
// with dates in zone. It holds no personal data.
func (d *Decline) Text(tag language.Tag, zone *time.Location) string {
	format := declines[d.Code].text.In(tag)
	if !strings.Contains(format, "%") {
		return cmp.Or(format, string(d.Code))
	}
	return fmt.Sprintf(format, lang.Money(tag, d.Amount), lang.Money(tag, d.ShortBy),
		lang.Money(tag, d.Available), lang.Money(tag, d.Limit), d.ResetsAt.In(zone).Format(time.DateOnly))
}
