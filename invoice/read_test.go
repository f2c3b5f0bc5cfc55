package invoice_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestR33_NothingIsThereBeforeTheClose(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(3700)
	documents, err := k.Documents(k.ctx, k.admin, invoice.ListRequest{Company: k.company, Month: january})
	require.NoError(t, err)
	assert.Empty(t, documents)
	k.closed(january)
	documents, err = k.Documents(k.ctx, k.admin, invoice.ListRequest{Company: k.company, Month: january})
	require.NoError(t, err)
	assert.Len(t, documents, 1)
}

func TestR40_AnAdministratorSeesTheOwnOnly(t *testing.T) {
	t.Parallel()
	k := setup(t)
	school, library, care := k.department("Skola", "100"), k.department("Bibliotek", "100"), k.department("Omsorg", "300")
	for _, d := range []travel.Department{school, library, care} {
		k.buy(3700, in(d))
		k.buy(1100, in(d))
	}
	k.buy(5000)
	all := k.closed(january)
	require.Len(t, all, 3)
	list := func(a travel.Actor) ([]invoice.Document, error) {
		return k.Documents(k.ctx, a, invoice.ListRequest{Company: k.company, Month: january})
	}
	render := func(a travel.Actor, d invoice.Document, r invoice.Renderer) (string, error) {
		var b bytes.Buffer
		err := k.Render(k.ctx, &b, a, invoice.RenderRequest{Company: k.company, Document: d.ID, Renderer: r})
		return b.String(), err
	}

	t.Run("the whole company", func(t *testing.T) {
		seen, err := list(k.admin)
		require.NoError(t, err)
		assert.Equal(t, all, seen)
		text, err := render(k.admin, all[0], k.Text(swedish))
		require.NoError(t, err)
		assert.Equal(t, string(all[0].Content), text)
	})
	t.Run("another company", func(t *testing.T) {
		_, stranger := k.newCompany("Mullsjö kommun", "1", billing)
		_, err := list(stranger)
		require.ErrorIs(t, err, travel.ErrNotFound)
		_, err = render(stranger, all[0], k.CSV(swedish))
		require.ErrorIs(t, err, travel.ErrNotFound)
		_, err = k.Document(k.ctx, stranger, k.company, all[0].ID)
		require.ErrorIs(t, err, travel.ErrNotFound)
	})
	t.Run("own departments", func(t *testing.T) {
		a, err := k.travel.AddAdministrator(k.ctx, k.admin, k.company, "Bo Ek", "", school.ID)
		require.NoError(t, err)
		head := travel.AdministratorActor(k.company, a.ID)
		seen, err := list(head)
		require.NoError(t, err)
		require.Len(t, seen, 1)
		assert.Equal(t, all[0].ID, seen[0].ID)
		require.Len(t, seen[0].Departments, 1)
		assert.Equal(t, "Skola", seen[0].Departments[0].Name)
		assert.Equal(t, credit.Amount(4800), seen[0].Gross)
		assert.Equal(t, 2, seen[0].Lines)
		assert.Empty(t, seen[0].Content, "sums of others stand on it")
		assert.Empty(t, seen[0].Rates)

		text, err := render(head, all[0], k.Specification(swedish))
		require.NoError(t, err)
		assert.Contains(t, text, "Skola")
		assert.NotContains(t, text, "Bibliotek")
		assert.Contains(t, text, "48,00")
		assert.NotContains(t, text, "96,00", "the sum of all")
		text, err = render(head, all[0], k.CSV(swedish))
		require.NoError(t, err)
		assert.Equal(t, 3, strings.Count(text, "\r\n"))
		for _, d := range all[1:] {
			_, err = render(head, d, k.Text(swedish))
			require.ErrorIs(t, err, travel.ErrNotFound)
			_, err = k.Document(k.ctx, head, k.company, d.ID)
			require.ErrorIs(t, err, travel.ErrNotFound)
		}

		require.NoError(t, k.travel.RemoveAdministrator(k.ctx, k.admin, k.company, a.ID))
		_, err = list(head)
		require.ErrorIs(t, err, travel.ErrForbidden, "removed")
	})
	t.Run("both departments of a document", func(t *testing.T) {
		a, err := k.travel.AddAdministrator(k.ctx, k.admin, k.company, "Bi Ek", "", school.ID, library.ID)
		require.NoError(t, err)
		d, err := k.Document(k.ctx, travel.AdministratorActor(k.company, a.ID), k.company, all[0].ID)
		require.NoError(t, err)
		assert.Equal(t, all[0], d)
	})
	t.Run("pages", func(t *testing.T) {
		var after invoice.DocumentID
		for i := range all {
			some, err := k.Documents(k.ctx, k.admin, invoice.ListRequest{Company: k.company, Month: january, After: after, Limit: 1})
			require.NoError(t, err)
			require.Len(t, some, 1)
			assert.Equal(t, all[i].ID, some[0].ID)
			after = some[0].ID
		}
		_, err := k.Documents(k.ctx, k.admin, invoice.ListRequest{Company: k.company, Month: january, Limit: 201})
		require.ErrorIs(t, err, travel.ErrInvalid)
	})
}

