package browser_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
)

// journey is what a company, one of its travelers and the operator do together.
type journey struct {
	t *testing.T
	// english tells in which language the administrator has the portal; the
	// operator's own pages are Swedish.
	english                   bool
	operator, admin, traveler *person
	bought                    []purchase
	// number is the traveler's.
	number string
}

// purchase is what must be on a specification.
type purchase struct {
	amount, purpose string
}

func TestJourneys(t *testing.T) {
	t.Parallel()
	found := findTools(t)
	browser, program := startBrowser(t, found.chromium), build(t)
	for name, c := range map[string]struct{ english, scripts bool }{
		"Swedish": {false, true}, "English": {true, true}, "without scripts": {false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := startBackend(t, program)
			person := func(who, axe string) *person {
				if !c.scripts {
					axe = "" // which is one
				}
				return newPerson(t, browser, url, c.scripts, newInspector(t, axe, who).inspect)
			}
			others := found.axe
			if c.english {
				others = "" // their pages are the same as in the Swedish journey
			}
			j := &journey{
				t: t, english: c.english, number: "+46701234569",
				operator: person("operator", others), admin: person("administrator", found.axe), traveler: person("traveler", others),
			}
			j.all()
		})
	}
}

// all goes the whole way.
func (j *journey) all() {
	j.begin()
	j.apply()
	j.organize()
	j.importList()
	j.connectByHand()
	j.activate()
	j.buyInZone()
	j.declined()
	j.raise()
	j.buyOverBorder()
	j.closeMonth()
	j.fetch()
	j.lookAround()
}

// said is what the portal says in the administrator's language.
func (j *journey) said(swedish, english string) string {
	if j.english {
		return english
	}
	return swedish
}

// menu chooses from the portal's menu.
func (j *journey) menu(swedish, english string) {
	j.t.Helper()
	j.admin.clickIn(`//nav[@aria-label="`+j.said("Huvudmeny", "Main menu")+`"]`, j.said(swedish, english))
}

// begin moves the clock to a morning of the 1st: no month ends underway.
func (j *journey) begin() {
	o := j.operator
	o.open("/")
	o.click("Nästa månad")
	require.Regexp(j.t, `-01 08:0\d`, o.text())
	o.click("Operatör")
	require.Equal(j.t, "/signin", o.at(), "not everybody is let in")
	o.click("Jag arbetar på Exempeltrafiken")
	require.Equal(j.t, "/operator", o.at())
}

// apply is R01.
func (j *journey) apply() {
	a, o := j.admin, j.operator
	a.open("/")
	a.click("ansök om konto")
	a.fill("Företagets namn", "Storkommunen", "Organisationsnummer", "212000-1630", "Gatuadress", "Torget 1",
		"Postnummer", "111 11", "Ort", "Storstad", "Administratörens namn", "Eva Sjö")
	a.click("Skicka ansökan")
	require.EqualValues(j.t, 422, a.status, "the number's check digit is wrong")
	a.fill("Organisationsnummer", "212000-0142", "Referens på fakturor", "7001", "Peppol-id, om ni har ett", "0007:2120000142",
		"Administratörens e-post", "eva@storkommunen.example")
	a.click("Skicka ansökan")
	a.reads("ansökan är inskickad")
	a.open("/signin")
	require.NotContains(j.t, a.text(), "Eva Sjö", "who is not approved cannot sign in")
	a.open("/portal/")
	require.Equal(j.t, "/signin", a.at())

	o.open("/operator")
	o.clickIn(section("Storkommunen"), "Godkänn")
	a.open("/signin")
	a.click("Jag är Eva Sjö")
	require.Equal(j.t, "/portal/travelers", a.at())
	a.click(j.said("Svenska", "English"))
	a.reads(j.said("Det finns inga resenärer än.", "There are no travelers yet."))
}

// organize is R03.
func (j *journey) organize() {
	a := j.admin
	for name, reference := range map[string]string{"Omsorg": "7100", "Skola": ""} {
		j.menu("Avdelningar", "Departments")
		a.click(j.said("Skapa avdelning", "Create department"))
		if reference != "" {
			a.click(j.said("Skapa avdelningen", "Create the department"))
			require.EqualValues(j.t, 422, a.status, "it has no name")
		}
		a.fill(j.said("Namn", "Name"), name, j.said("Referensnummer eller ansvarsnummer", "Reference"), reference)
		a.click(j.said("Skapa avdelningen", "Create the department"))
		a.reads(j.said("Avdelningen är skapad.", "The department is created."), name, reference)
	}
}

