package portal_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/portal"
	"github.com/tjansteresor/tjansteresor/travel"
)

const list = "Förnamn;Efternamn;Mobilnummer;Avdelning;Kreditgräns;Skostorlek\n" +
	"Eva;Ek;070-174 06 11;Skola;500;38\n" +
	"Bo;Berg;070-174 06 12;Skola;;43\n" +
	"Åsa;Ås;036-10 00 00;Skola;500;37\n" +
	"Nils;Ny;070-174 06 13;Park;15 001;41\n"

// fingerprintOf is the plan that a preview shows.
func fingerprintOf(t *testing.T, a answer) string {
	t.Helper()
	for _, e := range parse(t, a.html).all("input") {
		if e.attr["name"] == "fingerprint" {
			return e.attr["value"]
		}
	}
	require.Fail(t, "no fingerprint", a.html)
	return ""
}

func at(a answer) string { return strings.TrimPrefix(a.Header().Get("Location"), "/portal") }

func TestR06ImportIsCheckedFirst(t *testing.T) {
	t.Parallel()
	k := setup(t)
	b := k.as("whole")
	uploaded := b.upload(list, "sms", "sv")
	page := b.follow(uploaded)
	own := at(uploaded)
	accessible(t, page.html)
	text := parse(t, page.html).all("main")[0].words()
	for _, part := range []string{"Skapas 2", "ansluts och får SMS: 1", "0,35 kr", "Fel i listan: 2", "Skostorlek", "inte ett mobilnummer"} {
		assert.Contains(t, text, part)
	}
	assert.Contains(t, b.get("/travelers").html, "Det finns inga resenärer än")
	file := b.get(own + "/errors.csv")
	assert.Contains(t, file.html, "Åsa;Ås;")
	assert.NotContains(t, file.html, "Eva")

	t.Log("with errors it is applied whole or, when asked for, the good rows only")
	seen := fingerprintOf(t, page)
	page = b.follow(b.post(own+"/apply", "fingerprint", seen))
	assert.Contains(t, page.html, "Listan har fel")
	assert.Empty(t, k.deliver())
	page = b.follow(b.post(own+"/apply", "fingerprint", seen, "good", "yes"))
	assert.Contains(t, page.html, "Importen är klar")
	accessible(t, page.html)
	assert.Len(t, k.deliver(), 1)
	b.follow(b.post(own+"/apply", "fingerprint", seen, "good", "yes"))
	assert.Len(t, k.deliver(), 1, "once, however often it is asked for")
	assert.Contains(t, b.get("/travelers").html, "Eva Ek")

	t.Log("the same list again changes nothing")
	again := b.follow(b.upload(list))
	assert.Contains(t, parse(t, again.html).all("main")[0].words(), "Oförändrade 2")
	assert.NotContains(t, k.log.String(), "Ek")
}

func TestImportsBelongToWhoUploadedThem(t *testing.T) {
	t.Parallel()
	k := setup(t)
	own := at(k.as("whole").upload(list))
	for _, user := range []string{"part", "foreign"} {
		b := k.as(user)
		assert.Equal(t, "/imports", at(b.get(own)))
		assert.Equal(t, http.StatusNotFound, b.get(own+"/errors.csv").Code)
		assert.Equal(t, "/imports", at(b.post(own+"/apply", "fingerprint", "x")))
	}
	assert.Empty(t, k.deliver())
}

func TestImportThatHasGoneStale(t *testing.T) {
	t.Parallel()
	k := setup(t)
	b := k.as("whole")
	uploaded := b.upload("Förnamn;Efternamn;Mobilnummer\nEva;Ek;070-174 06 11\n")
	page := b.follow(uploaded)
	k.add("whole", "Eva", "Eriksson", "070-174 06 11", k.school)
	page = b.follow(b.post(at(uploaded)+"/apply", "fingerprint", fingerprintOf(t, page)))
	assert.Contains(t, page.html, "Något har ändrats sedan du granskade listan")
	assert.Contains(t, parse(t, page.html).all("main")[0].words(), "Ändras 1")
	page = b.follow(b.post(at(uploaded)+"/apply", "fingerprint", fingerprintOf(t, page)))
	assert.Contains(t, page.html, "Importen är klar")
}

