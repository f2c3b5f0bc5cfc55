package pdf_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"github.com/tjansteresor/tjansteresor/adapters/pdf"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// letters measures texts by the fonts themselves, and not by what the renderer
// thinks of them.
type letters struct{ regular, bold *sfnt.Font }

var readLetters = sync.OnceValues(func() (letters, error) {
	regular, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return letters{}, err
	}
	bold, err := sfnt.Parse(gobold.TTF)
	return letters{regular, bold}, err
})

func (l letters) width(t testing.TB, s said) float64 {
	face := l.regular
	if s.bold {
		face = l.bold
	}
	var b sfnt.Buffer
	sum := 0.0
	for _, r := range s.text {
		i, err := face.GlyphIndex(&b, r)
		require.NoError(t, err)
		a, err := face.GlyphAdvance(&b, i, fixed.I(1000), font.HintingNone)
		require.NoError(t, err)
		sum += float64(a) / 64
	}
	return sum / 1000 * s.size
}

// assertTidy asserts that nothing stands outside the margins or on something
// else.
func assertTidy(t testing.TB, f *file) {
	t.Helper()
	l, err := readLetters()
	require.NoError(t, err)
	const point = 72 / 25.4
	left, right, top, bottom := 20*point, 190*point, 297*point, 12*point
	if bytes.Contains(f.data, []byte("/MediaBox [0 0 841.89 595.28]")) {
		left, right, top, bottom = 15*point, 282*point, 210*point, 8*point
	}
	const slack = 0.5
	for n, page := range f.pages {
		type box struct{ x, y, right, top float64 }
		boxes := make([]box, len(page))
		for i, s := range page {
			b := box{s.x, s.y, s.x + l.width(t, s), s.y + 0.72*s.size}
			boxes[i] = b
			if b.x < left-slack || b.right > right+slack || b.y < bottom || b.top > top-10*point {
				t.Errorf("page %d: %q stands outside: %.1f to %.1f, at %.1f", n+1, s.text, b.x, b.right, b.y)
			}
			for j, o := range boxes[:i] {
				if b.x < o.right-slack && o.x < b.right-slack && b.y < o.top-slack && o.y < b.top-slack {
					t.Errorf("page %d: %q stands on %q", n+1, s.text, page[j].text)
				}
			}
		}
	}
}

// Whatever names, purposes, references and amounts there are.
func TestNothingOverflows(t *testing.T) {
	t.Parallel()
	alphabet := []rune("abcdefghijåäöÅÄÖéłŻćΩπЖщ        -/@.0123456789WWMM\n\u00a0\u0301\u200b🚌漢אễ{}()\\%")
	printers := []*pdf.Printer{printer(t, pdf.Options{Language: swedish}), printer(t, pdf.Options{Language: english})}
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 32))
			words := func(most int) string {
				var b strings.Builder
				for range random.IntN(most) + 1 {
					b.WriteRune(alphabet[random.IntN(len(alphabet))])
				}
				return b.String()
			}
			d := issued()
			if random.IntN(3) == 0 {
				d.Kind, d.Original = invoice.CreditNote, &invoice.Original{Series: words(40), Number: random.Int64N(1e9), IssuedAt: d.IssuedAt}
			}
			d.Seller.Name, d.Buyer.Name, d.Buyer.Street, d.Buyer.City = words(120), words(200), words(200), words(100)
			d.Seller.Contact.Email, d.Seller.RegisteredOffice, d.Series = words(120), words(60), words(20)
			d.Buyer.Country = "DK"
			d.Reference, d.PaymentReference, d.Rounding = words(200), words(60), 1
			var lines []invoice.Line
			for range random.IntN(8) + 1 {
				var entries []travel.Entry
				for range random.IntN(12) + 1 {
					entries = append(entries, ticket(credit.Amount(random.Int64N(1<<random.IntN(40))+1), func(e *travel.Entry) {
						e.Ticket.ProductName, e.Personal = words(200), travel.Personal{Name: words(120), EmployeeNumber: words(40), Purpose: words(500)}
					}))
				}
				lines = append(lines, bill(&d, "x"+words(200), entries...)...)
			}
			p := printers[seed%2]
			assertTidy(t, read(t, rendered(t, p.Invoice(), d, nil)))
			assertTidy(t, read(t, rendered(t, p.Specification(), d, lines)))
		})
	}
}

