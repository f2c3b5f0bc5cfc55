package pdf_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomono"

	"github.com/tjansteresor/tjansteresor/adapters/pdf"
	"github.com/tjansteresor/tjansteresor/travel"
)

var (
	embedded  = regexp.MustCompile(`/FontFile2 (\d+) 0 R`)
	glyphsMap = regexp.MustCompile(`/CIDToGIDMap (\d+) 0 R`)
	unicodes  = regexp.MustCompile(`/ToUnicode (\d+) 0 R`)
)

const alphabets = "Åsa Öström ähé Zażółć gęślą jaźń Şükrü Γιώργος Παπαδόπουλος Екатерина Щербакова Đorđe Őrsi Ţepeş Ŋuŧŧá €½–…"

func TestFontsAreEmbedded(t *testing.T) {
	t.Parallel()
	d := issued()
	lines := bill(&d, "Skola", ticket(3700, func(e *travel.Entry) { e.Personal.Purpose = alphabets }))
	f := read(t, rendered(t, printer(t, pdf.Options{}).Specification(), d, lines))
	fonts := embedded.FindAllSubmatch(f.data, -1)
	require.Len(t, fonts, 2, "regular and bold")
	for i, name := range []string{"Go Regular", "Go Bold"} {
		font := f.stream(string(fonts[i][1]))
		assert.Equal(t, []byte{0, 1, 0, 0}, font[:4], "TrueType")
		assert.Contains(t, strings.ReplaceAll(string(font), "\x00", ""), name)
	}
	assert.NotContains(t, string(f.data), "/Subtype /Type1")
	assert.Len(t, unicodes.FindAll(f.data, -1), 2, "texts can be copied and searched for")

	maps := glyphsMap.FindAllSubmatch(f.data, -1)
	require.Len(t, maps, 2)
	glyphs := f.stream(string(maps[0][1]))
	for _, r := range strings.ReplaceAll(alphabets, " ", "") {
		assert.False(t, glyphs[2*r] == 0 && glyphs[2*r+1] == 0, "%c has no glyph", r)
	}
	assert.Contains(t, strings.ReplaceAll(f.all(), "\n", " "), alphabets)
}

// What people type, and what stands on paper.
func TestText(t *testing.T) {
	t.Parallel()
	p := printer(t, pdf.Options{})
	for typed, want := range map[string]string{
		"  två\tord \r\n":    "två ord",
		"a\u030ake":          "åke", // as a Mac types it
		"Nguyễn Văn Đạt":     "Nguyen Văn Đat",
		"\u202edlog\u202c":   "dlog",
		"mjuk\u00adstavning": "mjukstavning",
		"buss 🚌 och tåg":     "buss \ufffd och tåg",
		"漢字":                 "漢字",
		"trasig \xff":        "trasig \ufffd",
		"kl.\u202f7":         "kl. 7",
		"(a) \\ (b":          "(a) \\ (b",
		"\u200b":             "–",
		"\u010d\u0d0a\u5c28": "č\u0d0a\u5c28", // bytes that are line ends and escapes
	} {
		d := issued()
		lines := bill(&d, "Skola", ticket(3700, func(e *travel.Entry) { e.Personal.Purpose = typed }))
		f := read(t, rendered(t, p.Specification(), d, lines))
		assert.True(t, contains(f, want), "%q is %q", typed, f.all())
	}
}

func TestFontsOfTheHost(t *testing.T) {
	t.Parallel()
	d := issued()
	lines := bill(&d, "Skola", month(3)...)
	plain := rendered(t, printer(t, pdf.Options{}).Specification(), d, lines)
	own := rendered(t, printer(t, pdf.Options{Fonts: pdf.Fonts{Regular: gomono.TTF, Bold: gomedium.TTF}}).Specification(), d, lines)
	assert.NotEqual(t, plain, own)
	assert.Contains(t, read(t, own).all(), "Anna Ek")

	otto := append([]byte("OTTO"), gomono.TTF[4:]...)
	for field, fonts := range map[string]pdf.Fonts{
		"Options.Fonts.Regular": {Regular: []byte("no font"), Bold: gomedium.TTF},
		"Options.Fonts.Bold":    {Regular: gomono.TTF},
	} {
		_, err := pdf.New(stockholm(t), pdf.Options{Fonts: fonts})
		assertRefused(t, err, field)
	}
	_, err := pdf.New(stockholm(t), pdf.Options{Fonts: pdf.Fonts{Regular: gomono.TTF, Bold: otto}})
	assertRefused(t, err, "Options.Fonts.Bold")
	_, err = pdf.New(nil, pdf.Options{})
	assertRefused(t, err, "zone")
}

func assertRefused(t *testing.T, err error, field string) {
	t.Helper()
	var input *travel.InputError
	require.ErrorAs(t, err, &input)
	assert.Equal(t, field, input.Field)
	assert.ErrorIs(t, err, travel.ErrInvalid)
}

// Another reader than ours finds the same words.
func TestPdftotext(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("no pdftotext here: Debian has it in poppler-utils")
	}
	d := issued()
	lines := bill(&d, "Skola", month(200)...)
	lines = append(lines, bill(&d, "", ticket(3700, func(e *travel.Entry) { e.Personal.Name = "Ωμέγα Ёлка" }))...)
	path := filepath.Join(t.TempDir(), "specification.pdf")
	require.NoError(t, os.WriteFile(path, rendered(t, printer(t, pdf.Options{}).Specification(), d, lines), 0o600))
	out, err := exec.CommandContext(t.Context(), tool, "-layout", path, "-").CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.NotContains(t, string(out), "Error", "of the syntax")
	for _, want := range []string{"SPECIFIKATION", "Γιώργος Παπαδόπουλος", "Екатерина Щербакова", "Zażółć Gęślą-Jaźń", "Ωμέγα Ёлка", "Utan avdelning"} {
		assert.Contains(t, string(out), want)
	}
	for i := range lines[:200] {
		assert.Contains(t, string(out), lines[i].Entry.Personal.EmployeeNumber)
	}
}
