package travel

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/id"
)

// PaymentMethod is "company invoice" as the traveler has added it in the app:
// what [Service.Activate] returns and the host keeps with the app's account. It
// is no secret; device and number are checked with every use.
type PaymentMethod struct {
	Company    CompanyID
	Traveler   TravelerID
	Connection ConnectionID
}

// String returns a form that [ParsePaymentMethod] reads.
func (m PaymentMethod) String() string {
	return m.Company.String() + "." + m.Traveler.String() + "." + m.Connection.String()
}

// ParsePaymentMethod reads what String returned.
func ParsePaymentMethod(s string) (PaymentMethod, error) {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return PaymentMethod{}, invalid("PaymentMethod", "", "is not three ids")
	}
	company, err1 := id.Parse[companyKind](parts[0])
	traveler, err2 := id.Parse[travelerKind](parts[1])
	connection, err3 := id.Parse[connectionKind](parts[2])
	if err := errors.Join(err1, err2, err3); err != nil {
		return PaymentMethod{}, &InputError{Field: "PaymentMethod", Err: err}
	}
	return PaymentMethod{company, traveler, connection}, nil
}

// Holder is who makes a purchase: the payment method, and the phone and mobile
// number that the host has verified for this request.
type Holder struct {
	Method PaymentMethod
	// Device is the host's id of the phone.
	Device string
	// Number is the mobile number that is registered in the app.
	Number PhoneNumber
}

func (h Holder) check() error {
	switch {
	case h.Method.Company.IsZero() || h.Method.Traveler.IsZero() || h.Method.Connection.IsZero():
		return invalid("Holder.Method", "", "is required")
	case h.Device == "" || len(h.Device) > maxText:
		return invalid("Holder.Device", "", fmt.Sprintf("must have 1 to %d characters", maxText))
	case h.Number.IsZero():
		return invalid("Holder.Number", "", "is required")
	}
	return nil
}

// refuse names the reason why the holder is not who the traveler's connection
// was made for, or "" (R11, R12, R15, R23).
func (h *Holder) refuse(t *Traveler) credit.DeclineCode {
	c := &t.Connection
	switch {
	case c.ID != h.Method.Connection || c.State == ConnectionEnded || c.State == "":
		return credit.NotConnected
	case c.State == ConnectionPending:
		return credit.NotActivated
	case t.Number != h.Number:
		return credit.OtherNumber
	case c.Device != h.Device:
		return credit.OtherDevice
	}
	return ""
}

const (
	// maxText bounds the length of texts that are data, such as names.
	maxText = 200
	// maxKey bounds idempotency keys.
	maxKey = 255
)

func checkKey(key string) error {
	if key == "" || len(key) > maxKey {
		return invalid("Key", "", fmt.Sprintf("must have 1 to %d bytes", maxKey))
	}
	return checkText("Key", key, maxKey)
}
