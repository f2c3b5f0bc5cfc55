package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/examples/transitbackend/app"
	"github.com/tjansteresor/tjansteresor/examples/transitbackend/client"
)

// shop is a backend and the phone of one of its seeded travelers.
type shop struct {
	*backend
	site  *client.Site
	phone *client.Phone
	// pages is the same phone by its pages.
	pages *browser
}

func openShop(t *testing.T) shop {
	t.Helper()
	s := shop{backend: start(t, app.Config{Folder: t.TempDir(), Clock: january(), Crowd: 1})}
	s.site = client.New(s.url, 4)
	t.Cleanup(s.site.Close)
	var sms client.SMS
	require.Eventually(t, func() bool {
		list, err := s.site.Inbox(t.Context(), 0)
		for _, m := range list {
			if strings.HasPrefix(m.Number, "+46709000000") {
				sms = m
			}
		}
		return err == nil && sms.Code != ""
	}, time.Minute, 50*time.Millisecond)
	var err error
	s.phone, err = s.site.Register(t.Context(), sms.Number)
	require.NoError(t, err)
	require.NoError(t, s.phone.Activate(t.Context(), sms.Username, sms.Code))
	s.pages = newBrowser(t, s.url)
	s.pages.open("/phone/register")
	s.pages.submit("Registrera", "number", sms.Number)
	return s
}

func TestWhatTheAPISellsIsIssued(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	authorization, err := s.phone.Authorize(t.Context(), "key-1")
	require.NoError(t, err)
	s.pages.open("/phone/tickets")
	assert.Contains(t, s.pages.page, "inga biljetter", "R27: not before the capture")
	require.NoError(t, s.phone.Capture(t.Context(), "key-1", authorization, "Kundbesök"))
	require.NoError(t, s.phone.Capture(t.Context(), "key-1", authorization, "Kundbesök"), "R42: the same answer")
	require.Eventually(t, func() bool {
		s.pages.open("/phone/tickets")
		return strings.Contains(s.pages.page, "Enkelbiljett")
	}, time.Minute, 50*time.Millisecond)
	assert.Equal(t, 1, strings.Count(s.pages.page, "Enkelbiljett"))
	s.pages.open("/phone/tickets/" + authorization)
	assert.Contains(t, s.pages.text(), "22,00", "the catalog's price, and not the 0 that the phone has said")
	drifts, err := s.site.Audit(t.Context())
	require.NoError(t, err)
	assert.Zero(t, drifts)
}

func TestR38_APrivateCardBuysWithoutTheCompany(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.pages.open("/phone")
	s.pages.submit("Fortsätt")
	form, values := s.pages.form("Genomför köpet")
	require.NotEmpty(t, form)
	require.Equal(t, "card", values.Get("method"), "this phone has no other: the code was used in another one (R12)")
	s.pages.submit("Genomför köpet")
	require.Contains(t, s.pages.text(), "Giltig", "no purpose is asked for")
	balance, err := s.phone.Captured(t.Context())
	require.NoError(t, err)
	assert.Empty(t, balance)
}

func TestR42_AnOrderIsOneOrder(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.pages.open("/phone")
	s.pages.submit("Fortsätt")
	checkout := *s.pages
	for range 2 {
		again := checkout
		again.submit("Genomför köpet")
		require.Equal(t, http.StatusOK, again.status)
	}
	again := checkout
	again.submit("Genomför köpet", "zone", "J2")
	assert.Equal(t, http.StatusConflict, again.status)
	s.pages.open("/phone/tickets")
	assert.Equal(t, 1, strings.Count(s.pages.page, "Enkelbiljett"))
}

func TestR40_OtherPeoplesPagesAreNotThere(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.pages.open("/phone")
	s.pages.submit("Fortsätt")
	s.pages.submit("Genomför köpet")
	ticket := s.pages.at
	other := newBrowser(t, s.url)
	other.open("/phone/register")
	other.submit("Registrera", "number", "070-123 45 60")
	for _, path := range []string{ticket, strings.Replace(ticket, "tickets", "orders", 1), "/nowhere", "/samples/..%2fseed.go"} {
		other.do(http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, http.NoBody))
		assert.Equal(t, http.StatusNotFound, other.status, path)
	}
	admin := newBrowser(t, s.url)
	admin.open("/signin")
	admin.submit("Jag är Ada Ek")
	admin.open("/operator")
	assert.Equal(t, "/signin", admin.at, "an administrator is not the operator")
	admin.do(http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/api/office/companies", http.NoBody))
	assert.Equal(t, http.StatusForbidden, admin.status)
	newBrowser(t, s.url).open("/portal/") // redirected to sign in
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	b := start(t, app.Config{Folder: t.TempDir(), Clock: january()})
	visitor := newBrowser(t, b.url)
	visitor.open("/signin")
	visitor.submit("Jag är Ada Ek")
	for _, path := range []string{"/clock", "/signin", "/phone/register", "/portal/travelers/new", "/api/office/companies"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+path, strings.NewReader("step=hour"))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "cross-site")
		visitor.do(request, nil)
		assert.Equal(t, http.StatusForbidden, visitor.status, path)
	}
}