// spreadsheet is a list as Excel saves it in Sweden, with four rows that are
// wrong.
const spreadsheet = "Förnamn;Efternamn;Mobilnummer;Avdelning;Anställningsnummer;Kreditgräns\r\n" +
	"Åsa;Öberg;070-123 45 67;Omsorg;1;500\r\n" +
	"Bo;Ek;08-123 45 68;Omsorg;2;500\r\n" +
	"Carl;Ek;+46 (0)70-123 45 69;Skola;3;\r\n" +
	"Dan;Ek;070-123 45 70;Omsorg;4;15 000,01\r\n" +
	"Eva;Ek;070-123 45 67;Omsorg;5;500\r\n" +
	";Ek;070-123 45 71;Omsorg;6;500\r\n"

// importList is R06 and R07, with a list that is not all right.
func (j *journey) importList() {
	a := j.admin
	list, err := charmap.Windows1252.NewEncoder().String(spreadsheet)
	require.NoError(j.t, err)
	j.menu("Importera", "Import")
	a.attach(j.said("CSV-fil", "CSV file"), "resenärer.csv", []byte(list))
	a.click(j.said("Granska listan", "Check the list"))
	a.reads(j.said("Fel i listan: 4", "Errors in the list: 4"), j.said("Skapas 2", "Created 2"), "08-12*****68", "15 000,01", "SMS: 1")
	name, file := a.download("", j.said("Hämta raderna med fel som CSV-fil, att rätta och importera igen", "Get the rows with errors as a CSV file, to mend and import again"))
	assert.Equal(j.t, j.said("fel-i-listan.csv", "errors-in-the-list.csv"), name)
	rows := table(j.t, file)
	require.Len(j.t, rows, 5)
	assert.Equal(j.t, []string{"Bo", "Dan", "Eva", ""}, []string{rows[1][0], rows[2][0], rows[3][0], rows[4][0]})

	j.menu("Resenärer", "Travelers") // nothing is done yet
	a.reads(j.said("Det finns inga resenärer än.", "There are no travelers yet."))

	j.menu("Importera", "Import")
	a.attach(j.said("CSV-fil", "CSV file"), "resenärer.csv", []byte(list))
	a.click(j.said("Granska listan", "Check the list"))
	a.tick(j.said("Importera bara de rader som är rätt", "Import the good rows only"))
	// A page that comes anew by itself would do so between two steps.
	a.tick(j.said("Visa hur långt importen har kommit: sidan uppdateras var femte sekund", "Show how far the import is: the page updates every five seconds"))
	a.clickIn("//main//form", j.said("Importera", "Import"))
	for end := time.Now().Add(patience); !strings.Contains(a.text(), j.said("Listan är importerad.", "The list is imported.")); {
		require.True(j.t, time.Now().Before(end), "the import does not end: %s", a.text())
		a.click(j.said("Uppdatera", "Update"))
	}
	a.reads(j.said("Skapade 2", "Created 2"), j.said("Rader med fel 4", "Rows with errors 4"), j.said("SMS på väg 1", "SMS on their way 1"))
}

// connectByHand is R07 and R09.
func (j *journey) connectByHand() {
	a := j.admin
	j.menu("Resenärer", "Travelers")
	a.click("Carl Ek")
	a.click(j.said("Anslut till Tjänsteresor", "Connect to business trips"))
	limit := j.said("Kreditgräns per månad", "Credit limit per month")
	a.fill(limit, "15000,01", j.said("Vem har godkänt?", "Who has approved?"), "Enhetschef Ulla Berg")
	a.click(j.said("Anslut och skicka SMS", "Connect and send SMS"))
	require.EqualValues(j.t, 422, a.status, "R17")
	a.fill(limit, "500")
	a.choose(j.said("Språk i SMS:et", "Language of the SMS"), "Svenska")
	a.click(j.said("Anslut och skicka SMS", "Connect and send SMS"))
	a.reads(j.said("Resenären ansluts", "The traveler is being connected"), "Enhetschef Ulla Berg", j.said("500,00 kr", "SEK 500.00"))
}

var credentials = regexp.MustCompile(`Användarnamn: (\S+) Engångskod: (\S+)\. `)

