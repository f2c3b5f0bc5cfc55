package travel_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestR09_ConnectingSendsOneSMS(t *testing.T) {
	t.Parallel()
	k := setup(t)
	id := k.add(annas, travel.TravelerDetails{})
	req := travel.ConnectRequest{Company: k.company, Traveler: id, Key: "k1", Limit: kr("500"), Note: "Chefen"}
	first, err := k.Connect(k.ctx, k.admin, req)
	require.NoError(t, err)
	again, err := k.Connect(k.ctx, k.admin, req)
	require.NoError(t, err)
	assert.Equal(t, first, again, "R42 the same key sends once")
	sent := k.deliver()
	require.Len(t, sent, 1)
	assert.Equal(t, "+46701234567", sent[0].To.E164())
	assert.Contains(t, sent[0].Text, "Gäller 7 dagar")
	assert.Equal(t, 1, sms.Analyze(sent[0].Text).Segments)
	username, code := k.credentials()
	for _, personal := range []string{"Anna", "Andersson", "701234567"} {
		assert.NotContains(t, username+code, personal)
	}
	req.Limit = kr("501")
	_, err = k.Connect(k.ctx, k.admin, req)
	require.ErrorIs(t, err, travel.ErrKeyReused)

	req.Key, req.Language = "k2", language.English
	_, err = k.Connect(k.ctx, k.admin, req)
	require.NoError(t, err)
	sent = k.deliver()
	require.Len(t, sent, 2)
	assert.Contains(t, sent[1].Text, "Valid 7 days")
}

func TestR08_OneNumberIsOnePerson(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.add("070-123 45 67", travel.TravelerDetails{})
	for _, same := range []string{"0046701234567", "+46 (0)70 123 45 67"} {
		_, err := k.AddTraveler(k.ctx, k.admin, k.company, k.number(same), travel.TravelerDetails{FirstName: "B", LastName: "C"})
		var e *travel.DuplicateError
		require.ErrorAs(t, err, &e, same)
		assert.Equal(t, "Number", e.Field)
	}
	_, err := k.ParseNumber("08-123 45 67")
	require.ErrorIs(t, err, travel.ErrInvalid)
	assert.NotContains(t, err.Error(), "45 67")

	t.Run("R08 one phone, two employers", func(t *testing.T) {
		first := k.company
		k.connect(firstTraveler(k), "500")
		anna := k.activate(annas, "phone")
		k.company, k.admin = k.newCompany("Regionen")
		second := k.traveler2(annas, "800", "phone")
		list, err := k.Employers(k.ctx, anna.Number, "phone")
		require.NoError(t, err)
		require.Len(t, list, 2)
		assert.Equal(t, "500.00", k.available(anna))
		assert.Equal(t, "800.00", k.available(second))
		list, err = k.Employers(k.ctx, anna.Number, "another phone")
		require.NoError(t, err)
		assert.Empty(t, list)
		k.company = first
	})
}

func firstTraveler(k *kit) travel.TravelerID {
	list, err := k.Travelers(k.ctx, k.admin, k.company, travel.TravelerID{}, 1)
	require.NoError(k, err)
	require.Len(k, list, 1)
	return list[0].ID
}

// traveler2 is traveler on a given phone.
func (k *kit) traveler2(number, limit, device string) travel.Holder {
	k.Helper()
	k.connect(k.add(number, travel.TravelerDetails{}), limit)
	return k.activate(number, device)
}

func TestR10_TheCodeIsValidForSevenCalendarDays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ issued, last time.Time }{
		"winter":          {time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC), time.Date(2026, 1, 20, 11, 0, 0, 0, time.UTC)},
		"into summertime": {time.Date(2026, 3, 25, 11, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 10, 0, 0, 0, time.UTC)},
		"out of it":       {time.Date(2026, 10, 20, 10, 0, 0, 0, time.UTC), time.Date(2026, 10, 27, 11, 0, 0, 0, time.UTC)},
		"over leap day":   {time.Date(2028, 2, 25, 11, 0, 0, 0, time.UTC), time.Date(2028, 3, 3, 11, 0, 0, 0, time.UTC)},
	} {
		for _, late := range []bool{false, true} {
			t.Run("R10 "+name, func(t *testing.T) {
				t.Parallel()
				k := setup(t)
				k.clock.Set(c.issued)
				id := k.add(annas, travel.TravelerDetails{})
				k.connect(id, "500")
				username, code := k.credentials()
				at := c.last.Add(-time.Microsecond)
				if late {
					at = c.last
				}
				k.clock.Set(at)
				_, err := k.Activate(k.ctx, travel.ActivateRequest{Username: username, Code: code, Number: k.number(annas), Device: "d"})
				if !late {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, travel.ErrActivation, "the end is exclusive")
				v, err := k.Traveler(k.ctx, k.admin, k.company, id)
				require.NoError(t, err)
				assert.Equal(t, travel.CodeExpired, v.Code, "R13 R14 the administrator sees which it was")
			})
		}
	}
}

