package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/text/language"
)

// writer writes one answer.
type writer struct {
	http.ResponseWriter
	// head is a request for the header alone.
	head bool
	// begun tells that something is out, and no other answer possible.
	begun bool
}

// file is an answer that is not JSON.
type file struct {
	mediaType, name string
	write           func(context.Context, io.Writer) error
}

// answer writes what a route has given: nothing, a file, or JSON.
func (w *writer) answer(r *http.Request, body any) error {
	switch body := body.(type) {
	case served:
		return nil
	case nil:
		w.begun = true
		w.WriteHeader(http.StatusNoContent)
		return nil
	case *file:
		return w.file(r.Context(), body)
	}
	return w.json(http.StatusOK, "application/json", body)
}

func (w *writer) json(status int, mediaType string, body any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return err
	}
	w.whole(status, mediaType, b.Bytes())
	return nil
}

// whole writes an answer of which all is at hand.
func (w *writer) whole(status int, mediaType string, body []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.begun = true
	w.WriteHeader(status)
	if !w.head {
		// Nobody is told when the caller has gone.
		_, _ = w.Write(body)
	}
}

func (w *writer) problem(p *problem, tag language.Tag) {
	if p.retryAfter > 0 {
		seconds := int64((p.retryAfter + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	if p.Status == http.StatusRequestEntityTooLarge || p.Status == http.StatusRequestTimeout {
		w.Header().Set("Connection", "close")
	}
	w.Header().Set("Content-Language", tag.String())
	// It is made of strings and numbers, which JSON can write.
	_ = w.json(p.Status, "application/problem+json", p)
}

// maxHeld is how much of a file is held back before any of it goes out: what
// fails until then is a problem, and not half a file.
const maxHeld = 1 << 20

func (w *writer) file(ctx context.Context, f *file) error {
	w.Header().Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
	held := &holding{w: w, mediaType: f.mediaType}
	err := f.write(ctx, held)
	if err == nil {
		err = held.end()
	}
	if err != nil && !w.begun {
		w.Header().Del("Content-Disposition")
	}
	return err
}

// holding holds the beginning of a file back.
type holding struct {
	w         *writer
	mediaType string
	held      bytes.Buffer
}

// Write holds back what a problem could still take the place of.
func (h *holding) Write(b []byte) (int, error) {
	if !h.w.begun && h.held.Len()+len(b) <= maxHeld {
		return h.held.Write(b)
	}
	if !h.w.begun {
		h.w.Header().Set("Content-Type", h.mediaType)
		h.w.begun = true
		h.w.WriteHeader(http.StatusOK)
		if err := h.out(h.held.Bytes()); err != nil {
			return 0, err
		}
	}
	return len(b), h.out(b)
}

func (h *holding) out(b []byte) error {
	if h.w.head {
		return nil
	}
	_, err := h.w.Write(b)
	return err
}

// end writes a file that was held back whole.
func (h *holding) end() error {
	if !h.w.begun {
		h.w.whole(http.StatusOK, h.mediaType, h.held.Bytes())
	}
	return nil
}
