package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/portal"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// order returns the names in the list, as they come.
func order(t *testing.T, a answer) (names []string) {
	t.Helper()
	require.Equal(t, http.StatusOK, a.Code, a.html)
	for _, e := range parse(t, a.html).all("tbody")[0].all("th") {
		names = append(names, e.words())
	}
	return names
}

func TestListInSwedishOrder(t *testing.T) {
	t.Parallel()
	k := setup(t, func(o *portal.Options) { o.PageSize = 3 })
	for i, name := range []string{"Öst", "Ärlig", "Ås", "Zorn", "Wik", "Vall"} {
		k.add("whole", "Bo", name, "070-174 06 1"+string(rune('0'+i)), k.school)
	}
	b := k.as("whole")
	assert.Equal(t, []string{"Bo Vall", "Bo Wik", "Bo Zorn"}, order(t, b.get("/travelers")))
	assert.Equal(t, []string{"Bo Ås", "Bo Ärlig", "Bo Öst"}, order(t, b.get("/travelers?page=2")))
	assert.Equal(t, []string{"Bo Ås", "Bo Ärlig", "Bo Öst"}, order(t, b.get("/travelers?page=99")))
	assert.Contains(t, b.get("/travelers").html, "Sida 1 av 2 (1–3 av 6)")
}

func TestSearchKeepsNamesAndNumbersOutOfAddresses(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.add("whole", "Anna", "Andersson", "070-174 06 05", k.school)
	k.add("whole", "Örjan", "Ek", "070-174 07 11", k.care)
	for term, want := range map[string][]string{
		"örjan": {"Örjan Ek"}, "ander": {"Anna Andersson"}, "070-174 07": {"Örjan Ek"}, "0046701740605": {"Anna Andersson"}, "+46 (0)70-174 06": nil,
		"": {"Anna Andersson", "Örjan Ek"},
	} {
		b := k.as("whole")
		a := b.post("/travelers/search", "q", term)
		require.Equal(t, http.StatusSeeOther, a.Code)
		assert.Equal(t, "/portal/travelers", a.Header().Get("Location"), "I7")
		if want == nil {
			continue
		}
		list := b.follow(a)
		assert.Equal(t, want, order(t, list), term)
		accessible(t, list.html)
		for _, e := range parse(t, list.html).all("a") {
			assert.NotContains(t, e.attr["href"], "rjan", "I7")
		}
	}
	b := k.as("whole")
	a := b.post("/travelers/search", "q", "x", "department", k.care.String(), "state", "never")
	assert.Equal(t, "/portal/travelers?department="+k.care.String()+"&state=never", a.Header().Get("Location"))
	assert.Contains(t, b.follow(a).html, "Ingen resenär stämmer")
}

