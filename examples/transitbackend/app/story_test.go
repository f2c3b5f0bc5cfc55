package app_test

import (
	"context"
	"encoding/csv"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/tjansteresor/tjansteresor/examples/transitbackend/app"
	"github.com/tjansteresor/tjansteresor/internal/pgserver"
)

var pg = pgserver.Shared{Exec: func(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}}

func TestMain(m *testing.M) { os.Exit(pg.Wrap(m).Run()) }

// backend runs until stop or the end of the test.
type backend struct {
	url  string
	stop func()
}

// january returns a clock that runs from noon of 13 January 2026 on.
func january() func() time.Time {
	begun := time.Now()
	return func() time.Time { return time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC).Add(time.Since(begun)) }
}

func start(t *testing.T, c app.Config) *backend {
	t.Helper()
	c.CodeCost = 1000
	a, err := app.Open(t.Context(), c)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	server := httptest.NewServer(a.Handler())
	stopped := false
	b := &backend{url: server.URL, stop: func() {
		if stopped {
			return
		}
		stopped = true
		server.Close()
		cancel()
		assert.NoError(t, <-ended)
		assert.NoError(t, a.Close())
	}}
	t.Cleanup(b.stop)
	return b
}

// databases runs a test on SQLite and on PostgreSQL.
func databases(t *testing.T, test func(t *testing.T, c app.Config)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, app.Config{Folder: t.TempDir(), Clock: january()})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, app.Config{Folder: t.TempDir(), Database: pg.Database(t), Clock: january()})
	})
}

const list = "Förnamn;Efternamn;Mobilnummer;Avdelning;Anställningsnummer;Kreditgräns\r\n" +
	"Anna;Berg;070-123 45 67;Omsorg;1;500\r\n" +
	"Carl;Ek;070-123 45 69;Skola;2;\r\n"

// TestStory is everything that a company, its travelers and the operator do, from
// the application to the specification, by the pages.
func TestStory(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, c app.Config) {
		logs := &logbook{}
		c.Logger = slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
		b := start(t, c)
		operator, admin, phone := newBrowser(t, b.url), newBrowser(t, b.url), newBrowser(t, b.url)
		apply(admin, operator)
		organize(admin)
		connect(phone)
		buyOneZone(phone)
		decline(phone)
		raise(admin)
		buyOverTheBorder(phone)
		seeNothingYet(admin)

		operator.submit("Nästa månad", "step", "month")
		require.Equal(t, http.StatusOK, operator.status)
		balance(phone, "3\u00a0000,00")
		specifications(t, admin)
		delivered(t, c.Folder)
		operator.open("/operator")
		operator.submit("Räkna om allt")
		assert.Contains(t, operator.page, "0 avvikelser")

		b.stop()
		again := start(t, c)
		phone.base, admin.base, operator.base = again.url, again.url, again.url
		balance(phone, "3\u00a0000,00") // the clock, the phone and the month survive a restart
		phone.open("/phone/tickets")
		assert.Contains(t, phone.page, "30-dagarsbiljett")
		specifications(t, admin)
		again.stop()
		silent(t, logs.String())
	})
}