func TestThePagesAllowNothingForeign(t *testing.T) {
	t.Parallel()
	b := start(t, app.Config{Folder: t.TempDir(), Clock: january()})
	for _, path := range []string{"/", "/signin", "/apply", "/inbox", "/phone/register"} {
		answer, err := http.Get(b.url + path)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Contains(t, answer.Header.Get("Content-Security-Policy"), "default-src 'none'", path)
		assert.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"), path)
	}
	visitor := newBrowser(t, b.url)
	visitor.open("/apply")
	visitor.submit("Skicka ansökan", "name", strings.Repeat("x", 100_000))
	assert.Equal(t, http.StatusRequestEntityTooLarge, visitor.status)
	visitor.open("/")
	visitor.submit("Nästa timme", "step", "hour", "back", "//elsewhere.example/")
	assert.Equal(t, "/", visitor.at)
}

// TestR27_AnAbandonedReservationExpires moves the clock between "complete the
// purchase" and the purpose.
func TestR27_AnAbandonedReservationExpires(t *testing.T) {
	t.Parallel()
	b := start(t, app.Config{Folder: t.TempDir(), Clock: january()})
	admin, phone := newBrowser(t, b.url), newBrowser(t, b.url)
	admin.open("/signin")
	admin.submit("Jag är Ada Ek")
	admin.open("/portal/imports")
	admin.upload(`type="file"`, "file", "Förnamn;Efternamn;Mobilnummer;Kreditgräns\r\nAnna;Berg;070-123 45 67;500\r\n")
	admin.submit("fingerprint")
	connectTo(phone, "Exempelkommunen")
	for _, late := range []bool{false, true} {
		phone.open("/phone")
		phone.submit("Fortsätt")
		phone.submit("Genomför köpet")
		order := *phone
		if late {
			admin.open("/")
			admin.submit("Nästa timme", "step", "hour")
			order.submit("Skicka", "purpose", "Kundbesök")
			assert.Contains(t, order.text(), "tog för lång tid", "and no ticket")
		} else {
			order.submit("Avbryt köpet")
			assert.Contains(t, order.text(), "avbrutet")
		}
		balance(phone, "500,00")
	}
	phone.open("/phone/tickets")
	assert.Contains(t, phone.text(), "inga biljetter")
}

func TestR43_TheOperatorRefunds(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	authorization, err := s.phone.Authorize(t.Context(), "key-1")
	require.NoError(t, err)
	require.NoError(t, s.phone.Capture(t.Context(), "key-1", authorization, "Kundbesök"))
	staff := newBrowser(t, s.url)
	staff.open("/signin")
	staff.submit("Jag arbetar på")
	staff.click("Köp och återbetalningar")
	before := *staff
	for range 2 { // twice is once
		staff = &browser{t: t, client: before.client, base: before.base, page: before.page, at: before.at}
		staff.submit("Återbetala")
		require.Equal(t, http.StatusOK, staff.status)
	}
	assert.Contains(t, staff.text(), "-22,00")
	assert.Equal(t, 1, strings.Count(staff.text(), "-22,00"))
	drifts, err := s.site.Audit(t.Context())
	require.NoError(t, err)
	assert.Zero(t, drifts)
}

// TestR36_ARefusedInvoiceIsIssuedAnew takes the company's electronic address away
// until the month is closed.
func TestR36_ARefusedInvoiceIsIssuedAnew(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	admin, staff := newBrowser(t, s.url), newBrowser(t, s.url)
	admin.open("/signin")
	admin.submit("Jag är Ada Ek")
	staff.open("/signin")
	staff.submit("Jag arbetar på")
	address := func(id string) {
		admin.open("/portal/company")
		admin.submit("peppol", "peppol", id)
		require.Equal(t, http.StatusOK, admin.status)
	}
	address("")
	authorization, err := s.phone.Authorize(t.Context(), "key-1")
	require.NoError(t, err)
	require.NoError(t, s.phone.Capture(t.Context(), "key-1", authorization, "Kundbesök"))
	staff.submit("Nästa månad", "step", "month")
	require.Contains(t, staff.text(), "1 är nekade")
	require.Contains(t, staff.text(), "Buyer.PeppolID")
	staff.submit("Leverera igen", "how", "again")
	require.Contains(t, staff.text(), "1 är nekade", "nothing was mended")

	address("0007:2120000829")
	staff.submit("ställ ut på nytt", "how", "anew")
	require.Equal(t, http.StatusOK, staff.status, staff.page)
	assert.Contains(t, staff.text(), "Kreditfaktura")
	assert.Contains(t, staff.text(), "EXT-3")
	drifts, err := s.site.Audit(t.Context())
	require.NoError(t, err)
	assert.Zero(t, drifts)
}
