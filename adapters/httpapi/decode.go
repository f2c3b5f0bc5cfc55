package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// maxDepth bounds how deep a request is nested; what is deepest has 4 levels.
const maxDepth = 8

// readBody reads the body of a request, in the time and size that it may have.
func readBody(ctx context.Context, w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if r.ContentLength > most {
		return nil, refuse(BodyTooLarge)
	}
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset, given := parameters["charset"]; err != nil || media != "application/json" || given && !strings.EqualFold(charset, "utf-8") {
		return nil, refuse(UnsupportedMediaType)
	}
	controller := http.NewResponseController(w)
	if deadline, ok := ctx.Deadline(); ok {
		// Not every ResponseWriter can; the rest of the request is bounded anyway.
		_ = controller.SetReadDeadline(deadline)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if err == nil {
		_ = controller.SetReadDeadline(time.Time{})
		return body, nil
	}
	var size *http.MaxBytesError
	switch {
	case errors.As(err, &size):
		return nil, refuse(BodyTooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, refuse(BodyTooSlow)
	}
	return nil, badJSON("", "the body ended early")
}

func badJSON(field, reason string) error {
	return &refusal{code: BadJSON, fields: []fieldError{{Field: field, Reason: reason}}}
}

// decode reads one JSON object into a struct: every name known and given once,
// no null, no text that would be changed by reading it.
func decode(body []byte, into any) error {
	if !utf8.Valid(body) {
		return badJSON("", "is not UTF-8")
	}
	s := scan{Decoder: json.NewDecoder(bytes.NewReader(body)), replaced: bytes.ContainsRune(body, utf8.RuneError)}
	s.UseNumber()
	if err := s.object(); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return badJSON(kind.Field, "must be "+kindOf(kind))
	case err != nil:
		// The names were checked: it is one of ours in another place, or not ours.
		name := strings.TrimPrefix(err.Error(), "json: unknown field ")
		return badJSON(strings.Trim(name, `"`), "is not known here")
	}
	return nil
}

func kindOf(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind().String() {
	case "string":
		return "a string"
	case "bool":
		return "true or false"
	case "int":
		return "a whole number"
	case "slice":
		return "an array"
	}
	return "an object"
}

// scan goes through a text before it is decoded, and finds what encoding/json
// takes without a word: names given twice or in other letters, null, halves of
// surrogate pairs, and more after the end.
type scan struct {
	*json.Decoder
	// replaced tells that the text has U+FFFD itself.
	replaced bool
}

func (s *scan) object() error {
	first, err := s.Token()
	if err != nil || first != json.Delim('{') {
		return badJSON("", "is not a JSON object")
	}
	if err := s.members(1); err != nil {
		return err
	}
	if _, err := s.Token(); !errors.Is(err, io.EOF) {
		return badJSON("", "more follows after the JSON object")
	}
	return nil
}

// members reads the rest of an object.
func (s *scan) members(depth int) error {
	seen := map[string]bool{}
	for s.More() {
		token, err := s.Token()
		name, ok := token.(string)
		switch {
		case err != nil || !ok:
			return errSyntax()
		case !isName(name):
			return badJSON("", "a name is not known here")
		case seen[name]:
			return badJSON(name, "is given twice")
		}
		seen[name] = true
		if err := s.value(name, depth); err != nil {
			return err
		}
	}
	return s.end()
}

func (s *scan) value(name string, depth int) error {
	token, err := s.Token()
	if err != nil {
		return errSyntax()
	}
	switch token := token.(type) {
	case nil:
		return badJSON(name, "is null: leave it out")
	case string:
		if !s.replaced && strings.ContainsRune(token, utf8.RuneError) {
			return badJSON(name, "has half of a surrogate pair")
		}
	case json.Delim:
		if depth == maxDepth {
			return badJSON(name, "is nested too deep")
		}
		if token == '{' {
			return s.members(depth + 1)
		}
		for s.More() {
			if err := s.value(name, depth+1); err != nil {
				return err
			}
		}
		return s.end()
	}
	return nil
}

// end reads the end of an object or array.
func (s *scan) end() error {
	if _, err := s.Token(); err != nil {
		return errSyntax()
	}
	return nil
}

func errSyntax() error { return badJSON("", "is not JSON") }

// isName tells whether a name is of the form of ours. encoding/json takes
// others for them: it does not tell capitals apart.
func isName(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 40
}
