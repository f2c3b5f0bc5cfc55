package portal_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/adapters/portal"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestR03Departments(t *testing.T) {
	t.Parallel()
	k := setup(t)
	b := k.as("whole")
	page := b.follow(b.post("/departments/new", "name", "Park & natur", "reference", "4713", "center", "77"))
	assert.Contains(t, page.html, "Park &amp; natur")
	own := path("departments", k.care.String())
	b.follow(b.post(own+"/policy", "products", "day", "days0", "1", "days0", "2", "from0", "08:00", "to0", "17:00"))
	page = b.follow(b.post(own+"/edit", "name", "Vård", "reference", "4799", "center", "5"))
	assert.Contains(t, page.html, "4799")
	assert.Contains(t, page.html, "bara 24-timmarsbiljett; bara måndag och tisdag kl. 08:00–17:00", "a new name leaves the policy")
	form := parse(t, b.get(own+"/policy").html)
	checked := 0
	for _, e := range form.all("input") {
		if _, ok := e.attr["checked"]; ok {
			checked++
		}
	}
	assert.Equal(t, 3, checked)
	b.follow(b.post(own+"/policy", "from0", "", "to0", ""))
	assert.NotContains(t, b.get("/departments").html, "24-timmarsbiljett")
	traveler := k.add("whole", "Anna", "Andersson", "070-174 06 05", k.care)
	refused := b.post(own + "/archive")
	assert.Equal(t, http.StatusUnprocessableEntity, refused.Code)
	assert.Contains(t, refused.html, "Avdelningen har resenärer")
	b.follow(b.post("/travelers/"+traveler.String()+"/edit", "first", "Anna", "last", "Ek", "department", travel.DepartmentID{}.String()))
	assert.NotContains(t, b.follow(b.post(own+"/archive")).html, "Vård</th>")
	assert.Equal(t, "Ek", k.view(traveler).LastName)
}

func TestR02Administrators(t *testing.T) {
	t.Parallel()
	k := setup(t)
	b := k.as("whole")
	page := b.follow(b.post("/administrators/new", "name", "Ny Person", "email", "ny@example.se", "departments", k.school.String(), "departments", k.care.String()))
	assert.Contains(t, parse(t, page.html).all("main")[0].words(), "Ny Person ny@example.se Skola och Omsorg")
	list, err := k.travel.Administrators(t.Context(), k.users["whole"].Actor, k.company)
	require.NoError(t, err)
	require.Len(t, list, 3)
	for _, a := range list {
		answer := b.post("/administrators/" + a.ID.String() + "/remove")
		if len(a.Departments) == 0 {
			assert.Equal(t, http.StatusUnprocessableEntity, answer.Code)
			assert.Contains(t, answer.html, "Den sista administratören")
		} else {
			b.follow(answer)
		}
	}
	assert.Equal(t, http.StatusForbidden, k.as("part").get("/travelers").Code, "whose reach has ended")
}

func TestCompanyDetails(t *testing.T) {
	t.Parallel()
	k := setup(t)
	b := k.as("whole")
	assert.Contains(t, b.get("/company").html, travel.PersonalLinesNotice(language.Swedish))
	page := b.follow(b.post("/company", "name", "Habo", "street", "Väg 1", "postal", "566 24", "city", "Habo", "country", "SE", "vat", "SE212000082901",
		"peppol", "0007:2120000829", "reference", "R-1", "maximum", "2 000,00", "personal", "yes"))
	assert.Contains(t, page.html, "sparade")
	c, err := k.travel.Company(t.Context(), k.users["whole"].Actor, k.company)
	require.NoError(t, err)
	assert.Equal(t, "SE212000082901", c.Billing.VATNumber)
	assert.True(t, c.Billing.PersonalLines)
	assert.Equal(t, "2000.00", c.Maximum.String())
	b.follow(b.post("/company/policy", "products", "single", "regions", "Jönköping\nKalmar", "from0", "", "to0", ""))
	after, err := k.travel.Company(t.Context(), k.users["whole"].Actor, k.company)
	require.NoError(t, err)
	assert.Equal(t, &travel.Policy{Products: []string{"single"}, Regions: []string{"Jönköping", "Kalmar"}}, after.Policy)
	assert.Equal(t, c.Billing, after.Billing, "the policy leaves the rest")
	assert.Equal(t, c.Maximum, after.Maximum)
	b.follow(b.post("/company", "country", "SE"))
	last, err := k.travel.Company(t.Context(), k.users["whole"].Actor, k.company)
	require.NoError(t, err)
	assert.Equal(t, after.Policy, last.Policy, "and the other way round")
	assert.Zero(t, last.Maximum)
}