// activate reads the SMS and is R11 on the phone, where the operator's page says
// it is.
func (j *journey) activate() {
	p := j.traveler
	message := fmt.Sprintf(`//article[.//*[normalize-space(.)="%s"]]`, j.number)
	p.open("/inbox")
	for end := time.Now().Add(patience); p.count(message) == 0; p.open("/inbox") {
		require.True(j.t, time.Now().Before(end), "no SMS comes")
	}
	p.reads("+46701234567")
	p.clickIn(message, "Öppna telefonen")
	require.Equal(j.t, "/phone", p.at())
	p.click("Mer")
	p.click("Meddelanden (telefonens inkorg)")
	typed := credentials.FindStringSubmatch(p.text())
	require.NotNil(j.t, typed, p.text())
	for _, link := range []string{"Mer", "Min profil", "Betalmedel", "Andra betalmedel", "Lägg till Faktura via Allpay"} {
		p.click(link)
	}
	p.fill("Användarnamn", typed[1], "Engångskod", "AAAA-AAAA")
	p.click("Skicka")
	require.EqualValues(j.t, 422, p.status)
	p.reads("stämmer inte")
	p.fill("Användarnamn", strings.ToLower(typed[1]), "Engångskod", typed[2])
	p.click("Skicka")
	require.EqualValues(j.t, 200, p.status)
	p.reads("Storkommunen", "500,00 kr kvar")
}

// buyInZone is the quick purchase, whose purpose comes last (R25 to R28).
func (j *journey) buyInZone() {
	p := j.traveler
	p.click("Köp")
	p.tick("Enkelbiljett")
	p.choose("Zon", "Habo–Mullsjö")
	p.tick("Vuxen")
	p.click("Fortsätt")
	p.reads("37,00 kr", "Privat betalkort")
	p.tick("Faktura via Allpay – Storkommunen")
	p.tick("Nu")
	p.click("Genomför köpet")
	p.reads("syfte")
	p.fill("Syfte med resan", "   ")
	p.click("Skicka")
	require.EqualValues(j.t, 422, p.status, "R28")
	j.purpose("37,00", "Utbildning i Habo; \"fika\" à 2 kr")
	p.reads("Giltig", "Habo–Mullsjö")
	p.click("Alla biljetter")
	p.reads("Enkelbiljett")
	j.left("463,00")
}

// purpose completes a purchase.
func (j *journey) purpose(amount, purpose string) {
	p := j.traveler
	p.fill("Syfte med resan", purpose)
	p.click("Skicka")
	require.EqualValues(j.t, 200, p.status)
	require.Regexp(j.t, "^/phone/tickets/", p.at())
	j.bought = append(j.bought, purchase{amount, purpose})
}

// left is R33: the traveler sees the own balance at any time.
func (j *journey) left(amount string) {
	j.traveler.open("/phone/more/payment/invoice")
	j.traveler.reads(amount + " kr kvar att köpa för")
}

// order plans a trip to another county with a ticket for 30 days, and presses
// the button.
func (j *journey) order(use string) {
	p := j.traveler
	p.click("Sök & köp")
	p.choose("Från", "Jönköping resecentrum")
	p.choose("Till", "Växjö resecentrum")
	p.click("Sök resa")
	p.clickIn(`//form[@class="departure"][1]`, "Välj")
	p.choose("Biljett", "30-dagarsbiljett")
	p.click("Räkna om priset")
	p.reads("2 398,00 kr", "Jönköping resecentrum – Växjö resecentrum")
	p.tick(use)
	p.click("Genomför köpet")
}

// declined is R16.
func (j *journey) declined() {
	j.order("Nu")
	j.traveler.reads("mer än vad som är kvar av månadens kreditgräns", "Kvar: 463,00 kr av 500,00 kr", "En administratör i företaget kan höja den")
	j.left("463,00")
}

// raise is R20.
func (j *journey) raise() {
	a := j.admin
	j.menu("Resenärer", "Travelers")
	a.click("Carl Ek")
	a.click(j.said("Ändra kreditgräns", "Change credit limit"))
	a.fill(j.said("Kreditgräns per månad", "Credit limit per month"), "3 000")
	a.click(j.said("Spara kreditgränsen", "Save the limit"))
	a.reads(j.said("Kreditgränsen är ändrad och gäller redan nu.", "The credit limit is changed and counts at once."))
	j.menu("Statistik och rapporter", "Statistics and reports")
	a.reads(j.said("Ingen månad är stängd än.", "No month is closed yet."))
}

// buyOverBorder is R25, R26 and R30.
func (j *journey) buyOverBorder() {
	p := j.traveler
	j.order("Senare")
	j.purpose("2398,00", "=Kundbesök i Växjö")
	p.reads("Inte aktiverad", "Kronobergs län")
	p.click("Använd biljetten nu")
	p.reads("Giltig")
	j.left("565,00")
}

// closeMonth is R18 and R31.
func (j *journey) closeMonth() {
	o := j.operator
	o.open("/operator")
	o.clickIn(section("Storkommunen"), "Köp och återbetalningar")
	o.reads("37,00 kr", "2 398,00 kr")
	o.click("Operatör")
	o.click("Nästa månad")
	o.reads("EXT-1", "KRO-1", "0 väntar, 0 är nekade")
	o.click("Räkna om allt")
	o.reads("0 avvikelser")
	j.left("3 000,00")
}