func TestR32_TheSpecificationHasOneLinePerTicket(t *testing.T) {
	t.Parallel()
	k := setup(t)
	d := k.department("Skola", "100")
	a := k.buy(3700, in(d), func(e *travel.Entry) { e.Personal.Purpose = "Utbildning i stadshuset" })
	k.buy(12000, in(k.department("Bibliotek", "100")), rate(2500), func(e *travel.Entry) {
		e.Ticket = travel.Ticket{Product: "bike", ProductName: "Hyrcykel", Category: "vuxen", From: "Habo", To: "Mullsjö", ID: "T-7", VATRate: 2500, VATCategory: "S"}
		e.Personal.Purpose = "=2+3; \"möte\""
	})
	k.save(k.given(a, 0, 1000, january))
	documents := k.closed(january)
	require.Len(t, documents, 1)

	t.Run("as text", func(t *testing.T) {
		text := k.text(documents[0], k.Specification(swedish))
		assert.Equal(t, strings.TrimLeft(`
SPECIFIKATION 2026-01, Habo kommun
FAKTURA JLT-1, er referens 100

Bibliotek
 Köpt             Resenär                  Anst.nr   Biljett                                             Moms     Belopp
 2026-01-13 12:00 Anna Ek                  1001      Hyrcykel, vuxen, Habo–Mullsjö                      24,00     120,00
   Syfte: =2+3; "möte"
 Summa Bibliotek                                     1 rad                                              24,00     120,00

Skola
 Köpt             Resenär                  Anst.nr   Biljett                                             Moms     Belopp
 2026-01-13 12:00 Anna Ek                  1001      Enkelbiljett, vuxen, zon Habo                       2,09      37,00
   Syfte: Utbildning i stadshuset
 2026-01-13 12:00 Anna Ek                  1001      Återbetalning: Enkelbiljett, vuxen, zon Habo       -0,56     -10,00
   Syfte: Utbildning i stadshuset
 Summa Skola                                         2 rader                                             1,53      27,00

Summa SEK                                            3 rader                                            25,53     147,00
`, "\n"), text)
	})
	t.Run("as CSV for Swedish Excel", func(t *testing.T) {
		text := k.text(documents[0], k.CSV(swedish))
		text, bom := strings.CutPrefix(text, "\ufeff")
		assert.True(t, bom)
		assert.Equal(t, strings.Count(text, "\n"), strings.Count(text, "\r\n"))
		r := csv.NewReader(strings.NewReader(text))
		r.Comma = ';'
		rows, err := r.ReadAll()
		require.NoError(t, err)
		assert.Equal(t, []string{
			"Dokument", "Månad", "Referens", "Avdelning", "Resenär", "Anställningsnummer", "Köpt", "Typ", "Biljett", "Resenärskategori",
			"Zoner", "Från", "Till", "Biljett-id", "Momssats %", "Netto", "Moms", "Belopp", "Syfte", "Kostnadsställe",
		}, rows[0])
		assert.Equal(t, []string{
			"JLT-1", "2026-01", "100", "Bibliotek", "Anna Ek", "1001", "2026-01-13 12:00:00", "Köp", "Hyrcykel", "vuxen",
			"", "Habo", "Mullsjö", "T-7", "25", "96,00", "24,00", "120,00", "'=2+3; \"möte\"", "",
		}, rows[1])
		assert.Equal(t, []string{"Återbetalning", "6", "-9,44", "-0,56", "-10,00"}, []string{rows[3][7], rows[3][14], rows[3][15], rows[3][16], rows[3][17]})
	})
	t.Run("in English", func(t *testing.T) {
		assert.Contains(t, k.text(documents[0], k.Specification(language.English)), "Purpose: Utbildning i stadshuset")
		assert.Contains(t, k.text(documents[0], k.CSV(language.English)), "Employee number")
	})
}

