package smslog

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tjansteresor/tjansteresor/sms"
)

// Name is the Gateway in receipts.
const Name = "smslog"

// width is how many characters a line of the drawn phone holds.
const width = 40

// Sender draws messages. It is safe for concurrent use: each message is one
// call of Write.
type Sender struct {
	mu sync.Mutex
	w  io.Writer
}

var _ sms.Sender = (*Sender)(nil)

// New returns a Sender that draws to w, in UTF-8.
func New(w io.Writer) *Sender { return &Sender{w: w} }

// Send draws one message and takes it; the GatewayID is the message's own id.
// A ctx that is done is [sms.ErrTemporary], a writer that fails
// [sms.ErrUnknown].
func (s *Sender) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return sms.Receipt{}, &sms.SendError{Kind: sms.KindTemporary, Code: "canceled", Err: err}
	}
	drawn := draw(m)
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := io.WriteString(s.w, drawn); err != nil {
		return sms.Receipt{}, &sms.SendError{Kind: sms.KindUnknown, Code: "write", Err: err}
	}
	return sms.Receipt{Gateway: Name, GatewayID: m.ID.String()}, nil
}

func draw(m sms.Message) string {
	var b strings.Builder
	rule := strings.Repeat("─", width+2)
	line := func(s string) { fmt.Fprintf(&b, "│ %-*s │\n", width, s) }
	b.WriteString("┌" + rule + "┐\n")
	line(m.From + " → " + m.To.Masked())
	b.WriteString("├" + rule + "┤\n")
	for paragraph := range strings.SplitSeq(m.Text, "\n") {
		for _, l := range wrap(paragraph) {
			line(l)
		}
	}
	b.WriteString("└" + rule + "┘\n")
	return b.String()
}

// wrap breaks a paragraph at spaces, and a word that is longer than a line
// where the line ends. Control characters, which could move a terminal's
// cursor, show as the replacement character.
func wrap(paragraph string) []string {
	lines := []string{""}
	for _, word := range strings.Fields(printable(paragraph)) {
		last := lines[len(lines)-1]
		if last != "" && utf8.RuneCountInString(last)+1+utf8.RuneCountInString(word) <= width {
			lines[len(lines)-1] = last + " " + word
			continue
		}
		if last != "" {
			lines = append(lines, "")
		}
		runes := []rune(word)
		for len(runes) > width {
			lines[len(lines)-1] = string(runes[:width])
			lines = append(lines, "")
			runes = runes[width:]
		}
		lines[len(lines)-1] = string(runes)
	}
	return lines
}

func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\r' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return utf8.RuneError
		}
		return r
	}, s)
}
