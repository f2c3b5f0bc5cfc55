package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	width  = 100
	indent = "              " // as wide as a time and the gap after it
)

// page is what the story is written on. A failed write shows when it is closed.
type page struct {
	out      *bufio.Writer
	clock    *clock
	chapters int
	blank    bool
}

func newPage(w io.Writer, c *clock) *page { return &page{out: bufio.NewWriter(w), clock: c} }

func (p *page) close() error { return p.out.Flush() }

// chapter begins a chapter.
func (p *page) chapter(title string) {
	if p.chapters++; p.chapters > 1 {
		p.line("")
	}
	heading := fmt.Sprintf("── %d. %s ", p.chapters, title)
	p.line(heading + strings.Repeat("─", width-utf8.RuneCountInString(heading)))
	p.line("")
}

// at tells what happens at the instant of the clock.
func (p *page) at(format string, args ...any) {
	p.paragraph(p.clock.at.In(p.clock.zone).Format("_2 Jan 15:04")+"  ", fmt.Sprintf(format, args...))
}

// say tells what comes of it.
func (p *page) say(format string, args ...any) { p.paragraph(indent, fmt.Sprintf(format, args...)) }

// item is one of a list.
func (p *page) item(format string, args ...any) {
	p.paragraph(indent+"- ", fmt.Sprintf(format, args...))
}

// paragraph writes a text broken at spaces, beside what its first line begins
// with. No-break spaces, as in amounts, stay.
func (p *page) paragraph(first, text string) {
	line := first
	margin := strings.Repeat(" ", utf8.RuneCountInString(first))
	for i, word := range strings.Split(text, " ") {
		switch {
		case i == 0:
			line += word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			p.line(line)
			line = margin + word
		default:
			line += " " + word
		}
	}
	p.line(line)
}

// paper writes a document as it is behind a margin, between empty lines.
func (p *page) paper(margin, text string) {
	p.line("")
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		p.line(margin + line)
	}
	p.line("")
}

// line writes a line as it is, and never two empty ones.
func (p *page) line(text string) {
	text = strings.TrimRight(text, " ")
	if text == "" && p.blank {
		return
	}
	p.blank = text == ""
	_, _ = fmt.Fprintln(p.out, text)
}
