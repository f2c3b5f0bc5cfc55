package httpsms

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"

	"github.com/tjansteresor/tjansteresor/sms"
)

// The media types of receipts.
const (
	TypeForm = "application/x-www-form-urlencoded"
	TypeJSON = "application/json"
)

// MediaType is the Content-Type of a request without its parameters.
func MediaType(r *http.Request) string {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}

// Form reads a form from a body. The error is [ErrForm].
func Form(r *http.Request, body []byte) (url.Values, error) {
	if MediaType(r) != TypeForm {
		return nil, ErrForm
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, ErrForm
	}
	return form, nil
}

// Report makes a report of what a gateway says of a message. Only what went
// wrong has a code. The error is [ErrForm] when id is none.
func Report(ref Reference, id string, state sms.State, code string) (sms.DeliveryReport, error) {
	if !ID(id) {
		return sms.DeliveryReport{}, ErrForm
	}
	report := sms.DeliveryReport{Company: ref.Company, ID: ref.ID, GatewayID: id, State: state}
	if state == sms.StateFailed || state == sms.StateUnknown {
		report.ErrorCode = Code(code)
	}
	return report, nil
}

// Word is a JSON string or number as text. null is "", and so is anything else.
type Word string

// UnmarshalJSON reads the value.
func (w *Word) UnmarshalJSON(data []byte) error {
	var number json.Number
	if json.Unmarshal(data, &number) == nil {
		*w = Word(number)
		return nil
	}
	var text string
	_ = json.Unmarshal(data, &text) // what is no text is none
	*w = Word(text)
	return nil
}

// JSONCode finds the code in a refusal of the form {"code": ..., ...}.
func JSONCode(body []byte) string {
	var refusal struct {
		Code Word `json:"code"`
	}
	if json.Unmarshal(body, &refusal) != nil {
		return ""
	}
	return string(refusal.Code)
}
