package lang

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/text/language"
)

func TestText(t *testing.T) {
	t.Parallel()
	text := Text{Swedish: "resenär", English: "traveler"}
	for tag, want := range map[string]string{
		"und":        text.Swedish, // the operators' own
		"sv":         text.Swedish,
		"sv-FI":      text.Swedish,
		"en":         text.English,
		"en-GB":      text.English,
		"fi":         text.English, // neither
		"nb":         text.English,
		"zh-Hant-TW": text.English,
	} {
		assert.Equal(t, want, text.In(language.Make(tag)), tag)
		assert.Equal(t, want == text.English, IsEnglish(language.Make(tag)), tag)
	}
}