// logbook is what was logged.
type logbook struct {
	lock sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(p []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.text.String()
}

// silent is I7: requests and jobs are logged, and nobody is in it.
func silent(t *testing.T, logged string) {
	t.Helper()
	assert.Contains(t, logged, "job finished")
	assert.Contains(t, logged, "POST /phone/orders")
	for _, personal := range []string{"Anna", "Berg", "Sjö", "701234567", "70-123", "Utbildning", "Engångskod", "storkommunen.example", "Växjö"} {
		assert.NotContains(t, logged, personal)
	}
	assert.NotContains(t, logged, "level=ERROR")
}

// apply is R01.
func apply(admin, operator *browser) {
	t := admin.t
	admin.open("/apply")
	admin.submit("Skicka ansökan", "name", "Storkommunen", "number", "212000-1630")
	require.Equal(t, http.StatusUnprocessableEntity, admin.status, "the number's check digit is wrong")
	admin.submit("Skicka ansökan", "name", "Storkommunen", "number", "212000-0142", "reference", "7001", "street", "Torget 1",
		"postal_code", "111 11", "city", "Storstad", "peppol", "0007:2120000142", "administrator", "Eva Sjö", "email", "eva@storkommunen.example")
	require.Contains(t, admin.page, "ansökan är inskickad")
	admin.open("/signin")
	require.NotContains(t, admin.page, "Eva Sjö", "who is not approved cannot sign in")

	operator.open("/operator")
	require.Equal(t, "/signin", operator.at)
	operator.submit("Jag arbetar på")
	card := regexp.MustCompile(`(?s)<h3>Storkommunen</h3>.*?(/operator/companies/[^"]+)"`).FindStringSubmatch(operator.page)
	require.NotNil(t, card)
	operator.submit(card[1], "answer", "approve")
	require.Equal(t, http.StatusOK, operator.status)
	admin.open("/signin")
	admin.submit("Jag är Eva Sjö")
	require.Equal(t, "/portal/travelers", admin.at)
}

// organize adds departments and imports travelers (R03, R06, R07).
func organize(admin *browser) {
	t := admin.t
	for name, reference := range map[string]string{"Omsorg": "7100", "Skola": ""} {
		admin.open("/portal/departments/new")
		admin.submit("reference", "name", name, "reference", reference)
		require.Equal(t, "/portal/departments", admin.at, admin.page)
	}
	admin.open("/portal/imports")
	admin.upload(`type="file"`, "file", list)
	require.Equal(t, http.StatusOK, admin.status)
	admin.submit("fingerprint")
	done := regexp.MustCompile(`Skapade</dt><dd>2</dd>`)
	for wait := time.Now().Add(time.Minute); !done.MatchString(admin.page); {
		require.True(t, time.Now().Before(wait), "the import did not end: %s", admin.page)
		admin.open(admin.at)
	}
}

var credentials = regexp.MustCompile(`(?s)\+46701234567.*?Användarnamn: (\S+) Engångskod: (\S+)\. `)

// connect is the traveler's part of R09 to R11.
func connect(phone *browser) { connectTo(phone, "Storkommunen") }

func connectTo(phone *browser, company string) {
	t := phone.t
	require.Eventually(t, func() bool {
		phone.open("/inbox")
		return credentials.MatchString(phone.text())
	}, time.Minute, 50*time.Millisecond)
	typed := credentials.FindStringSubmatch(phone.text())
	phone.submit("+46701234567")
	require.Equal(t, "/phone", phone.at)
	for _, link := range []string{"Mer", "Min profil", "Betalmedel", "Andra betalmedel", "Lägg till Faktura via Allpay"} {
		phone.click(link)
	}
	phone.submit("Engångskod", "username", typed[1], "code", "XXXX-XXXX")
	require.Equal(t, http.StatusUnprocessableEntity, phone.status)
	require.Contains(t, phone.text(), "stämmer inte")
	phone.open("/phone/more/payment/allpay")
	phone.submit("Engångskod", "username", strings.ToLower(typed[1]), "code", typed[2])
	require.Contains(t, phone.text(), company)
	require.Contains(t, phone.text(), "500,00")
}

// buyOneZone is the quick purchase, with the purpose as its last step (R27, R28).
func buyOneZone(phone *browser) {
	t := phone.t
	phone.click("Köp")
	phone.submit("Fortsätt")
	require.Contains(t, phone.text(), "37,00")
	require.Contains(t, phone.text(), "Privat betalkort", "R38: private methods stay")
	phone.submit("Genomför köpet")
	require.Contains(t, phone.text(), "syfte")
	order := phone.at
	phone.submit("Skicka", "purpose", " \t ")
	require.Equal(t, http.StatusUnprocessableEntity, phone.status)
	phone.open(order)
	phone.submit("Skicka", "purpose", "Utbildning i stadshuset")
	require.Equal(t, strings.Replace(order, "orders", "tickets", 1), phone.at)
	require.Contains(t, phone.text(), "Giltig")
	phone.open(order)
	require.Contains(t, phone.at, "/phone/tickets/", "what is bought is bought")
	balance(phone, "463,00")
	require.Contains(t, phone.text(), "Utbildning i stadshuset")
}

// checkout goes to the checkout of a 30-day ticket to Växjö.
func checkout(phone *browser) {
	phone.open("/phone/search")
	phone.submit("Sök resa", "from", "Jönköping resecentrum", "to", "Växjö resecentrum")
	phone.submit("Välj")
	phone.submit("Räkna om priset", "product", "30d")
	require.Contains(phone.t, phone.text(), "2\u00a0398,00")
}

// decline is R16, in words.
func decline(phone *browser) {
	t := phone.t
	checkout(phone)
	phone.submit("Genomför köpet")
	require.Contains(t, phone.text(), "mer än vad som är kvar")
	require.Contains(t, phone.text(), "463,00")
	order := phone.at
	phone.open(order)
	require.Contains(t, phone.text(), "mer än vad som är kvar", "the answer stays")
	balance(phone, "463,00")
}

// raise is R20.
func raise(admin *browser) {
	t := admin.t
	admin.open("/portal/travelers")
	admin.click("Anna Berg")
	admin.click("Ändra kreditgräns")
	admin.submit("limit", "limit", "3000")
	require.Equal(t, http.StatusOK, admin.status)
	require.NotContains(t, admin.at, "/limit", admin.page)
}

// buyOverTheBorder buys for later, and uses it (R25, R26, R30).
func buyOverTheBorder(phone *browser) {
	t := phone.t
	checkout(phone)
	phone.submit("Genomför köpet", "use", "later")
	phone.submit("Skicka", "purpose", "Kundbesök i Växjö; \"fika\"")
	require.Contains(t, phone.text(), "Inte aktiverad")
	require.Contains(t, phone.text(), "Kronobergs län")
	phone.submit("Använd biljetten nu")
	require.Contains(t, phone.text(), "Giltig")
	balance(phone, "565,00")
}

func balance(phone *browser, left string) {
	phone.t.Helper()
	phone.open("/phone/more/payment/invoice")
	require.Contains(phone.t, phone.text(), left+"\u00a0kr <span class=\"note\">kvar", "R33: the traveler sees it at any time")
}

// seeNothingYet is R33.
func seeNothingYet(admin *browser) {
	admin.open("/portal/reports")
	require.Empty(admin.t, admin.links("/portal/reports/2026"), "the month is not closed")
}

// specifications fetches January's, and compares their sums with what was bought
// (R32, R34).
func specifications(t *testing.T, admin *browser) {
	t.Helper()
	admin.open("/portal/reports")
	admin.open("/portal/reports/2026-01")
	var files []string
	for _, link := range admin.links("/portal/reports/documents/") {
		if strings.Contains(link, "/csv") {
			files = append(files, link)
		}
	}
	require.Len(t, files, 2, "one of the operator's, one of Kronoberg's (R31)")
	total, purposes := decimal.Zero, ""
	for _, file := range files {
		admin.open(file)
		rows, err := readCSV(admin.page)
		require.NoError(t, err)
		for _, row := range rows[1:] {
			amount, err := decimal.NewFromString(strings.Replace(row[column(rows[0], "Belopp")], ",", ".", 1))
			require.NoError(t, err)
			total = total.Add(amount)
			purposes += row[column(rows[0], "Syfte")] + "|"
		}
	}
	assert.Equal(t, "2435", total.String(), "37 and 2 398 kronor")
	assert.Contains(t, purposes, "Utbildning i stadshuset|")
	assert.Contains(t, purposes, "Kundbesök i Växjö; \"fika\"|")
}

func readCSV(text string) ([][]string, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.Comma = ';'
	return r.ReadAll()
}

func column(headings []string, name string) int {
	for i, h := range headings {
		if strings.HasPrefix(h, name) {
			return i
		}
	}
	return -1
}

// delivered looks into the directory that an access point would fetch from.
func delivered(t *testing.T, folder string) {
	t.Helper()
	files, err := fs.Glob(os.DirFS(filepath.Join(folder, "invoices")), "2026-01/*/*.*")
	require.NoError(t, err)
	assert.Equal(t, []string{
		"2026-01/EXT-1/EXT-1-specification.pdf", "2026-01/EXT-1/EXT-1.csv", "2026-01/EXT-1/EXT-1.pdf", "2026-01/EXT-1/EXT-1.xml",
		"2026-01/KRO-1/KRO-1-specification.pdf", "2026-01/KRO-1/KRO-1.csv", "2026-01/KRO-1/KRO-1.pdf", "2026-01/KRO-1/KRO-1.xml",
	}, files)
}
