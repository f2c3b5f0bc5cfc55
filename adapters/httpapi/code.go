package httpapi

import (
	"net/http"
	"slices"

	"github.com/tjansteresor/tjansteresor/internal/lang"
)

// Code says what kind of problem an answer tells of. Codes are stable. The
// reasons of declines are codes too, those of [credit.DeclineCode]; none of them
// is one of these.
type Code string

// The codes of problems that are not declines.
const (
	// NotFound, 404: there is no such thing, or the caller may not see it.
	NotFound Code = "not_found"
	// MethodNotAllowed, 405: the Allow header says what is.
	MethodNotAllowed Code = "method_not_allowed"
	// Unauthenticated, 401: it is not known who asks.
	Unauthenticated Code = "unauthenticated"
	// Forbidden, 403: the caller may not do this.
	Forbidden Code = "forbidden"
	// RateLimited, 429: too many requests; Retry-After says when to come again.
	RateLimited Code = "rate_limited"
	// BodyTooLarge, 413: the request is larger than this API takes.
	BodyTooLarge Code = "body_too_large"
	// BodyTooSlow, 408: the request did not arrive in time.
	BodyTooSlow Code = "body_too_slow"
	// UnsupportedMediaType, 415: requests are application/json.
	UnsupportedMediaType Code = "unsupported_media_type"
	// BadJSON, 400: the body is not the JSON object that it should be.
	BadJSON Code = "bad_json"
	// InvalidInput, 400: a value is wrong; errors names the field.
	InvalidInput Code = "invalid_input"
	// KeyMissing, 400: the request costs money and has no Idempotency-Key.
	KeyMissing Code = "key_missing"
	// KeyMalformed, 400: the Idempotency-Key is none.
	KeyMalformed Code = "key_malformed"
	// KeyInFlight, 409: the same key is being answered. Repeat with the same key.
	KeyInFlight Code = "key_in_flight"
	// KeyReused, 422: the key was used before with another content.
	KeyReused Code = "key_reused"
	// ActivationRefused, 403: username and code do not activate here, whatever
	// the reason (R14).
	ActivationRefused Code = "activation_refused"
	// CompanyNotActive, 409: the company is not approved, or closed (R01).
	CompanyNotActive Code = "company_not_active"
	// Conflict, 409: the state does not allow it.
	Conflict Code = "conflict"
	// TooEarly, 409: the month cannot be closed before the instant in from.
	TooEarly Code = "too_early"
	// NotIssuable, 409: a document lacks something; reason says what.
	NotIssuable Code = "not_issuable"
	// PaymentPending, 503: the payment provider has not answered. The purchase is
	// driven on. Repeat with the same key.
	PaymentPending Code = "payment_pending"
	// UnknownOutcome, 503: the connection to the store broke, and it is not known
	// whether the request was done. Repeat with the same key.
	UnknownOutcome Code = "unknown_outcome"
	// Timeout, 503: it took too long. Repeat, with the same key if there is one.
	Timeout Code = "timeout"
	// Internal, 500: something failed that callers can do nothing about.
	Internal Code = "internal"
)

// Codes lists every code, in alphabetical order.
func Codes() []Code {
	list := make([]Code, 0, len(kinds))
	for code := range kinds {
		list = append(list, code)
	}
	slices.Sort(list)
	return list
}

// kind is what all problems of a code have in common.
type kind struct {
	status        int
	title, detail lang.Text
}

