package proof

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tjansteresor/tjansteresor/travel"
)

// letter is one SMS with a username and a code, as the model knows it.
type letter struct {
	credentials
	to         *member
	connection travel.ConnectionID
	issued     time.Time
	// tries counts every attempt with the username.
	tries      int
	used, void bool
}

// member is a traveler with the codes that were sent.
type member struct {
	firm   firm
	id     travel.TravelerID
	number travel.PhoneNumber
	newest *letter
	// limited tells that there is a limit to connect with.
	limited bool
}

// valid tells whether the code can be used at an instant. Maybe is for the hour
// that the local clock skips or shows twice: there the rule has two readings.
func (l *letter) valid(at time.Time) (yes, maybe bool) {
	if l.used || l.void || l.tries >= 5 {
		return false, false
	}
	from, to := l.end()
	return at.Before(from), !at.Before(from) && at.Before(to)
}

// end returns the instant at which the code ends (R10): when the wall clock
// shows what it showed 7 calendar days before.
func (l *letter) end() (from, to time.Time) {
	wall := l.issued.In(zone)
	shown := func(offset int) time.Time {
		return time.Date(wall.Year(), wall.Month(), wall.Day()+7, wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(),
			time.FixedZone("", offset))
	}
	winter, summer := shown(3600), shown(7200)
	_, now := summer.In(zone).Zone()
	_, later := winter.In(zone).Zone()
	switch {
	case now == later && now == 3600:
		return winter, winter
	case now == later:
		return summer, summer
	}
	return summer, winter
}

// desk issues and tries codes.
type desk struct {
	*world
	members []*member
	letters []*letter
	numbers []travel.PhoneNumber
	tally   *tally
}

func newDesk(t *rapid.T, c *tally) *desk {
	d := &desk{world: newWorld(t, beginning(t)), tally: c}
	for range 4 {
		d.numbers = append(d.numbers, d.number())
	}
	// The first number works for two employers (R08).
	a, b := d.company("Kommunen"), d.company("Regionen")
	for i, m := range []*member{{firm: a, number: d.numbers[0]}, {firm: a, number: d.numbers[1]}, {firm: b, number: d.numbers[0]}} {
		m.id = d.person(m.firm, m.number, travel.TravelerDetails{FirstName: "Anna", LastName: fmt.Sprint(i)})
		d.members = append(d.members, m)
	}
	return d
}

func (d *desk) on(t *rapid.T) time.Time {
	d.tester = t
	return d.clock.Now()
}

// posted adds a letter, which voids the one before.
func (d *desk) posted(m *member, c travel.ConnectionID, at time.Time) {
	l := &letter{credentials: d.store.sent(c), to: m, connection: c, issued: at}
	require.NotEmpty(d, l.code, "no SMS")
	d.letters = append(d.letters, l)
	m.end()
	m.newest, m.limited = l, true
}

// end voids the code that is not used yet.
func (m *member) end() {
	if m.newest != nil && !m.newest.used {
		m.newest.void = true
	}
}

// issue connects, or connects anew.
func (d *desk) issue(t *rapid.T) {
	now := d.on(t)
	m := one(t, "member", d.members)
	c, err := d.Connect(d.ctx, m.firm.admin, travel.ConnectRequest{Company: m.firm.id, Traveler: m.id, Key: d.key(), Limit: kr(50_000)})
	require.NoError(d, err)
	d.posted(m, c, now)
}

// issueAtOnce connects several times at the same time: one of them is the
// newest.
func (d *desk) issueAtOnce(t *rapid.T) {
	now := d.on(t)
	m := one(t, "member", d.members)
	made := make([]travel.ConnectionID, rapid.IntRange(2, 4).Draw(t, "administrators"))
	var wg sync.WaitGroup
	for i := range made {
		req := travel.ConnectRequest{Company: m.firm.id, Traveler: m.id, Key: d.key(), Limit: kr(50_000)}
		wg.Go(func() {
			var err error
			made[i], err = d.Connect(d.ctx, m.firm.admin, req)
			assert.NoError(d, err)
		})
	}
	wg.Wait()
	newest := d.connection(m)
	require.Contains(d, made, newest)
	for _, c := range made {
		if c != newest {
			d.posted(m, c, now)
		}
	}
	d.posted(m, newest, now)
}

// connection reads the newest connection.
func (d *desk) connection(m *member) (id travel.ConnectionID) {
	require.NoError(d, d.store.View(d.ctx, func(tx travel.Tx) error {
		t, err := tx.Traveler(d.ctx, m.firm.id, m.id)
		id = t.Connection.ID
		return err
	}))
	return id
}

