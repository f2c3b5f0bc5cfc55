package httpapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// documentPath is where each handler serves its own document, to anybody.
const documentPath = "/openapi.json"

var (
	//go:embed app.openapi.json
	appDocument []byte
	//go:embed office.openapi.json
	officeDocument []byte
)

// document is an OpenAPI document as it is served.
type document struct {
	text []byte
	etag string
}

func newDocument(text []byte) *document {
	sum := sha256.Sum256(text)
	return &document{text, `"` + hex.EncodeToString(sum[:8]) + `"`}
}

// served says that an answer is written already.
type served struct{}

func (d *document) answer(w *writer, r *http.Request) (any, error) {
	methods := []string{http.MethodGet, http.MethodHead, http.MethodOptions}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		w.Header().Set("Allow", strings.Join(methods, ", "))
		return nil, nil
	default:
		w.Header().Set("Allow", strings.Join(methods, ", "))
		return nil, refuse(MethodNotAllowed)
	}
	w.Header().Del("Vary")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", d.etag)
	w.begun = true
	http.ServeContent(w.ResponseWriter, r, "", time.Time{}, bytes.NewReader(d.text))
	return served{}, nil
}