func TestR34Reports(t *testing.T) {
	t.Parallel()
	k := setup(t)
	assert.Contains(t, k.as("whole").get("/reports").html, "Ingen månad är stängd")
	anna, _ := k.bought()
	k.connect(anna, "500")
	holder := k.activate(anna)
	require.Nil(t, k.buy(holder, "77"))

	page := k.as("whole").get("/reports")
	text := parse(t, page.html).all("main")[0].words()
	assert.Contains(t, text, "januari 2026 2 361,00 kr")
	assert.Contains(t, text, "Skola 250,00 kr")
	assert.NotContains(t, text, "77,00", "R33")
	assert.NotContains(t, text, "februari 2026", "R33")
	part := parse(t, k.as("part").get("/reports").html).all("main")[0].words()
	assert.Contains(t, part, "januari 2026 1 250,00 kr", "R40")
	assert.NotContains(t, part, "Omsorg")
	assert.NotContains(t, part, "361")
	assert.Equal(t, http.StatusNotFound, k.as("whole").get("/reports/2026-02").Code)

	documents, err := k.bills.Documents(t.Context(), k.users["whole"].Actor, invoice.ListRequest{Company: k.company, Month: january})
	require.NoError(t, err)
	for _, d := range documents {
		mine := d.Departments[0].ID == k.school
		for _, format := range []string{"text", "specification", "csv"} {
			file := path("reports", "documents", d.ID.String(), format)
			a := k.as("whole").get(file)
			require.Equal(t, http.StatusOK, a.Code, format)
			headers(t, a)
			assert.Contains(t, a.Header().Get("Content-Disposition"), "attachment; filename="+d.Label()+"-"+format+".")
			if format == "csv" {
				assert.Contains(t, a.html, "Utbildning i stadshuset", "R32")
			}
			assert.Equal(t, map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[mine], k.as("part").get(file).Code)
			assert.Equal(t, http.StatusNotFound, k.as("foreign").get(file).Code)
		}
		assert.Equal(t, http.StatusNotFound, k.as("whole").get(path("reports", "documents", d.ID.String(), "exe")).Code)
	}
	month := k.as("whole").get("/reports/2026-01").html
	assert.Contains(t, month, "4711")
	assert.Equal(t, 2, strings.Count(month, "Väntar på leverans"))
	_, err = k.bills.DeliverDue(t.Context())
	require.NoError(t, err)
	month = k.as("whole").get("/reports/2026-01").html
	assert.Contains(t, month, "Levererad")
	assert.Contains(t, month, "Avvisad av mottagaren</span> unknown reference")
	accessible(t, month)
}

func TestEventsAreInWords(t *testing.T) {
	t.Parallel()
	k := setup(t, func(o *portal.Options) { o.PageSize = 5 })
	anna, oskar := k.bought()
	u := k.users["whole"]
	require.NoError(t, k.travel.SetLimit(t.Context(), u.Actor, k.company, anna, kr("700")))
	require.NoError(t, k.travel.RaiseLimit(t.Context(), u.Actor, k.company, anna, kr("900"), time.Time{}))
	require.NoError(t, k.travel.SetFrozen(t.Context(), u.Actor, k.company, anna, true))
	require.NoError(t, k.travel.Erase(t.Context(), u.Actor, k.company, oskar))
	require.NoError(t, k.travel.RemoveAdministrator(t.Context(), u.Actor, k.company, k.departmentAdmin))
	raw := regexp.MustCompile(`\b[a-z]+\.[a-z_]+\b`)
	for _, english := range []bool{false, true} {
		b := k.as("whole")
		b.english = english
		text := ""
		for _, page := range []string{"", "?page=2", "?page=3", "?page=4"} {
			a := b.get("/audit" + page)
			for _, row := range parse(t, a.html).all("tbody")[0].all("tr") {
				text += row.words() + "\n"
			}
			assert.NotContains(t, a.html, "Oskar", "R44")
		}
		assert.NotRegexp(t, raw, text)
		if !english {
			for _, part := range []string{"Ada Min Ändrade kredit Anna Andersson kreditgräns 700.00", "tillfällig kreditgräns 900.00 till", "spärrad", "Raderade personuppgifter Raderad resenär", "Länstrafiken Godkände företaget", "Tidigare administratör"} {
				assert.Contains(t, text, part)
			}
			continue
		}
		assert.Contains(t, text, "Ada Min Changed credit Anna Andersson limit 700.00")
	}
	a := k.as("whole").get("/audit")
	assert.Contains(t, a.html, "Sida 1 av")
}

