package sie

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/tjansteresor/tjansteresor/invoice"
)

// What is wrong with documents.
var (
	// ErrEmpty: there are no documents, so there is nobody whose books they
	// are.
	ErrEmpty = errors.New("no documents")
	// ErrNotIssued: a draft or a basis is no invoice.
	ErrNotIssued = errors.New("is no issued invoice or credit note")
	// ErrPart: it is what a department administrator sees of a document.
	ErrPart = errors.New("is a part of a document, without VAT rates")
	// ErrNoAccount: the options name no account for a VAT rate.
	ErrNoAccount = errors.New("no account")
	// ErrUnbalanced: the document's sums do not add up.
	ErrUnbalanced = errors.New("does not balance")
	// ErrMixed: the document has another seller or currency than the first one.
	ErrMixed = errors.New("does not belong into the same books")
	// ErrObject: an object is none, or another than at the first time.
	ErrObject = errors.New("object")
)

// DocumentError says which document cannot be booked, and why.
type DocumentError struct {
	ID invoice.DocumentID
	// Label is its series and number, if it has them.
	Label string
	Err   error
}

// Error names the document.
func (e *DocumentError) Error() string {
	return fmt.Sprintf("document %s: %v", cmp.Or(e.Label, e.ID.String()), e.Err)
}

// Unwrap returns why.
func (e *DocumentError) Unwrap() error { return e.Err }

// wrong returns the error of a document, of a kind and with what is to be said
// besides.
func wrong(d *invoice.Document, kind error, format string, args ...any) error {
	if format != "" {
		kind = fmt.Errorf("%w: "+format, append([]any{kind}, args...)...)
	}
	return &DocumentError{ID: d.ID, Label: d.Label(), Err: kind}
}