// renumber gives another number, or one that a colleague has.
func (d *desk) renumber(t *rapid.T) {
	now := d.on(t)
	m, n, connect := one(t, "member", d.members), one(t, "number", d.numbers), chance(t, "connect", 2)
	before := d.dump()
	c, err := d.ChangeNumber(d.ctx, m.firm.admin, travel.ChangeNumberRequest{
		Company: m.firm.id, Traveler: m.id, Key: d.key(), Number: n, Connect: connect,
	})
	for _, other := range d.members {
		if other != m && other.firm.id == m.firm.id && other.number == n {
			require.ErrorIs(d, err, travel.ErrDuplicate)
			d.unchanged(before)
			return
		}
	}
	if connect && !m.limited {
		require.Error(d, err, "there is no limit to connect with")
		d.unchanged(before)
		return
	}
	require.NoError(d, err)
	if m.number != n {
		m.end()
	}
	m.number = n
	if connect {
		d.posted(m, c, now)
	}
}

// disconnect takes the access away.
func (d *desk) disconnect(t *rapid.T) {
	d.on(t)
	m := one(t, "member", d.members)
	require.NoError(d, d.RemoveLimit(d.ctx, m.firm.admin, m.firm.id, m.id))
	m.end()
	m.limited = false
}

// replace erases a person and puts another on record with the same number.
func (d *desk) replace(t *rapid.T) {
	d.on(t)
	m := one(t, "member", d.members)
	require.NoError(d, d.Erase(d.ctx, m.firm.admin, m.firm.id, m.id))
	m.end()
	m.id = d.person(m.firm, m.number, travel.TravelerDetails{FirstName: "Bo", LastName: "Berg"})
	m.newest, m.limited = nil, false
}

// typed writes a code as somebody types it.
func typed(t *rapid.T, s string) string {
	switch choose(t, "typed", "as it is", "small", "spaces", "no hyphen", "dash", "wide") {
	case "small":
		return strings.ToLower(s)
	case "spaces":
		return "  " + strings.Join(strings.Split(s, ""), " ") + "\t"
	case "no hyphen":
		return strings.ReplaceAll(s, "-", "")
	case "dash":
		return strings.ReplaceAll(s, "-", "\u2013")
	case "wide":
		return strings.Map(func(r rune) rune { return r - '!' + '\uff01' }, s)
	}
	return s
}

// mistake draws what is wrong with an attempt, mostly nothing.
func (d *desk) mistake(t *rapid.T, l *letter, req *travel.ActivateRequest) (right bool) {
	switch choose(t, "mistake", "none", "none.", "none..", "code", "short", "other's code", "username", "other's username", "number") {
	case "code":
		req.Code = "2222-2222"
	case "short":
		req.Code = l.code[:4]
	case "other's code":
		req.Code = one(t, "other", d.letters).code
	case "username":
		req.Username = "2222222"
	case "other's username":
		req.Username = one(t, "other", d.letters).username
	case "number":
		req.Number = one(t, "number", d.numbers)
	}
	return req.Code == l.code && req.Username == l.username && req.Number == l.to.number && l == l.to.newest
}

// letter draws one, mostly one that still opens something.
func (d *desk) letter(t *rapid.T, now time.Time) *letter {
	var good []*letter
	for _, l := range d.letters {
		if yes, _ := l.valid(now); yes && l == l.to.newest {
			good = append(good, l)
		}
	}
	if len(good) > 0 && !chance(t, "any", 3) {
		return one(t, "good letter", good)
	}
	return recent(t, "letter", d.letters)
}

// try makes one attempt.
func (d *desk) try(t *rapid.T) {
	now := d.on(t)
	l := d.letter(t, now)
	req := travel.ActivateRequest{Username: l.username, Code: l.code, Number: l.to.number, Device: "phone"}
	right := d.mistake(t, l, &req)
	yes, maybe := l.valid(now)
	for _, other := range d.letters {
		if other.username == req.Username {
			other.tries++
		}
	}
	req.Username, req.Code = typed(t, req.Username), typed(t, req.Code)
	before := d.dump()
	m, err := d.Activate(d.ctx, req)
	if right && maybe {
		yes = err == nil
	}
	if !right || !yes {
		d.refused(err, before)
		return
	}
	require.NoError(d, err)
	d.tally.count("activated")
	l.used = true
	assert.Equal(d, travel.PaymentMethod{Company: l.to.firm.id, Traveler: l.to.id, Connection: l.connection}, m)
}