func TestFromCreatingToErasing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	b := k.as("whole")
	page := b.follow(b.post("/travelers/new", "first", "Anna", "last", "Andersson", "number", "070-174 06 05", "department", k.school.String()))
	assert.Contains(t, page.html, "för att ge tillgång")
	assert.Contains(t, page.html, "inte ansluten till Tjänsteresor")
	list, err := k.travel.Travelers(t.Context(), k.users["whole"].Actor, k.company, travel.TravelerID{}, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	anna := list[0].ID
	own := path("travelers", anna.String())
	assert.Empty(t, k.deliver(), "R06: creating sends nothing")
	assert.NotContains(t, b.get(own).html, "för att ge tillgång", "a notice is shown once")

	t.Log("R07 R09: connecting needs a limit and sends one SMS, also when the form is sent twice")
	key := k.keyOf(b.get(own + "/connect"))
	first := b.post(own+"/connect", "key", key, "limit", "500", "note", "Rektor", "sms", "sv")
	again := b.post(own+"/connect", "key", key, "limit", "500", "note", "Rektor", "sms", "sv")
	require.Equal(t, http.StatusSeeOther, first.Code)
	require.Equal(t, http.StatusSeeOther, again.Code)
	assert.Len(t, k.deliver(), 1)
	page = b.get(own)
	for _, text := range []string{"Väntar på aktivering", "500,00", "Rektor", "Skickat, väntar på kvittens", "Mer, Min profil, Betalmedel"} {
		assert.Contains(t, page.html, text)
	}
	changed := b.post(own+"/connect", "key", key, "limit", "600", "sms", "sv")
	assert.Equal(t, http.StatusUnprocessableEntity, changed.Code)
	assert.Contains(t, changed.html, "redan skickats med andra uppgifter")
	assert.NotEqual(t, key, k.keyOf(changed))
	assert.Len(t, k.deliver(), 1)

	t.Log("resending waits a moment, and then voids the old code")
	key = k.keyOf(b.get(own))
	assert.Contains(t, b.follow(b.post(own+"/resend", "key", key)).html, "alldeles nyss")
	k.clock.Add(10 * time.Minute)
	for range 2 {
		b.follow(b.post(own+"/resend", "key", key))
	}
	assert.Len(t, k.deliver(), 2)
	holder := k.activate(anna)
	assert.Contains(t, b.get(own).html, "Inget hindrar köp")
	assert.Contains(t, b.follow(b.post(own+"/resend", "key", "another")).html, "ingen kod som väntar")

	t.Log("R20: a raise counts at once and ends by itself")
	require.Nil(t, k.buy(holder, "500"))
	assert.Contains(t, b.get(own).html, "Hela månadens kreditgräns är använd")
	page = b.follow(b.post(own+"/raise", "limit", "1 000", "until", "2026-01-20"))
	assert.Contains(t, page.html, "2026-01-20")
	assert.Equal(t, "2026-01-20T23:00:00Z", k.view(anna).RaisedUntil.UTC().Format(time.RFC3339))
	require.Nil(t, k.buy(holder, "100"))
	b.follow(b.post(own + "/raise/end"))
	assert.True(t, k.view(anna).Raise.IsZero())
	b.follow(b.post(own+"/limit", "limit", "1500"))
	assert.Equal(t, "1500", k.view(anna).Limit.String())

	t.Log("frozen")
	assert.Contains(t, b.follow(b.post(own+"/freeze")).html, "Resenären är spärrad för nya köp.")
	require.NotNil(t, k.buy(holder, "10"))
	b.follow(b.post(own + "/thaw"))
	require.Nil(t, k.buy(holder, "10"))

	t.Log("R15: a new number, connected at once")
	key = k.keyOf(b.get(own + "/number"))
	for range 2 {
		b.follow(b.post(own+"/number", "key", key, "number", "070-174 06 77", "connect", "yes", "sms", "en"))
	}
	sent := k.deliver()
	require.Len(t, sent, 3)
	assert.Contains(t, sent[2].Text, "Username")
	assert.NotNil(t, k.buy(holder, "10"))

	t.Log("R23: the limit is removed after a page that says what that means")
	assert.Contains(t, b.get(own+"/remove").html, "tas bort genast")
	assert.Contains(t, b.follow(b.post(own+"/remove")).html, "Tillgången är borttagen")
	assert.Contains(t, b.follow(b.post(own+"/freeze")).html, "inte ansluten")

	t.Log("R44: erased only when it is confirmed")
	assert.Equal(t, http.StatusUnprocessableEntity, b.post(own+"/erase").Code)
	page = b.follow(b.post(own+"/erase", "sure", "yes"))
	assert.NotContains(t, page.html, "Anna")
	assert.Equal(t, http.StatusNotFound, b.get(own).Code)
	assert.NotContains(t, b.get("/audit").html, "Anna")
	assert.NotContains(t, k.log.String(), "Anna")
}

