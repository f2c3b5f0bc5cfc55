package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/market"
	"github.com/tjansteresor/tjansteresor/adapters/sqlite"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// childVariable tells a child process what to do: "file company travelers limit"
// and ranges of orders "first end".
const childVariable = "SQLITE_TEST_CHILD"

// child is this test in a process of its own, which buys and prints what it asks
// and is told.
type child struct {
	*exec.Cmd
	start io.WriteCloser
	out   *bufio.Scanner
}

// startChild starts a process that buys orders from first to before end of each
// range, when it is told to.
func startChild(t *testing.T, m *market.Market, file string, orders ...int) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=100s")}
	what := fmt.Sprintln(file, m.Company, m.Travelers, int64(m.Limit), strings.Trim(fmt.Sprint(orders), "[]"))
	c.Env = append(os.Environ(), childVariable+"="+what)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	require.NoError(t, err)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	c.start, c.out = in, bufio.NewScanner(out)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill() })
	return c
}

// begin tells the process to buy.
func (c *child) begin(t *testing.T) {
	t.Helper()
	_, err := io.WriteString(c.start, "begin\n")
	require.NoError(t, err)
}

// asChild does what a child process does, and is false in the parent.
func asChild(t *testing.T) bool {
	what := os.Getenv(childVariable)
	if what == "" {
		return false
	}
	var file, company string
	var travelers, first, end int
	var limit credit.Amount
	rest := strings.NewReader(what)
	_, err := fmt.Fscan(rest, &file, &company, &travelers, &limit)
	require.NoError(t, err)
	var id travel.CompanyID
	require.NoError(t, id.UnmarshalText([]byte(company)))
	m, err := market.Join(newStore(t, openFile(t, file), sqlite.Options{}), id, travelers, limit)
	require.NoError(t, err)
	say("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	for {
		if _, err := fmt.Fscan(rest, &first, &end); err != nil {
			return true
		}
		buyAloud(t.Context(), m, market.Orders(first, end))
	}
}

// say prints a line at once and whole.
func say(parts ...any) { _, _ = os.Stdout.WriteString(fmt.Sprintln(parts...)) }

// buyAloud buys from several goroutines.
func buyAloud(ctx context.Context, m *market.Market, orders func() (int, bool)) {
	var callers sync.WaitGroup
	for range 6 {
		callers.Go(func() {
			for n, more := orders(); more; n, more = orders() {
				say("ask", n)
				if answer, err := m.Buy(ctx, n); err != nil {
					say("error", err)
				} else {
					say("answer", n, answer)
				}
			}
		})
	}
	callers.Wait()
}

// everything is more answers than there are.
const everything = 1 << 30

// listen notes what a child says until it has said a number of answers.
func (c *child) listen(t *testing.T, l *market.Ledger, answers int) {
	t.Helper()
	for answers > 0 && c.out.Scan() {
		what, rest, _ := strings.Cut(c.out.Text(), " ")
		number, answer, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(number)
		switch {
		case what == "error":
			assert.Fail(t, "an error reached a caller", rest)
		case err != nil: // "ready", and what package testing says
		case what == "ask":
			l.Ask(n)
		case what == "answer":
			assert.NoError(t, l.Answer(n, market.Answer(answer)))
			answers--
		}
	}
}

// visit opens a file, has a look, and closes it again.
func visit(t *testing.T, file string, look func(db *sql.DB, store *sqlite.Store)) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file)
	require.NoError(t, err)
	store, err := sqlite.New(db, sqlite.Options{})
	require.NoError(t, err)
	look(db, store)
	require.NoError(t, store.Close())
	require.NoError(t, db.Close())
}

// setUpMarket opens a market in a new file, and closes the file.
func setUpMarket(t *testing.T, file string, travelers int, limit credit.Amount) (m *market.Market) {
	t.Helper()
	visit(t, file, func(db *sql.DB, store *sqlite.Store) {
		err := sqlite.Migrate(t.Context(), db, sqlite.Options{})
		require.NoError(t, err)
		m, err = market.Open(t.Context(), store, travelers, limit)
		require.NoError(t, err)
	})
	return m
}

// TestI2I3_ProcessKilled: a process that buys is killed, again and again. Nothing
// that it had acknowledged is lost, what it had not is resolved by its key, and
// the file is whole.
func TestI2I3_ProcessKilled(t *testing.T) {
	if asChild(t) {
		return
	}
	t.Parallel()
	const kills = 20
	ctx, file := faultContext(t), newFile(t)
	setUp := setUpMarket(t, file, 7, 15_000_00)
	var ledger market.Ledger
	// look checks what is in the file; nobody else has it open.
	look := func(check func(m *market.Market) error) {
		visit(t, file, func(db *sql.DB, store *sqlite.Store) {
			m, err := setUp.Join(store)
			require.NoError(t, err)
			require.NoError(t, check(m))
			integrity(t, db)
		})
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range kills {
		c := startChild(t, setUp, file, i*10_000, (i+1)*10_000)
		c.begin(t)
		c.listen(t, &ledger, 1+random.IntN(60))
		require.NoError(t, c.Process.Kill())
		c.listen(t, &ledger, everything) // what it had said before
		require.Error(t, c.Wait())
		if i%3 == 0 { // else the next process finds the file as it was left
			look(func(m *market.Market) error { return m.Holds(ctx, &ledger) })
		}
	}
	unknown := ledger.Unanswered()
	t.Logf("%d kills, %d answers, %d unknown", kills, ledger.Answered(), len(unknown))
	assert.NotEmpty(t, unknown)
	look(func(m *market.Market) error {
		for _, n := range unknown {
			require.NoError(t, m.Insist(ctx, &ledger, n))
		}
		return m.Check(ctx, &ledger)
	})
}

// TestI1I3_TwoProcesses: two processes buy for the same travelers, some of it
// under the same keys. The limit holds, each key has one answer, and that the
// file was busy reaches no caller.
func TestI1I3_TwoProcesses(t *testing.T) {
	if asChild(t) {
		return
	}
	t.Parallel()
	const same, own = 60, 150
	ctx, file := faultContext(t), newFile(t)
	setUp := setUpMarket(t, file, 3, 500_00)
	children := []*child{
		startChild(t, setUp, file, 0, same, 1000, 1000+own),
		startChild(t, setUp, file, 0, same, 2000, 2000+own),
	}
	ledgers := make([]market.Ledger, len(children))
	for _, c := range children {
		require.True(t, c.out.Scan() && c.out.Text() == "ready")
	}
	for _, c := range children {
		c.begin(t)
	}
	var all market.Ledger
	for i, c := range children {
		c.listen(t, &ledgers[i], everything)
		require.NoError(t, c.Wait())
		assert.Equal(t, same+own, ledgers[i].Answered())
		require.NoError(t, all.Merge(&ledgers[i]))
	}
	t.Logf("%d of %d orders bought", all.Bought(), all.Answered())
	assert.Equal(t, same+2*own, all.Answered())
	assert.Less(t, all.Bought(), all.Answered(), "the limit is reached")
	visit(t, file, func(db *sql.DB, store *sqlite.Store) {
		m, err := setUp.Join(store)
		require.NoError(t, err)
		assert.NoError(t, m.Check(ctx, &all))
		integrity(t, db)
	})
}
