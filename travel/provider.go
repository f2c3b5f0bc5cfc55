package travel

import (
	"context"

	"github.com/tjansteresor/tjansteresor/credit"
)

// PaymentProvider is who stands behind the payment method when it is not our
// own monthly invoice. It is asked to charge when a purchase is captured, and
// to refund. Without one (nil) our own invoice is the payment, and nobody is
// asked.
//
// Both methods are idempotent by ID: asked again with the same ID, a provider
// gives the answer that it gave, and charges once. An error means silence: the
// outcome is unknown, and the same request will be made again from stored
// state until there is an answer, over crashes and restarts. A refusal is an
// answer, not an error. Methods are called outside any transaction, possibly
// by several processes at once.
type PaymentProvider interface {
	Charge(ctx context.Context, c Charge) (ProviderAnswer, error)
	Refund(ctx context.Context, r ProviderRefund) (ProviderAnswer, error)
}

// Charge asks for the payment of a purchase.
type Charge struct {
	// ID is the authorization: the provider's idempotency key.
	ID       AuthorizationID
	Company  CompanyID
	Traveler TravelerID
	// Amount is in öre, Month the month of the purchase.
	Amount credit.Amount
	Month  credit.Month
}

// ProviderRefund asks for a part of a charge to be given back.
type ProviderRefund struct {
	// ID is the provider's idempotency key.
	ID     RefundID
	Charge AuthorizationID
	// Company is the buyer. Amount is in öre.
	Company CompanyID
	Amount  credit.Amount
}

// ProviderAnswer is what a provider has decided.
type ProviderAnswer struct {
	Approved bool
	// Reason is the provider's own code for a refusal. It must hold no
	// personal data.
	Reason string
}