func TestR44_AnErasureLeavesTheInvoice(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(3700)
	documents := k.closed(january)
	before := k.text(documents[0], k.Text(swedish))
	assert.NotContains(t, before, "Anna")
	require.Contains(t, k.text(documents[0], k.Specification(swedish)), "Anna Ek")
	require.NoError(t, k.travel.Erase(k.ctx, k.operator, k.company, k.traveler))
	assert.Equal(t, documents, k.issued(january))
	assert.Equal(t, before, k.text(documents[0], k.Text(swedish)))
	for _, text := range []string{k.text(documents[0], k.Specification(swedish)), k.text(documents[0], k.CSV(swedish))} {
		for _, personal := range []string{"Anna", "1001", "stadshuset"} {
			assert.NotContains(t, text, personal)
		}
		assert.Contains(t, text, "–")
		assert.Contains(t, text, "37,00")
	}
}

func TestInvoiceText(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(3700, in(k.department("Skola", "100")))
	k.buy(12050, in(k.department("Öppna förskolan", "100")), rate(0))
	d := k.closed(january)[0]
	text := string(d.Content)
	assert.Equal(t, text, k.text(d, k.Text(swedish)))
	head, hash, _ := strings.Cut(text, "(SHA-256)\n")
	assert.Equal(t, strings.TrimLeft(`
FAKTURA JLT-1
Datum            2026-02-04
Förfaller        2026-03-06
Månad            2026-01
Er referens      100

Säljare                                Köpare
Länstrafiken AB                        Habo kommun
Resvägen 1                             Box 212
551 11 Jönköping                       566 24 Habo
Org.nr 556000-0167                     Org.nr 212000-1629
Momsreg.nr SE556000016701

Avdelning                         Rader         Netto         Moms         Summa
Skola                                 1         34,91         2,09         37,00
Öppna förskolan                       1        120,50         0,00        120,50

Moms 0 % (Z)                                   120,50         0,00        120,50
Moms 6 %                                        34,91         2,09         37,00
Summa SEK                             2        155,41         2,09        157,50

Specifikationens kontrollsumma `, "\n"), head)
	assert.Len(t, strings.TrimSpace(hash), 64)
	assert.Contains(t, k.text(d, k.Text(language.English)), "INVOICE JLT-1\nDate             2026-02-04")
}

// A department that was renamed in the month: every line says its name at the
// purchase, the heading the newest.
func TestR37_ADepartmentThatWasRenamed(t *testing.T) {
	t.Parallel()
	k := setup(t)
	d := k.department("Skola", "100")
	k.buy(3700, in(d))
	d.Name = "Utbildning"
	k.buy(4100, in(d))
	text := k.text(k.closed(january)[0], k.Specification(swedish))
	assert.Contains(t, text, "\nUtbildning\n")
	assert.Equal(t, 1, strings.Count(text, "(avdelning vid köpet: Skola)"))
}

func TestFormats(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for _, r := range []struct {
		renderer invoice.Renderer
		want     invoice.Format
	}{
		{k.Text(swedish), invoice.Format{Name: "text", MediaType: "text/plain; charset=utf-8", Extension: "txt"}},
		{k.Specification(swedish), invoice.Format{Name: "specification", MediaType: "text/plain; charset=utf-8", Extension: "txt"}},
		{k.CSV(swedish), invoice.Format{Name: "csv", MediaType: "text/csv; charset=utf-8", Extension: "csv"}},
	} {
		assert.Equal(t, r.want, r.renderer.Format())
	}
	err := k.Render(k.ctx, &bytes.Buffer{}, k.operator, invoice.RenderRequest{Company: k.company})
	require.ErrorIs(t, err, travel.ErrInvalid)
}

// What is the same in every language and format stays the same, call by call.
func TestRenderingIsStable(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for i := range 50 {
		k.buy(credit.Amount(1000 + 37*i))
	}
	d := k.closed(january)[0]
	lines := k.Lines(k.ctx, d)
	for range 2 { // also when the same sequence is ranged over again
		n := 0
		for l, err := range lines {
			require.NoError(t, err)
			assert.Equal(t, k.linesOf(d)[n], l)
			n++
		}
		assert.Equal(t, 50, n)
	}
	for range lines {
		break // a reader may stop early
	}
	assert.Equal(t, k.text(d, k.CSV(language.English)), k.text(d, k.CSV(language.English)))
}
