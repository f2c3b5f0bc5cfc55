package travel

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tjansteresor/tjansteresor/internal/number"
)

// checkText refuses what no store and no paper can hold: text that is not
// UTF-8, control characters, and text that is too long. The value is not
// repeated: it may be personal.
func checkText(field, s string, longest int) error {
	if !utf8.ValidString(s) {
		return invalid(field, "", "is not UTF-8")
	}
	if n := len(s); n > longest && utf8.RuneCountInString(s) > longest {
		return invalid(field, "", fmt.Sprintf("has more than %d characters", longest))
	}
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] == 0x7f {
			return invalid(field, "", fmt.Sprintf("has a control character at byte %d", i))
		}
	}
	return nil
}

// clean trims and normalises a text to NFC, and checks it.
func clean(field string, s *string) error {
	*s = strings.TrimSpace(norm.NFC.String(*s))
	return checkText(field, *s, maxText)
}

// cleanRequired is clean for a text that must not be empty.
func cleanRequired(field string, s *string) error {
	if err := clean(field, s); err != nil {
		return err
	}
	if !visible(*s) {
		return invalid(field, "", "is required")
	}
	return nil
}

// checkPurpose holds R28: at least one visible character, a length cap, and
// nothing that cannot be printed. The purpose is kept as typed.
func checkPurpose(s string, longest int) error {
	if !utf8.ValidString(s) {
		return invalid("Purpose", "", "is not UTF-8")
	}
	if !visible(s) {
		return invalid("Purpose", "", "is required: say why the trip is made")
	}
	if utf8.RuneCountInString(s) > longest {
		return invalid("Purpose", "", fmt.Sprintf("has more than %d characters", longest))
	}
	if i := strings.IndexFunc(s, unprintable); i >= 0 {
		return invalid("Purpose", "", fmt.Sprintf("has a control character at byte %d", i))
	}
	if number.HasIdentity(s) {
		return invalid("Purpose", "", "has what looks like a personal identity number: say why the trip is made, without naming a person by number")
	}
	return nil
}

func unprintable(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }

// visible tells whether a text has a character that can be seen. Marks alone,
// format characters and the letters that print as nothing do not count.
func visible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		switch r {
		case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800:
			return false
		}
		return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
	})
}