// What is wrong is told beside the field, in both languages, and what was typed
// stays.
func TestFormsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.add("whole", "Anna", "Andersson", "070-174 06 05", k.school)
	k.connect(anna, "500")
	own := path("travelers", anna.String())
	traveler := func(first, number, email string) []string {
		return []string{"first", first, "last", "Ek", "number", number, "email", email, "department", k.school.String()}
	}
	company := func(pairs ...string) []string { return append([]string{"country", "SE"}, pairs...) }
	for name, c := range map[string]struct {
		path, field, swedish, english string
		pairs                         []string
	}{
		"no name":                {"/travelers/new", "first", "måste fyllas i", "must be filled in", traveler(" ", "0701740677", "")},
		"a name nobody sees":     {"/travelers/new", "first", "måste fyllas i", "must be filled in", traveler("\u2800", "0701740677", "")},
		"a name too long":        {"/travelers/new", "first", "för långt", "too long", traveler(strings.Repeat("a", 201), "0701740677", "")},
		"a control character":    {"/travelers/new", "first", "inte kan visas", "cannot be shown", traveler("a\x01b", "0701740677", "")},
		"no UTF-8":               {"/travelers/new", "first", "inte kan visas", "cannot be shown", traveler("a\xff", "0701740677", "")},
		"a land line":            {"/travelers/new", "number", "inget mobilnummer", "no mobile number", traveler("A", "036-10 00 00", "")},
		"letters in a number":    {"/travelers/new", "number", "tecken som inte", "do not belong", traveler("A", "070-abc", "")},
		"a number from abroad":   {"/travelers/new", "number", "dit SMS inte", "no SMS are sent", traveler("A", "+49 151 23456789", "")},
		"a number of a sheet":    {"/travelers/new", "number", "decimaltal", "decimal number", traveler("A", "4,67E+10", "")},
		"a number that is taken": {"/travelers/new", "number", "annan resenär", "another traveler", traveler("A", "+46 70 174 06 05", "")},
		"no address":             {"/travelers/new", "email", "ingen e-postadress", "no e-mail address", traveler("A", "0701740677", "x")},
		"R17 above the maximum":  {own + "/limit", "limit", "högst 15 000,00", "15,000.00", []string{"limit", "15 000,01"}},
		"R17 nothing":            {own + "/limit", "limit", "mer än 0", "more than 0", []string{"limit", "0"}},
		"negative":               {own + "/limit", "limit", "mer än 0", "more than 0", []string{"limit", "-5"}},
		"ambiguous":              {own + "/limit", "limit", "två belopp", "two amounts", []string{"limit", "1.500"}},
		"decimals":               {own + "/limit", "limit", "två decimaler", "two decimals", []string{"limit", "1,5055"}},
		"no amount":              {own + "/limit", "limit", "inget belopp", "no amount", []string{"limit", "mycket"}},
		"huge":                   {own + "/limit", "limit", "stort belopp", "too large", []string{"limit", "99999999999999999999"}},
		"a raise that is none":   {own + "/raise", "limit", "vanliga kreditgränsen", "ordinary limit", []string{"limit", "400"}},
		"a raise without a day":  {own + "/raise", "until", "inget datum", "no date", []string{"limit", "600", "until", "i morgon"}},
		"a raise that is past":   {own + "/raise", "until", "i dag eller senare", "today or later", []string{"limit", "600", "until", "2026-01-12"}},
		"department twice":       {"/departments/new", "name", "finns redan", "exists already", []string{"name", "skola"}},
		"administrator, address": {"/administrators/new", "email", "ingen e-postadress", "no e-mail", []string{"name", "A", "email", "x"}},
		"VAT number":             {"/company", "vat", "rätt form", "right form", company("vat", "SE12")},
		"VAT check digit":        {"/company", "vat", "kontrollsiffra", "check digit", company("vat", "SE212000082801")},
		"Peppol id":              {"/company", "peppol", "rätt form", "right form", company("peppol", "x")},
		"country":                {"/company", "country", "landskod", "country code", []string{"country", "Sverige"}},
		"company's maximum":      {"/company", "maximum", "operatören tillåter", "operator allows", company("maximum", "15001")},
		"hours":                  {"/company/policy", "from0", "inget klockslag", "no time of day", []string{"from0", "25:00", "to0", "08:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, english := range []bool{false, true} {
				b := k.as("whole")
				b.english = english
				a := b.post(c.path, c.pairs...)
				require.Equal(t, http.StatusUnprocessableEntity, a.Code, a.html)
				if name != "a control character" && name != "no UTF-8" { // which XML cannot hold
					accessible(t, a.html)
					page := parse(t, a.html)
					assert.True(t, strings.HasPrefix(page.all("title")[0].words(), map[bool]string{false: "Fel: ", true: "Error: "}[english]))
					wrong := ""
					for _, e := range page.all("p") {
						if e.attr["id"] == c.field+"-error" {
							wrong = e.words()
						}
					}
					assert.Contains(t, wrong, map[bool]string{false: c.swedish, true: c.english}[english])
					assert.NotContains(t, wrong, "kan inte vara så")
					assert.NotContains(t, wrong, "cannot be like that")
					for i := 0; i < len(c.pairs); i += 2 {
						if c.pairs[i] == c.field && c.pairs[i+1] != "0" {
							assert.Contains(t, values(page), c.pairs[i+1], "what was typed stays")
						}
					}
				} else {
					assert.Contains(t, a.html, map[bool]string{false: c.swedish, true: c.english}[english])
				}
			}
		})
	}
	assert.Equal(t, "500", k.view(anna).Limit.String())
}

func values(page *element) (list []string) {
	for _, e := range page.all("input") {
		list = append(list, e.attr["value"])
	}
	return list
}

// All that is wrong is told at once, above the form with links to the fields.
func TestFormsSayAllThatIsWrong(t *testing.T) {
	t.Parallel()
	k := setup(t)
	a := k.as("whole").post("/travelers/new", "first", "", "last", "Ek", "number", "036-10 00 00", "department", k.foreignDepartment.String())
	require.Equal(t, http.StatusUnprocessableEntity, a.Code)
	links := ""
	for _, e := range parse(t, a.html).all("div") {
		if e.attr["class"] == "summary" {
			for _, l := range e.all("a") {
				links += l.attr["href"]
			}
		}
	}
	assert.Equal(t, "#first#number#department", links)
}