func TestR11_ExactlyUsernameCodeAndNumber(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.connect(k.add(annas, travel.TravelerDetails{}), "500")
	username, code := k.credentials()
	try := func(username, code, number string) error {
		_, err := k.Activate(k.ctx, travel.ActivateRequest{Username: username, Code: code, Number: k.number(number), Device: "d"})
		return err
	}
	require.Equal(t, travel.ErrActivation, try(username, code, "070-765 43 21"), "another number is refused")
	require.Equal(t, travel.ErrActivation, try(username, strings.Replace(code, code[:1], "0", 1), annas))
	require.NoError(t, try(" "+strings.ToLower(username)+" ", strings.ToLower(strings.ReplaceAll(code, "-", " ")), annas),
		"and the code is not consumed; typed in any case")
	require.Equal(t, travel.ErrActivation, try(username, code, annas), "R12 once")
}

func TestR12_ActivationLastsAndANewPhoneNeedsANewConnection(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	require.Nil(t, k.buy(anna, "200").Decline)
	k.clock.Set(january.End(k.zone).Add(time.Hour))
	require.NoError(t, k.SetLimit(k.ctx, k.admin, k.company, anna.Method.Traveler, kr("600")))
	require.Nil(t, k.buy(anna, "200").Decline, "over month ends, limit changes and purchases")

	other := anna
	other.Device = "new phone"
	declined(t, credit.OtherDevice, k.authorize(other, "1").Decline)
	k.connect(anna.Method.Traveler, "")
	declined(t, credit.NotConnected, k.authorize(anna, "1").Decline)
	fresh := k.activate(annas, "new phone")
	assert.Equal(t, "400.00", k.available(fresh), "limit and the month's spending stay")

	require.NoError(t, k.SetCeiling(k.ctx, k.operator, k.company, kr("300")))
	k.connect(anna.Method.Traveler, "")
	fresh = k.activate(annas, "third phone")
	assert.Equal(t, "100.00", k.available(fresh), "a limit above a maximum that came later is kept, and bounded by it")
}

func TestR13_ANewCodeVoidsTheOldOne(t *testing.T) {
	t.Parallel()
	k := setup(t)
	id := k.add(annas, travel.TravelerDetails{})
	k.connect(id, "500")
	username, code := k.credentials()
	k.connect(id, "")
	k.connect(id, "") // its SMS never leaves: the next one comes first
	newer, newest := k.credentials()
	sent := k.deliver()
	assert.Len(t, sent, 2, "a code that was replaced is never sent")
	try := func(u, c string) error {
		_, err := k.Activate(k.ctx, travel.ActivateRequest{Username: u, Code: c, Number: k.number(annas), Device: "d"})
		return err
	}
	require.Equal(t, travel.ErrActivation, try(username, code))
	require.NoError(t, try(newer, newest))
}

func TestR14_FiveAttemptsAndOneAnswer(t *testing.T) {
	t.Parallel()
	for _, right := range []int{5, 6} {
		k := setup(t)
		id := k.add(annas, travel.TravelerDetails{})
		k.connect(id, "500")
		username, code := k.credentials()
		for try := 1; try <= right; try++ {
			c := "AAAA-AAAA"
			if try == right {
				c = code
			}
			_, err := k.Activate(k.ctx, travel.ActivateRequest{Username: username, Code: c, Number: k.number(annas), Device: "d"})
			if try == right && right <= 5 {
				require.NoError(t, err, "the fifth attempt still counts")
				continue
			}
			require.Equal(t, travel.ErrActivation, err)
		}
		v, err := k.Traveler(k.ctx, k.admin, k.company, id)
		require.NoError(t, err)
		if right > 5 {
			assert.Equal(t, travel.CodeLocked, v.Code)
		} else {
			assert.Equal(t, travel.CodeUsed, v.Code)
		}
	}
	t.Run("R14 the same work for every wrong answer", func(t *testing.T) {
		k := setup(t)
		id := k.add(annas, travel.TravelerDetails{})
		k.connect(id, "500")
		username, code := k.credentials()
		k.connect(id, "500")
		void := travel.ActivateRequest{Username: username, Code: code, Number: k.number(annas), Device: "d"}
		unknown := void
		unknown.Username = "2222222"
		for name, req := range map[string]travel.ActivateRequest{"void": void, "unknown": unknown} {
			_, err := k.Activate(k.ctx, req)
			assert.Equal(t, travel.ErrActivation, err, name)
			assert.Equal(t, travel.ErrActivation.Error(), err.Error())
		}
	})
}