func TestUploadsThatAreRefused(t *testing.T) {
	t.Parallel()
	k := setup(t, func(o *portal.Options) { o.MaxUpload = 1000 })
	b := k.as("whole")
	for content, want := range map[string]string{"": "", "a;b\n1;2\n": "Förnamn", "Förnamn;Förnamn;Efternamn;Mobilnummer\n": "samma"} {
		a := b.upload(content)
		assert.Equal(t, http.StatusUnprocessableEntity, a.Code)
		assert.Contains(t, a.html, want)
		accessible(t, a.html)
	}
	assert.Equal(t, http.StatusRequestEntityTooLarge, b.upload(strings.Repeat("x", 2000)).Code)
	assert.Equal(t, http.StatusRequestEntityTooLarge, b.upload(strings.Repeat("x", 200_000)).Code)
	assert.Equal(t, http.StatusRequestEntityTooLarge, b.post("/travelers/new", "first", strings.Repeat("x", 100_000)).Code)
	assert.Equal(t, http.StatusBadRequest, b.post("/imports", "file", "x").Code, "no multipart form")
	assert.Empty(t, k.log.String())
}

func TestImportsAreBounded(t *testing.T) {
	t.Parallel()
	k := setup(t, func(o *portal.Options) { o.MaxImports = 1 })
	whole, part := k.as("whole"), k.as("part")
	first := whole.upload(list)
	assert.Contains(t, part.follow(part.upload(list)).html, "Många importerar just nu")
	second := whole.upload(list)
	assert.Equal(t, http.StatusOK, whole.get(at(second)).Code, "a newer one takes the place of one's own")
	assert.Contains(t, whole.follow(whole.get(at(first))).html, "finns inte kvar")
	k.clock.Add(31 * 60e9)
	assert.Contains(t, whole.follow(whole.get(at(second))).html, "finns inte kvar")
	assert.Equal(t, http.StatusOK, part.follow(part.upload(list)).Code)
}

// Run applies what is asked for while the page tells how far it is; what Run
// has not begun when it ends is not done.
func TestImportInTheHostsGoroutine(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var rows strings.Builder
	rows.WriteString("Förnamn;Efternamn;Mobilnummer;Avdelning;Kreditgräns\n")
	for i := range 50 {
		fmt.Fprintf(&rows, "Eva;Nr %d;070-174 06 %02d;Skola;500\n", i, i)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- k.portal.Run(ctx) }()
	b := k.as("whole")
	uploaded := b.upload(rows.String())
	page := b.follow(uploaded)
	page = b.follow(b.post(at(uploaded)+"/apply", "fingerprint", fingerprintOf(t, page), "watch", "yes"))
	for !strings.Contains(page.html, "Importen är klar") {
		require.Equal(t, "5", page.Header().Get("Refresh"), "while it is under way")
		accessible(t, page.html)
		assert.Empty(t, b.get(at(uploaded)).Header().Get("Refresh"), "only for who wants it")
		page = b.get(at(uploaded) + "?watch=yes")
	}
	assert.Empty(t, page.Header().Get("Refresh"))
	assert.Contains(t, parse(t, page.html).all("main")[0].words(), "Skapade 50")
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)

	t.Log("and without it in the request")
	again := b.upload(rows.String() + "Ny;Person;070-174 07 77;Skola;500\n")
	page = b.follow(again)
	assert.Contains(t, b.follow(b.post(at(again)+"/apply", "fingerprint", fingerprintOf(t, page))).html, "Importen är klar")
	list, err := k.travel.Travelers(t.Context(), k.users["whole"].Actor, k.company, travel.TravelerID{}, 100)
	require.NoError(t, err)
	assert.Len(t, list, 51)
}

func TestImportThatIsInterrupted(t *testing.T) {
	t.Parallel()
	k := setup(t)
	b := k.as("whole")
	uploaded := b.upload("Förnamn;Efternamn;Mobilnummer;Avdelning;Kreditgräns\nEva;Ek;070-174 06 11;Skola;500\n")
	page := b.follow(uploaded)
	// A request that is gone takes its import with it.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	fingerprint := fingerprintOf(t, page)
	r := formRequest("/portal"+at(uploaded)+"/apply", "fingerprint="+fingerprint).WithContext(ctx)
	b.send(r)
	assert.Empty(t, k.deliver())
	page = b.get(at(uploaded))
	assert.Contains(t, b.follow(b.post(at(uploaded)+"/apply", "fingerprint", fingerprintOf(t, page))).html, "Importen är klar")
	assert.Len(t, k.deliver(), 1)
}