func TestLanguageIsChosenByALink(t *testing.T) {
	t.Parallel()
	k := setup(t)
	b := k.as("whole")
	assert.Contains(t, b.get("/travelers").html, `<html lang="sv">`)
	a := b.get("/travelers?sort=limit&language=en")
	assert.Equal(t, "/portal/travelers?sort=limit", a.Header().Get("Location"))
	cookie := b.cookies["portal_language"]
	assert.True(t, cookie.HttpOnly && cookie.Secure && cookie.SameSite == http.SameSiteLaxMode)
	assert.Contains(t, b.follow(a).html, `<html lang="en">`)
	assert.NotContains(t, k.as("whole").get("//evil.example/x?language=en").Header().Get("Location"), "//evil")

	k.users["whole"] = portal.User{Actor: k.users["whole"].Actor, Company: k.company, Name: "Ada", Language: language.English}
	assert.Contains(t, k.as("whole").get("/travelers").html, `<html lang="en">`)
}

func TestBrand(t *testing.T) {
	t.Parallel()
	k := setup(t, func(o *portal.Options) {
		o.Brand.Logo = []byte(`<svg xmlns="http://www.w3.org/2000/svg"></svg>`)
		o.Brand.Accent = "#6a1b9a"
	})
	b := k.as("whole")
	html := b.get("/travelers").html
	assert.Contains(t, html, `alt="Länstrafiken"`)
	logo := k.as("").get("/static/logo")
	assert.Equal(t, "image/svg+xml", logo.Header().Get("Content-Type"))
	headers := logo.Header()
	assert.Contains(t, headers.Get("Content-Security-Policy"), "default-src 'none'", "an SVG runs nothing")
	assert.Contains(t, k.as("").get("/static/style.css").html, "--accent:#6a1b9a")
	assert.Equal(t, http.StatusNotFound, k.as("").get("/static/nothing").Code)
}

func TestOptionsThatAreRefused(t *testing.T) {
	t.Parallel()
	k := setup(t)
	good := portal.Options{
		Travel: k.travel, Invoices: k.bills, Brand: portal.Brand{Operator: "O"},
		SignIn: func(*http.Request) (portal.User, error) { return portal.User{}, portal.ErrSignedOut },
	}
	_, err := portal.New(good)
	require.NoError(t, err)
	for field, change := range map[string]func(*portal.Options){
		"Travel":         func(o *portal.Options) { o.Travel = nil },
		"Invoices":       func(o *portal.Options) { o.Invoices = nil },
		"SignIn":         func(o *portal.Options) { o.SignIn = nil },
		"Brand.Operator": func(o *portal.Options) { o.Brand.Operator = " " },
		"Brand.Accent":   func(o *portal.Options) { o.Brand.Accent = "#ffcc00" },
		"Brand.Logo":     func(o *portal.Options) { o.Brand.Logo = []byte("x") },
		"Prefix":         func(o *portal.Options) { o.Prefix = "portal/" },
		"PageSize":       func(o *portal.Options) { o.PageSize = -1 },
		"MaxUpload":      func(o *portal.Options) { o.MaxUpload = -1 },
		"MaxImports":     func(o *portal.Options) { o.MaxImports = -1 },
		"ImportAge":      func(o *portal.Options) { o.ImportAge = -1 },
		"Formats": func(o *portal.Options) {
			o.Formats = []portal.Format{{"A", "A", k.bills.CSV}, {"B", "B", k.bills.CSV}}
		},
	} {
		o := good
		change(&o)
		_, err := portal.New(o)
		var input *travel.InputError
		require.ErrorAs(t, err, &input, field)
		assert.Equal(t, field, input.Field)
	}
}

