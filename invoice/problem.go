package invoice

import (
	"fmt"
	"strings"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/internal/lang"
)

// Reason says why a month cannot be closed. Reasons are stable.
type Reason string

// The reasons for which a company's month is set aside, until they are mended
// (R35).
const (
	// ReasonBillingData: the company lacks what an invoice must show; the
	// detail lists the fields.
	ReasonBillingData Reason = "billing_data"
	// ReasonNoReference: a department has no reference and the company no
	// default one (R03); the detail is the department's name, "" for travelers
	// without one.
	ReasonNoReference Reason = "no_reference"
	// ReasonUnknownSeller: a ticket names a seller that the configuration does
	// not; the detail is the seller's id.
	ReasonUnknownSeller Reason = "unknown_seller"
	// ReasonChargeUnanswered: the payment provider has not answered a charge;
	// the detail is the authorization.
	ReasonChargeUnanswered Reason = "charge_unanswered"
	// ReasonEarlierMonth: an earlier month is not closed yet, and months are
	// closed in order; the detail is that month.
	ReasonEarlierMonth Reason = "earlier_month"
	// ReasonHeld: the operator has set the month aside; the detail is why, in
	// the operator's words. See [Service.SetAside].
	ReasonHeld Reason = "held"
	// ReasonReleased: the operator has released it again; the next close takes
	// it up.
	ReasonReleased Reason = "released"
)

var reasonTexts = map[Reason]lang.Text{
	ReasonBillingData: {
		Swedish: "Företagets faktureringsuppgifter är inte fullständiga: %s saknas.",
		English: "The company's billing data are not complete: %s missing.",
	},
	ReasonNoReference: {
		Swedish: "Referensnummer saknas för avdelningen %q, och företaget har inget som gäller för alla.",
		English: "The department %q has no reference, and the company has no default one.",
	},
	ReasonUnknownSeller: {
		Swedish: "Det finns biljetter av en okänd säljare, %q.",
		English: "There are tickets of an unknown seller, %q.",
	},
	ReasonChargeUnanswered: {
		Swedish: "Betalningen av köpet %s är inte besvarad.",
		English: "The payment of the purchase %s has not been answered.",
	},
	ReasonEarlierMonth: {
		Swedish: "Månaden %s måste stängas först.",
		English: "The month %s must be closed first.",
	},
	ReasonHeld: {
		Swedish: "Månaden är undantagen tills vidare: %s.",
		English: "The month is set aside for the time being: %s.",
	},
	ReasonReleased: {
		Swedish: "Månaden är släppt och faktureras vid nästa körning.",
		English: "The month is released and is invoiced by the next run.",
	},
}

// Problem is why a company's month cannot be closed: a stable reason, and what
// it is about. It holds no personal data.
type Problem struct {
	Reason Reason
	Detail string
}

// Error names the reason and what it is about.
func (p *Problem) Error() string { return fmt.Sprintf("set aside: %s %q", p.Reason, p.Detail) }

// Text says it in Swedish or English.
func (p *Problem) Text(tag language.Tag) string {
	text, known := reasonTexts[p.Reason]
	if !known {
		return string(p.Reason)
	}
	if said := text.In(tag); strings.Contains(said, "%") {
		return fmt.Sprintf(said, p.Detail)
	}
	return text.In(tag)
}
