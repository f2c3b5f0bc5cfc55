package pdf

import (
	"fmt"
	"io"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"github.com/tjansteresor/tjansteresor/invoice"
)

// The colors: quiet, and dark enough for a fax.
var (
	black = ink{24, 33, 41}
	gray  = ink{92, 104, 115}
	blue  = ink{22, 78, 110}
)

var (
	line = ink{206, 213, 219}
	band = ink{242, 245, 247}
)

// newFile returns an empty file. A4, portrait or landscape: P or L.
func newFile(orientation string) *fpdf.Fpdf {
	out := fpdf.New(orientation, "mm", "A4", "")
	out.SetAutoPageBreak(false, 0)
	return out
}

// sheet is a file that is being set, from top to bottom, on as many pages as it
// takes. Lengths are in millimeters from the upper left corner.
type sheet struct {
	out   *fpdf.Fpdf
	fonts *fonts
	style style // in which the last text was set
	// left, right, top and bottom bound what is set; the foot comes below.
	left, right, top, bottom float64
	// y is where the next thing goes, fresh where that was when the page began.
	y, fresh float64
	// head sets what stands at the top of a page.
	head func()
}

// paper is the sheet's shape.
type paper struct {
	orientation                string
	left, right, top, overFoot float64
}

var (
	portrait  = paper{"P", 20, 190, 16, 278}
	landscape = paper{"L", 15, 282, 13, 195}
)

// newSheet returns a sheet with no page yet.
func (p *Printer) newSheet(form paper, d *invoice.Document, title string) *sheet {
	out := newFile(form.orientation)
	p.fonts.add(out)
	at := d.IssuedAt
	if at.IsZero() {
		at = d.Month.End(p.words.zone) // of a draft: a file says when it was made, and not when that was tried
	}
	out.SetCreationDate(at.UTC())
	out.SetModificationDate(at.UTC())
	out.SetCatalogSort(true)
	out.SetLang(p.words.Language())
	out.SetTitle(clean(title), true)
	out.SetAuthor(clean(d.Seller.Name), true)
	out.SetSubject(clean(strings.TrimSpace(d.Reference+" "+d.Month.String())), true)
	out.SetCreator("tjansteresor", true)
	return &sheet{
		out: out, fonts: p.fonts, left: form.left, right: form.right, top: form.top, bottom: form.overFoot,
		head: func() {},
	}
}

// page begins a page.
func (s *sheet) page() {
	s.out.AddPage()
	s.y = s.top
	s.head()
	s.fresh = s.y
}

// need begins a page when so much does not fit on this one, unless it has just
// begun.
func (s *sheet) need(high float64) {
	if s.y+high > s.bottom && s.y > s.fresh {
		s.page()
	}
}

// use makes a style that of the text that follows.
func (s *sheet) use(st style) {
	if st.bold != s.style.bold || st.size != s.style.size {
		weight := ""
		if st.bold {
			weight = "B"
		}
		s.out.SetFont(family, weight, st.size)
	}
	if st.ink != s.style.ink {
		s.out.SetTextColor(st.ink[0], st.ink[1], st.ink[2])
	}
	s.style = st
}

// text sets a clean line, the top of which is at y.
func (s *sheet) text(st style, x, y float64, text string) {
	if text == "" {
		return
	}
	s.use(st)
	const capitals = 0.72 // their height, of the size
	s.out.Text(x, y+(st.lead()+capitals*st.size*mmPerPoint)/2, text)
}

// textRight sets a clean line that ends at x, smaller when it would be wider
// than width.
func (s *sheet) textRight(st style, x, y, width float64, text string) {
	w := s.fonts.width(st, text)
	if w > width {
		large := st.lead()
		st.size *= width / w
		y += (large - st.lead()) / 2
		w = width
	}
	s.text(st, x-w, y, text)
}

// block sets a text in lines of at most width from x and y, and returns where
// it ended.
func (s *sheet) block(st style, x, y, width float64, text string) float64 {
	for _, l := range s.fonts.wrap(st, s.fonts.clean(text), width) {
		s.text(st, x, y, l)
		y += st.lead()
	}
	return y
}

// high returns how high a block would be.
func (s *sheet) high(st style, width float64, text string) float64 {
	return float64(len(s.fonts.wrap(st, s.fonts.clean(text), width))) * st.lead()
}

// rule draws a line over the width of the page.
func (s *sheet) rule(y, thick float64, c ink) {
	s.out.SetDrawColor(c[0], c[1], c[2])
	s.out.SetLineWidth(thick)
	s.out.Line(s.left, y, s.right, y)
}

// fill fills a rectangle.
func (s *sheet) fill(x, y, wide, high float64, c ink) {
	s.out.SetFillColor(c[0], c[1], c[2])
	s.out.Rect(x, y, wide, high, "F")
}

// finish sets the foot of every page, now that it is known how many there are,
// and writes the file.
func (s *sheet) finish(w io.Writer, foot func(page, of int)) error {
	of := s.out.PageCount()
	for page := 1; page <= of; page++ {
		s.out.SetPage(page)
		s.style = style{} // the last page's is not this one's
		foot(page, of)
	}
	if err := s.out.Output(w); err != nil {
		return fmt.Errorf("pdf: %w", err)
	}
	return nil
}