func TestR15_ANewMobileNumber(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.traveler(annas, "500")
	require.Nil(t, k.buy(anna, "200").Decline)
	open := k.authorize(anna, "100")
	k.connect(k.add("070-000 00 09", travel.TravelerDetails{}), "100")
	_, err := k.ChangeNumber(k.ctx, k.admin, travel.ChangeNumberRequest{
		Company: k.company, Traveler: anna.Method.Traveler, Key: k.key(), Number: k.number("070-000 00 09"),
	})
	require.ErrorIs(t, err, travel.ErrDuplicate)
	require.Equal(t, "200.00", k.available(anna), "nothing changed")

	req := travel.ChangeNumberRequest{
		Company: k.company, Traveler: anna.Method.Traveler, Key: k.key(), Number: k.number("073-999 88 77"), Connect: true,
	}
	for range 2 {
		_, err = k.ChangeNumber(k.ctx, k.admin, req)
		require.NoError(t, err)
	}
	declined(t, credit.NotConnected, k.authorize(anna, "1").Decline)
	declined(t, credit.NotConnected, k.capture(anna, open.Authorization).Decline)
	sent := k.deliver()
	assert.Equal(t, "+46739998877", sent[len(sent)-1].To.E164())
	fresh := k.activate("073-999 88 77", "phone")
	assert.Equal(t, "300.00", k.available(fresh), "the month's spending is carried over, the reservation is not")
}

func TestR44_ErasureLeavesTheMoney(t *testing.T) {
	t.Parallel()
	k := setup(t)
	id := k.add(annas, travel.TravelerDetails{FirstName: "Anna", LastName: "Andersson", Email: "a@b.example", EmployeeNumber: "40001"})
	k.connect(id, "500")
	anna := k.activate(annas, "phone")
	bought := k.buy(anna, "200")
	require.NoError(t, k.Erase(k.ctx, k.admin, k.company, id))

	_, err := k.Traveler(k.ctx, k.admin, k.company, id)
	require.ErrorIs(t, err, travel.ErrNotFound)
	list, err := k.Travelers(k.ctx, k.admin, k.company, travel.TravelerID{}, 10)
	require.NoError(t, err)
	assert.Empty(t, list)
	entries := k.entries(january)
	require.Len(t, entries, 1)
	assert.Equal(t, travel.Personal{}, entries[0].Personal)
	assert.Equal(t, "200.00", entries[0].Gross.String())
	_, err = k.Balance(k.ctx, anna)
	require.ErrorIs(t, err, travel.ErrNotFound)
	again := k.add(annas, travel.TravelerDetails{FirstName: "Ny", LastName: "Anna", EmployeeNumber: "40001"})
	assert.NotEqual(t, id, again, "number and employee number are free again")

	r, err := k.Refund(k.ctx, k.operator, travel.RefundRequest{Company: k.company, Key: k.key(), Authorization: bought.Authorization})
	require.NoError(t, err)
	assert.Nil(t, r.Decline, "the money can still be given back")
}

func TestDroppedKeyNeverMatchesAndTellsNothing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.connect(k.add(annas, travel.TravelerDetails{}), "500")
	username, code := k.credentials()
	other, err := sms.NewKeyRing(sms.Key{ID: "k2", Secret: []byte("another secret of 32 bytes or so...")})
	require.NoError(t, err)
	later, err := travel.New(travel.Config{Store: k.store, Keys: other, Clock: k.clock.Now, Zone: k.zone, CodeCost: 2})
	require.NoError(t, err)
	_, err = later.Activate(k.ctx, travel.ActivateRequest{Username: username, Code: code, Number: k.number(annas), Device: "d"})
	require.True(t, errors.Is(err, travel.ErrActivation), "%v", err)
}