var kinds = map[Code]kind{
	NotFound: {http.StatusNotFound, lang.Text{
		Swedish: "Finns inte", English: "Not found",
	}, lang.Text{
		Swedish: "Det som efterfrågas finns inte.",
		English: "There is no such thing here.",
	}},
	MethodNotAllowed: {http.StatusMethodNotAllowed, lang.Text{
		Swedish: "Metoden är inte tillåten", English: "Method not allowed",
	}, lang.Text{
		Swedish: "Adressen tar inte emot den metoden.",
		English: "This address does not take that method.",
	}},
	Unauthenticated: {http.StatusUnauthorized, lang.Text{
		Swedish: "Inte inloggad", English: "Not signed in",
	}, lang.Text{
		Swedish: "Logga in och försök igen.",
		English: "Sign in and try again.",
	}},
	Forbidden: {http.StatusForbidden, lang.Text{
		Swedish: "Inte tillåtet", English: "Not allowed",
	}, lang.Text{
		Swedish: "Du har inte rätt att göra det här.",
		English: "You are not allowed to do this.",
	}},
	RateLimited: {http.StatusTooManyRequests, lang.Text{
		Swedish: "För många förfrågningar", English: "Too many requests",
	}, lang.Text{
		Swedish: "Vänta en stund och försök igen.",
		English: "Wait a while and try again.",
	}},
	BodyTooLarge: {http.StatusRequestEntityTooLarge, lang.Text{
		Swedish: "För stor förfrågan", English: "Request too large",
	}, lang.Text{
		Swedish: "Förfrågan är större än vad som tas emot.",
		English: "The request is larger than what is taken.",
	}},
	BodyTooSlow: {http.StatusRequestTimeout, lang.Text{
		Swedish: "För långsam förfrågan", English: "Request too slow",
	}, lang.Text{
		Swedish: "Förfrågan kom inte fram i tid. Försök igen.",
		English: "The request did not arrive in time. Try again.",
	}},
	UnsupportedMediaType: {http.StatusUnsupportedMediaType, lang.Text{
		Swedish: "Fel innehållstyp", English: "Unsupported media type",
	}, lang.Text{
		Swedish: "Förfrågan ska vara JSON, med Content-Type: application/json.",
		English: "The request must be JSON, with Content-Type: application/json.",
	}},
	BadJSON: {http.StatusBadRequest, lang.Text{
		Swedish: "Felaktig JSON", English: "Bad JSON",
	}, lang.Text{
		Swedish: "Förfrågan är inte det JSON-objekt som den ska vara.",
		English: "The request is not the JSON object that it should be.",
	}},
	InvalidInput: {http.StatusBadRequest, lang.Text{
		Swedish: "Felaktig uppgift", English: "Invalid input",
	}, lang.Text{
		Swedish: "En uppgift är felaktig.",
		English: "A value is wrong.",
	}},
	KeyMissing: {http.StatusBadRequest, lang.Text{
		Swedish: "Nyckel saknas", English: "Key missing",
	}, lang.Text{
		Swedish: "Förfrågan ska ha en Idempotency-Key, som är densamma när den upprepas.",
		English: "The request must have an Idempotency-Key, which stays the same when it is repeated.",
	}},
	KeyMalformed: {http.StatusBadRequest, lang.Text{
		Swedish: "Felaktig nyckel", English: "Malformed key",
	}, lang.Text{
		Swedish: "Idempotency-Key ska finnas en gång och ha 1 till 255 synliga ASCII-tecken.",
		English: "There must be one Idempotency-Key, of 1 to 255 visible ASCII characters.",
	}},
	KeyInFlight: {http.StatusConflict, lang.Text{
		Swedish: "Förfrågan behandlas redan", English: "Request in flight",
	}, lang.Text{
		Swedish: "En förfrågan med samma nyckel behandlas just nu. Vänta och upprepa med samma nyckel.",
		English: "A request with the same key is being answered. Wait, and repeat with the same key.",
	}},
	KeyReused: {http.StatusUnprocessableEntity, lang.Text{
		Swedish: "Nyckeln är använd", English: "Key reused",
	}, lang.Text{
		Swedish: "Nyckeln är redan använd för en förfrågan med ett annat innehåll. Använd en ny.",
		English: "The key was used before for a request with another content. Use a new one.",
	}},
	ActivationRefused: {http.StatusForbidden, lang.Text{
		Swedish: "Kunde inte läggas till", English: "Could not be added",
	}, lang.Text{
		Swedish: "Användarnamn och engångskod stämmer inte, eller gäller inte här. Kontrollera dem, eller be företagets administratör ansluta dig på nytt.",
		English: "Username and one-time code do not match, or are not valid here. Check them, or ask an administrator of your company to connect you anew.",
	}},
	CompanyNotActive: {http.StatusConflict, lang.Text{
		Swedish: "Företaget är inte aktivt", English: "Company not active",
	}, lang.Text{
		Swedish: "Företaget är inte godkänt, eller är avslutat.",
		English: "The company is not approved, or is closed.",
	}},
	Conflict: {http.StatusConflict, lang.Text{
		Swedish: "Inte möjligt nu", English: "Not possible now",
	}, lang.Text{
		Swedish: "Det är inte möjligt i det nuvarande läget.",
		English: "It is not possible in the present state.",
	}},
	TooEarly: {http.StatusConflict, lang.Text{
		Swedish: "För tidigt", English: "Too early",
	}, lang.Text{
		Swedish: "Månaden kan inte avslutas än.",
		English: "The month cannot be closed yet.",
	}},
	NotIssuable: {http.StatusConflict, lang.Text{
		Swedish: "Kan inte utfärdas", English: "Cannot be issued",
	}, lang.Text{
		Swedish: "Något saknas för att dokumentet ska kunna utfärdas.",
		English: "Something is missing for the document to be issued.",
	}},
	PaymentPending: {http.StatusServiceUnavailable, lang.Text{
		Swedish: "Betalningen pågår", English: "Payment pending",
	}, lang.Text{
		Swedish: "Betalningen är inte besvarad än. Upprepa med samma nyckel för att få veta hur det gick.",
		English: "The payment is not answered yet. Repeat with the same key to learn how it ended.",
	}},
	UnknownOutcome: {http.StatusServiceUnavailable, lang.Text{
		Swedish: "Okänt utfall", English: "Outcome unknown",
	}, lang.Text{
		Swedish: "Det är inte känt om förfrågan utfördes. Upprepa med samma nyckel för att få veta.",
		English: "It is not known whether the request was done. Repeat with the same key to learn.",
	}},
	Timeout: {http.StatusServiceUnavailable, lang.Text{
		Swedish: "Det tog för lång tid", English: "It took too long",
	}, lang.Text{
		Swedish: "Försök igen, med samma nyckel om förfrågan hade en.",
		English: "Try again, with the same key if the request had one.",
	}},
	Internal: {http.StatusInternalServerError, lang.Text{
		Swedish: "Internt fel", English: "Internal error",
	}, lang.Text{
		Swedish: "Något gick fel hos oss.",
		English: "Something went wrong on our side.",
	}},
}