var (
	colors   = regexp.MustCompile(`--(ink|soft|bad|warn|good|wait):(#[0-9a-f]{6})`)
	surfaces = regexp.MustCompile(`background:(#[0-9a-f]{6})`)
)

// Every color of text can be read on every surface (WCAG 2.1 AA: 4.5 to 1).
func TestContrast(t *testing.T) {
	t.Parallel()
	style := portal.Style()
	texts := colors.FindAllStringSubmatch(style, -1)
	require.Len(t, texts, 6)
	paper := append(surfaces.FindAllStringSubmatch(style, -1), []string{"", "#ffffff"}, []string{"", "#f4f6f8"})
	require.Greater(t, len(paper), 5)
	for _, text := range texts {
		for _, p := range paper {
			assert.GreaterOrEqual(t, portal.Contrast(text[2], p[1]), 4.5, "%s on %s", text[1], p[1])
		}
	}
	assert.InDelta(t, 21, portal.Contrast("#000000", "#ffffff"), 0.01)
	assert.InDelta(t, 4.54, portal.Contrast("#767676", "#ffffff"), 0.01)
}

// What the operator's page tells administrators is in the manual.
func TestManualSaysWhatTheOperatorPromises(t *testing.T) {
	t.Parallel()
	k := setup(t)
	b := k.as("whole")
	manual := ""
	pictures := 0
	for _, topic := range portal.Topics() {
		page := parse(t, b.get("/help/"+topic).html)
		main := page.all("main")[0]
		manual += main.words() + "\n"
		pictures += len(main.all("svg"))
	}
	assert.GreaterOrEqual(t, pictures, 10, "with pictures")
	for _, part := range []string{
		"ansöker om ett konto och uppger vem som är administratör", "lägga till fler administratörer", // application
		"en i taget eller genom att importera en lista", "var sin kreditgräns", "Stod kreditgränsen redan i listan", // three steps
		"SMS med instruktion, användarnamn och engångskod", "gäller i 7 dagar", // SMS
		"registrera mobilnumret", "Mer, Min profil, Betalmedel, Andra betalmedel, Lägg till Faktura via Allpay", "tryck på Skicka",
		"bara en gång, så länge resenären inte byter mobilnummer eller telefon",
		"snabbvalet Köp", "inom en zon", "över länsgräns", "nu eller senare", "Ange syftet med resan",
		"faktureras i efterhand, en gång i månaden", "för varje referensnummer",
		"privat telefon går lika bra", "Swish", "väljer själva vilka som ansluts", "har chefens godkännande",
		"Natten till den 1 februari nollställs", "500 kr, inte 750", "högst 15 000,00 kr", "lägre högsta gräns", "Mer än så kan ingen köpa för", "Höj kreditgränsen tillfälligt",
		"användes inte inom sju dagar", "Numret är kopplingen till resenären", "risken för ett felköp är mycket liten",
		"Byt mobilnummer på resenärens sida, och anslut på nytt", "Radera kreditgräns", "ansluter sig i appen igen",
		"Hallands, Kalmar, Kronobergs, Västra Götalands, Blekinge och Skåne län samt Köpenhamn",
		"begränsar inte vilka biljetter", "bara enkelbiljetter och 24-timmarsbiljetter", "närmaste chef", "en avdelning eller enhet",
		"utbildning i stadshuset", "Statistik och rapporter", "Ekonomirapporter", "inte i realtid", "månaden efter",
		"resekort kan de användas", "Kundkassa hanteras inte",
	} {
		assert.Contains(t, manual, part)
	}
	assert.Equal(t, len(portal.Topics()), strings.Count(b.get("/help").html, "/portal/help/"))
}