// refused checks that a wrong attempt has the one answer, and has changed
// nothing but the count of attempts.
func (d *desk) refused(err error, before []dump) {
	d.Helper()
	require.True(d, err == travel.ErrActivation, "%v", err) //nolint:errorlint // not even a wrapped one may differ
	d.tally.count("refused")
	for _, part := range differences(before, d.dump()) {
		assert.True(d, strings.HasSuffix(part, "Credentials"), "%s has changed", part)
	}
}

// guess tries wrong codes, one after the other.
func (d *desk) guess(t *rapid.T) {
	now := d.on(t)
	l := d.letter(t, now)
	for range rapid.IntRange(1, 5).Draw(t, "guesses") {
		_, err := d.Activate(d.ctx, travel.ActivateRequest{Username: l.username, Code: "2222-2222", Number: l.to.number, Device: "phone"})
		l.tries++
		require.ErrorIs(d, err, travel.ErrActivation)
	}
}

// rush tries the same right code on several phones at the same time: one of
// them gets it, if it can be used.
func (d *desk) rush(t *rapid.T) {
	now := d.on(t)
	l := d.letter(t, now)
	errs := make([]error, rapid.IntRange(2, 6).Draw(t, "phones"))
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = d.Activate(d.ctx, travel.ActivateRequest{
				Username: l.username, Code: l.code, Number: l.to.number, Device: fmt.Sprintf("phone %d", i),
			})
		})
	}
	wg.Wait()
	yes, maybe := l.valid(now)
	l.tries += len(errs)
	succeeded := 0
	for _, err := range errs {
		if err == nil {
			succeeded++
			continue
		}
		require.ErrorIs(d, err, travel.ErrActivation)
	}
	want := 0
	if l == l.to.newest && (yes || maybe && succeeded > 0) {
		want, l.used = 1, true
		d.tally.count("rushed")
	}
	require.Equal(d, want, succeeded, "phones that were activated")
}

// tick moves the clock, often to the end of a code.
func (d *desk) tick(t *rapid.T) {
	now := d.on(t)
	var marks []time.Time
	for _, m := range d.members {
		if m.newest != nil {
			from, to := m.newest.end()
			marks = append(marks, from, to)
		}
	}
	d.clock.Set(moment(t, now, marks...))
}

// compare compares what administrators see of the newest codes.
func (d *desk) compare(t *rapid.T) {
	now := d.on(t)
	for _, m := range d.members {
		v, err := d.Traveler(d.ctx, m.firm.admin, m.firm.id, m.id)
		require.NoError(d, err)
		if m.newest == nil {
			assert.Equal(d, travel.CodeNone, v.Code)
			continue
		}
		assert.Contains(d, m.newest.states(now), v.Code)
		assert.Equal(d, m.newest.tries, v.CodeAttempts)
		from, to := m.newest.end()
		assert.False(d, v.CodeExpiresAt.Before(from) || v.CodeExpiresAt.After(to), "expires at %s", v.CodeExpiresAt)
	}
}

// states are those that would be right to show.
func (l *letter) states(now time.Time) []travel.CodeState {
	var list []travel.CodeState
	if l.used {
		list = append(list, travel.CodeUsed)
	}
	if l.void {
		list = append(list, travel.CodeVoid)
	}
	if l.tries >= 5 {
		list = append(list, travel.CodeLocked)
	}
	from, to := l.end()
	if !now.Before(from) {
		list = append(list, travel.CodeExpired)
	}
	if len(list) == 0 || len(list) == 1 && list[0] == travel.CodeExpired && now.Before(to) {
		list = append(list, travel.CodeOpen)
	}
	return list
}

// TestI4 holds R10 to R15: a code activates at most once, never late, never
// after a newer one, never for another number; and nobody learns why not.
func TestI4(t *testing.T) {
	t.Parallel()
	var c tally
	defer func() { t.Log(&c) }()
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(t, &c)
		t.Repeat(weigh(func(t *rapid.T) {
			c.count("steps")
			d.compare(t)
		}, map[string]action{
			"connect": {4, d.issue}, "connect at once": {1, d.issueAtOnce}, "change number": {2, d.renumber},
			"remove limit": {1, d.disconnect}, "replace": {1, d.replace},
			"try": {10, d.try}, "guess": {2, d.guess}, "rush": {1, d.rush}, "clock": {4, d.tick},
		}))
	})
}