// Why a traveler cannot connect or buy is told in words, with what helps.
func TestR14WhyItDoesNotWork(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.add("whole", "Anna", "Andersson", "070-174 06 05", k.school)
	own := path("travelers", anna.String())
	b := k.as("whole")
	says := func(parts ...string) {
		t.Helper()
		a := b.get(own)
		accessible(t, a.html)
		text := parse(t, a.html).all("main")[0].words()
		for _, p := range parts {
			assert.Contains(t, text, p)
		}
	}
	says("Inte ansluten", "Ange en kreditgräns")
	k.connect(anna, "500")
	says("Väntar på att skickas", "SMS:et är inte skickat än")
	k.deliver()
	for range 5 {
		_, err := k.travel.Activate(t.Context(), travel.ActivateRequest{Username: usernameOf(k), Code: "AAAA-AAAA", Number: k.view(anna).Number, Device: "p"})
		require.ErrorIs(t, err, travel.ErrActivation)
	}
	says("Koden är låst", "Fel kod har skrivits in för många gånger", "Försök: 5", "Anslut på nytt")
	k.connect(anna, "500")
	k.clock.Add(8 * 24 * time.Hour)
	says("Koden har gått ut", "utan att ha använts", "Anslut på nytt")
	k.connect(anna, "500")
	k.activate(anna)
	u := k.users["whole"]
	c, err := k.travel.Company(t.Context(), u.Actor, k.company)
	require.NoError(t, err)
	require.NoError(t, k.travel.UpdateCompany(t.Context(), u.Actor, k.company, travel.CompanyDetails{
		Billing: c.Billing, DefaultReference: "REF-0", Policy: &travel.Policy{Products: []string{"single"}, Hours: []travel.Hours{{Days: []time.Weekday{1}, From: 480, To: 1020}}},
	}))
	says("Ansluten", "policy begränsar köpen: bara Enkelbiljett; bara måndag kl. 08:00–17:00")
	require.NoError(t, k.travel.CloseCompany(t.Context(), k.operator, k.company, ""))
	says("avtal är avslutat", "Tillgången är borttagen")
}

func TestWhatBecomesOfAnSMS(t *testing.T) {
	t.Parallel()
	for kind, want := range map[sms.Kind][]string{
		sms.KindPermanent: {"Kom inte fram", "SMS-tjänsten svarade: 21211", "Det senaste SMS:et kom inte fram.", "Kontrollera mobilnumret"},
		sms.KindUnknown:   {"Okänt om det kom fram", "Fråga resenären"},
		sms.KindTemporary: {"Väntar på att skickas", "inte skickat än"},
	} {
		k := setup(t)
		anna := k.add("whole", "Anna", "Andersson", "070-174 06 05", k.school)
		k.connect(anna, "500")
		k.phones.fail = &sms.SendError{Kind: kind, Code: "21211"}
		k.deliver()
		b := k.as("whole")
		own := path("travelers", anna.String())
		a := b.get(own)
		accessible(t, a.html)
		for _, part := range want {
			assert.Contains(t, a.html, part)
		}
		if kind == sms.KindTemporary {
			continue
		}
		assert.Equal(t, 2, strings.Count(a.html, own+"/resend"), "beside the cause, too")
		k.clock.Add(10 * time.Minute)
		k.phones.fail = nil
		b.follow(b.post(own+"/resend", "key", k.keyOf(a)))
		require.Len(t, k.deliver(), 1)
		assert.Contains(t, b.get(own).html, "Skickat, väntar på kvittens")
	}
}

func usernameOf(k *kit) string {
	m := credentialsText.FindStringSubmatch(k.phones.sent[len(k.phones.sent)-1].Text)
	return m[1]
}

func TestR01NothingBeforeApproval(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c, admin, err := k.travel.Apply(t.Context(), travel.Application{Name: "Ny AB", OrganizationNumber: "212000-0829", AdministratorName: "N"})
	require.NoError(t, err)
	k.users["new"] = portal.User{Actor: travel.AdministratorActor(c.ID, admin.ID), Company: c.ID, Name: "N"}
	a := k.as("new").get("/travelers")
	assert.Equal(t, http.StatusForbidden, a.Code)
	assert.Contains(t, a.html, "inte godkänt")
	accessible(t, a.html)
}
