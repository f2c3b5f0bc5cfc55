package httpapi

import (
	"net/http"
	"strings"

	"golang.org/x/text/language"
)

var (
	spoken  = []language.Tag{language.Swedish, language.English}
	matcher = language.NewMatcher(spoken)
)

// maxLanguages bounds what is read of an Accept-Language header.
const maxLanguages = 512

// languageOf returns Swedish or English, whichever the request asks for:
// Swedish when it does not say, English when it wants neither.
func languageOf(r *http.Request) language.Tag {
	header := strings.Join(r.Header.Values("Accept-Language"), ",")
	if len(header) > maxLanguages {
		return language.Swedish
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(wanted) == 0 || strings.HasPrefix(strings.TrimSpace(header), "*") {
		return language.Swedish
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return language.English
	}
	return spoken[i]
}