func TestLongThingsAreWholeAndWrapped(t *testing.T) {
	t.Parallel()
	d := issued()
	d.Reference = strings.Repeat("ÅW", 20)
	name := "Kommunalförbundet för kollektivtrafik, räddningstjänst och gymnasiesamverkan i Jönköpings, Kronobergs och Kalmar län"
	d.Buyer.Name, d.Seller.Name = name, name
	lines := bill(&d, "Skola", ticket(3700, func(e *travel.Entry) { e.Personal.EmployeeNumber = strings.Repeat("7", 40) }))
	for _, r := range []invoice.Renderer{printer(t, pdf.Options{}).Invoice(), printer(t, pdf.Options{}).Specification()} {
		f := read(t, rendered(t, r, d, lines))
		assertTidy(t, f)
		joined := strings.ReplaceAll(f.all(), "\n", "")
		assert.Contains(t, joined, d.Reference)
		assert.Contains(t, strings.ReplaceAll(joined, " ", ""), strings.ReplaceAll(name, " ", ""))
	}
	f := read(t, rendered(t, printer(t, pdf.Options{}).Specification(), d, lines))
	var sevens int
	for _, s := range f.pages[0] {
		if strings.Trim(s.text, "7") == "" {
			sevens += len(s.text)
		}
	}
	assert.Equal(t, 40, sevens)
}

// Figures end under each other.
func TestFiguresAreToTheRight(t *testing.T) {
	t.Parallel()
	d := issued()
	lines := bill(&d, "Skola", ticket(100), ticket(123_456_789), ticket(3700))
	f := read(t, rendered(t, printer(t, pdf.Options{}).Specification(), d, lines))
	l, err := readLetters()
	require.NoError(t, err)
	ends := map[string]float64{}
	for _, s := range f.pages[0] {
		ends[plain.Replace(s.text)] = s.x + l.width(t, s)
	}
	for _, amount := range []string{"1,00", "1 234 567,89", "37,00", "1 234 605,89", "Belopp"} {
		require.Contains(t, ends, amount)
		assert.InDelta(t, 282*72/25.4, ends[amount], 0.1, amount)
	}
}

// Sums stand on the page of the last of what they sum, and what is to be paid
// with how.
func TestSumsStandByWhatTheySum(t *testing.T) {
	t.Parallel()
	p := printer(t, pdf.Options{})
	pages := map[int]bool{}
	for n := 9; n <= 24; n++ { // around the first end of a page
		d := issued()
		lines := bill(&d, "Skola", month(n)...)
		f := read(t, rendered(t, p.Specification(), d, lines))
		pages[len(f.pages)] = true
		last := text(f.pages[len(f.pages)-1])
		for _, want := range []string{"Enkelbiljett", "Summa Skola", "Summa SEK"} {
			require.Contains(t, last, want, "%d lines", n)
		}
		d = issued()
		for range n {
			bill(&d, "Skola", ticket(3700))
		}
		f = read(t, rendered(t, p.Invoice(), d, nil))
		pages[10*len(f.pages)] = true
		for _, page := range f.pages {
			said := text(page)
			require.Equal(t, strings.Contains(said, "Summa SEK"), strings.Contains(said, "Summa SEK") && strings.Contains(said, "\nSkola"), "%d departments", n)
			require.Equal(t, strings.Contains(said, "Att betala SEK"), strings.Contains(said, "Bankgiro"), "%d departments", n)
		}
	}
	assert.Equal(t, map[int]bool{1: true, 2: true, 10: true, 20: true}, pages)
}
