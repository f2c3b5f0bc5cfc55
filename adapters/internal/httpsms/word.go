package httpsms

import "strings"

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
)

// Code returns a gateway's code when it is a word that can be stored and shown:
// at most 40 letters, digits, "_", "-" and ".", and no more than 6 digits, so
// that it is no number of a phone. Otherwise it returns "".
func Code(s string) string {
	if len(s) > 40 || strings.Trim(s, letters+digits+"_-.") != "" {
		return ""
	}
	count := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			count++
		}
	}
	if count > 6 {
		return ""
	}
	return s
}

// ID tells whether s can be a gateway's id of a message: 8 to 64 letters,
// digits, "_" and "-", with a letter among them, so that it is no number of a
// phone.
func ID(s string) bool {
	return len(s) >= 8 && len(s) <= 64 && strings.Trim(s, letters+digits+"_-") == "" && strings.ContainsAny(s, letters)
}
