// Package lang chooses between the two languages that the library speaks.
package lang

import "golang.org/x/text/language"

var matcher = language.NewMatcher([]language.Tag{language.Swedish, language.English})

// Text holds one sentence in both languages.
type Text struct{ Swedish, English string }

// In returns the sentence in the language nearest to tag. The zero tag means
// Swedish, which the operators speak.
func (t Text) In(tag language.Tag) string {
	if IsEnglish(tag) {
		return t.English
	}
	return t.Swedish
}

// IsEnglish tells whether English is nearer to tag than Swedish is. A language
// that is neither gets English.
func IsEnglish(tag language.Tag) bool {
	if tag == language.Und {
		return false
	}
	_, i, confidence := matcher.Match(tag)
	return i == 1 || confidence == language.No
}
