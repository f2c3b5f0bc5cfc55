package httpapi

import (
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/lang"
)

// problem is the body of an answer that is not what was asked for (RFC 9457).
type problem struct {
	Type   string       `json:"type"`
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail"`
	Code   string       `json:"code"`
	Errors []fieldError `json:"errors,omitempty"`
	// Decline is behind a decline.
	Decline *declineBody `json:"decline,omitempty"`
	// From is the instant from which on it is not too early.
	From string `json:"from,omitempty"`
	// Reason is why a document cannot be issued.
	Reason string `json:"reason,omitempty"`

	// retryAfter is when to come again; zero is no advice.
	retryAfter time.Duration
}

// fieldError says what is wrong with one field. Reason is for developers, in
// English.
type fieldError struct {
	Field  string `json:"field"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

const (
	typeProblem = "urn:tjansteresor:problem:"
	typeDecline = "urn:tjansteresor:decline:"
	// statusDeclined is for declines alone: see the package documentation.
	statusDeclined = 402
)

func problemOf(code Code, tag language.Tag) *problem {
	k := kinds[code]
	return &problem{
		Type: typeProblem + string(code), Title: k.title.In(tag), Status: k.status, Detail: k.detail.In(tag), Code: string(code),
	}
}

var declinedTitle = lang.Text{Swedish: "Köpet medges inte", English: "The purchase is declined"}

// declineBody is a credit.Decline. Amounts are in kronor.
type declineBody struct {
	Amount    string `json:"amount"`
	ShortBy   string `json:"short_by"`
	Limit     string `json:"limit"`
	Used      string `json:"used"`
	Reserved  string `json:"reserved"`
	Available string `json:"available"`
	ResetsAt  string `json:"resets_at,omitempty"`
	PassesAt  string `json:"passes_at,omitempty"`
	Helper    string `json:"helper"`
	// ProviderReason is the payment provider's own, for the back office.
	ProviderReason string `json:"provider_reason,omitempty"`
}

// declined is an answer no, on its way through the errors of a handler.
type declined struct {
	*credit.Decline
	// office adds what only the operator is told.
	office bool
}

// Error gives the code.
func (d *declined) Error() string { return "declined: " + string(d.Code) }

func (d *declined) problem(tag language.Tag, zone *time.Location) *problem {
	body := &declineBody{
		Amount: money(d.Amount), ShortBy: money(d.ShortBy), Limit: money(d.Limit), Used: money(d.Used),
		Reserved: money(d.Reserved), Available: money(d.Available), ResetsAt: instant(d.ResetsAt), PassesAt: instant(d.PassesAt),
		Helper: string(d.Helper),
	}
	if d.office {
		body.ProviderReason = d.Detail
	}
	return &problem{
		Type: typeDecline + string(d.Code), Title: declinedTitle.In(tag), Status: statusDeclined, Detail: d.Text(tag, zone),
		Code: string(d.Code), Decline: body,
	}
}
