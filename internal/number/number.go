package number

import (
	"errors"
	"strconv"
	"strings"
)

// What can be wrong with a number.
var (
	// ErrForm: it has the wrong length, or characters that do not belong there.
	ErrForm = errors.New("has not the form of one")
	// ErrCheck: a check digit is wrong, so there is a typing error.
	ErrCheck = errors.New("has a wrong check digit")
)

// plain takes out what people put between groups of digits.
func plain(s string) string {
	return strings.NewReplacer(" ", "", "-", "", "\u2013", "", "\u00a0", "").Replace(strings.TrimSpace(s))
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// luhn returns the check digit of a body of digits.
func luhn(body string) byte {
	sum := 0
	for i := range len(body) {
		d := int(body[len(body)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return '0' + byte((10-sum%10)%10)
}

// checked returns a number of least to most digits, the last of which is a
// check digit.
func checked(s string, least, most int) (string, error) {
	s = plain(s)
	if !digits(s) || len(s) < least || len(s) > most {
		return "", ErrForm
	}
	if luhn(s[:len(s)-1]) != s[len(s)-1] {
		return "", ErrCheck
	}
	return s, nil
}

// Organization returns a Swedish organization number as ten digits. It may have
// the century before it: 16, or 19 or 20 of a sole trader.
func Organization(s string) (string, error) {
	s = plain(s)
	if len(s) == 12 && (strings.HasPrefix(s, "16") || strings.HasPrefix(s, "19") || strings.HasPrefix(s, "20")) {
		s = s[2:]
	}
	return checked(s, 10, 10)
}

// ShowOrganization shows an organization number as people write it:
// 212000-0829. Those of other countries stay as they are.
func ShowOrganization(s string) string {
	if len(s) == 10 && digits(s) {
		return Dashed(s, 4)
	}
	return s
}

// Dashed shows a number with the last digits behind a dash, as people write
// bankgiro (4) and plusgiro (1) numbers.
func Dashed(s string, last int) string {
	if len(s) <= last {
		return s
	}
	return s[:len(s)-last] + "-" + s[len(s)-last:]
}

// VAT returns a VAT number. A Swedish one is SE, the organization number, and
// two digits; of others the form is looked at only.
func VAT(s string) (string, error) {
	s = strings.ToUpper(plain(s))
	if len(s) < 4 || len(s) > 16 || strings.Trim(s[:2], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" ||
		strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
		return "", ErrForm
	}
	if !strings.HasPrefix(s, "SE") {
		return s, nil
	}
	if len(s) != 14 || !digits(s[2:]) {
		return "", ErrForm
	}
	_, err := checked(s[2:12], 10, 10)
	return s, err
}

// Participant returns a Peppol participant: scheme and number, 0007:2120000829.
// Of 0007, Swedish organization numbers, and 0088, GLNs, the check digit is
// looked at; of others the form.
func Participant(s string) (string, error) {
	scheme, id, ok := strings.Cut(strings.TrimSpace(s), ":")
	if !ok || len(scheme) != 4 || !digits(scheme) || id == "" || len(id) > 50 ||
		strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", ErrForm
	}
	switch scheme {
	case "0007":
		id, err := Organization(id)
		return scheme + ":" + id, err
	case "0088":
		return scheme + ":" + id, gln(id)
	}
	return scheme + ":" + id, nil
}

// gln checks a Global Location Number: 13 digits, weighted 1 and 3.
func gln(s string) error {
	if !digits(s) || len(s) != 13 {
		return ErrForm
	}
	sum := 0
	for i := range len(s) {
		sum += int(s[i]-'0') * (1 + i%2*2)
	}
	if sum%10 != 0 {
		return ErrCheck
	}
	return nil
}

// Bankgiro returns a bankgiro number: seven or eight digits.
func Bankgiro(s string) (string, error) { return checked(s, 7, 8) }

// Plusgiro returns a plusgiro number: two to eight digits.
func Plusgiro(s string) (string, error) { return checked(s, 2, 8) }

// IBAN returns an international account number, by ISO 13616.
func IBAN(s string) (string, error) {
	s = strings.ToUpper(plain(s))
	if len(s) < 15 || len(s) > 34 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" ||
		digits(s[:1]) || digits(s[1:2]) || !digits(s[2:4]) {
		return "", ErrForm
	}
	rest := 0
	for _, c := range s[4:] + s[:4] {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	if rest != 1 {
		return "", ErrCheck
	}
	return s, nil
}

// maxOCR is how long an OCR reference may be.
const maxOCR = 25

// OCR makes an OCR reference of a body of digits: the body, with length the
// last digit of the whole length, and a check digit. Which of the two a bank
// wants is in the agreement with it.
func OCR(body string, length bool) (string, error) {
	if length {
		body += strconv.Itoa((len(body) + 2) % 10)
	}
	if !digits(body) || len(body) >= maxOCR {
		return "", ErrForm
	}
	return body + string(luhn(body)), nil
}

// CheckOCR checks an OCR reference that was typed, with length also its length
// digit.
func CheckOCR(s string, length bool) error {
	s, err := checked(s, 2, maxOCR)
	if err == nil && length && (len(s) < 3 || int(s[len(s)-2]-'0') != len(s)%10) {
		err = ErrCheck
	}
	return err
}
