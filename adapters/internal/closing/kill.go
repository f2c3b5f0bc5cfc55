package closing

import (
	"bufio"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Database says how to get at a store.
type Database struct {
	// New makes a database with tables and returns what Open is given.
	New func(t testing.TB) string
	// Open opens a store on it, in any process, and returns what closes it.
	Open func(t testing.TB, name string) (Store, func())
}

var january = credit.NewMonth(2026, time.January)

// closingTime is when a month can be closed.
func closingTime(m credit.Month) time.Time { return m.End(time.UTC).Add(80 * time.Hour) }

// childVariable tells a child process the month to close and the database.
const childVariable = "CLOSING_TEST_CHILD"

// Kill closes two months, in processes that are killed again and again, now and
// then two at the same time. What was issued when they died stays as it was, and
// in the end each company has its documents once (R35), with numbers that have
// no gaps (R36). It runs the test that calls it in these processes.
func Kill(t *testing.T, db Database) {
	if asChild(t, db) {
		return
	}
	ctx := t.Context()
	name := db.New(t)
	var b *books
	visit(t, db, name, time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC), func(o *office) (err error) {
		b, err = o.fill(ctx, january, 40)
		return err
	})
	k := killer{T: t, db: db, name: name, books: b, random: rand.New(rand.NewPCG(1, 2)), out: issued{}}
	k.close(january, 8)
	visit(t, db, name, time.Date(2026, 2, 10, 11, 0, 0, 0, time.UTC), func(o *office) error { return o.goOn(ctx, b, january+1) })
	k.close(january+1, 5)
	visit(t, db, name, closingTime(january+1), func(o *office) error { return o.check(ctx, b, k.out, january+1) })
	t.Logf("%d processes killed, %d documents, %d of them by these", k.killed, len(k.out), k.early)
	if k.early == 0 || k.killed < 8 {
		t.Error("hardly a process was killed in the middle")
	}
}

// visit opens a database, does something, and closes it again: between visits
// nobody has it open.
func visit(t *testing.T, db Database, name string, at time.Time, do func(o *office) error) {
	t.Helper()
	store, done := db.Open(t, name)
	defer done()
	o, err := openOffice(store, at)
	if err == nil {
		err = do(o)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// killer kills those who close.
type killer struct {
	*testing.T
	db     Database
	name   string
	books  *books
	random *rand.Rand
	// out is what was issued, and early how much of it by those that were
	// killed.
	out           issued
	killed, early int
}

// close closes a month in rounds of killed processes, then in peace.
func (k *killer) close(m credit.Month, rounds int) {
	k.Helper()
	for round := range rounds {
		k.round(m, 1+round%3/2)
		visit(k.T, k.db, k.name, closingTime(m), func(o *office) error {
			before := len(k.out)
			err := k.look(o, m)
			k.early += len(k.out) - before
			return err
		})
	}
	visit(k.T, k.db, k.name, closingTime(m), func(o *office) error {
		for range 2 { // the second time there is nothing to do
			report, err := o.bills.CloseDue(k.Context())
			if err != nil {
				return err
			}
			if len(report.Aside) > 0 {
				k.Errorf("%d companies were set aside", len(report.Aside))
			}
			if err := k.look(o, m); err != nil {
				return err
			}
		}
		return k.books.compare(k.out)
	})
}

// look sees what is out, and that what was out before is as it was.
func (k *killer) look(o *office, m credit.Month) error {
	all, err := o.issued(k.Context(), k.books, m)
	if err == nil {
		err = all.keeps(k.out)
	}
	k.out = all
	return err
}

// round lets processes close and kills one after the other.
func (k *killer) round(m credit.Month, processes int) {
	k.Helper()
	var children []*child
	for range processes {
		children = append(children, k.start(m))
	}
	for _, c := range children {
		c.listen(k.T, 1) // it is ready
	}
	for _, c := range children {
		_ = c.begin.Close()
	}
	for _, c := range children {
		c.listen(k.T, 1+k.random.IntN(60))
		_ = c.Process.Kill()
		c.listen(k.T, 1<<30) // what it had said before
		if c.Wait() != nil && !c.closed {
			k.killed++
		}
	}
}

// child is a process that closes a month, and says so at each step.
type child struct {
	*exec.Cmd
	begin  io.Closer
	out    *bufio.Scanner
	closed bool
}

func (k *killer) start(m credit.Month) *child {
	k.Helper()
	c := &child{Cmd: exec.Command(os.Args[0], "-test.run=^"+k.Name()+"$", "-test.timeout=60s")}
	c.Env = append(os.Environ(), childVariable+"="+m.String()+" "+k.name)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		k.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		k.Fatal(err)
	}
	c.begin, c.out = in, bufio.NewScanner(out)
	k.Cleanup(func() { _ = c.Process.Kill() })
	return c
}

// listen waits for a number of steps, or the end.
func (c *child) listen(t *testing.T, steps int) {
	t.Helper()
	for steps > 0 && c.out.Scan() {
		switch what, rest, _ := strings.Cut(c.out.Text(), " "); what {
		case "step":
			steps--
		case "closed":
			c.closed = true
		case "error":
			t.Errorf("a close failed: %s", rest)
		}
	}
}

// say prints a line at once and whole.
func say(line string) { _, _ = os.Stdout.WriteString(line + "\n") }

// asChild does what a child process does, and is false in the parent.
func asChild(t *testing.T, db Database) bool {
	month, name, child := strings.Cut(os.Getenv(childVariable), " ")
	if !child {
		return false
	}
	m, err := credit.ParseMonth(month)
	if err != nil {
		t.Fatal(err)
	}
	store, done := db.Open(t, name)
	defer done()
	o, err := openOffice(aloud{store}, closingTime(m))
	if err != nil {
		t.Fatal(err)
	}
	say("step")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if _, err := o.bills.CloseDue(t.Context()); err != nil {
		say("error " + strings.ReplaceAll(err.Error(), "\n", " "))
	}
	say("closed")
	return true
}

// aloud says before and after what a close does.
type aloud struct{ Store }

func (s aloud) UpdateInvoices(ctx context.Context, do func(tx invoice.Tx) error) error {
	say("step")
	err := s.Store.UpdateInvoices(ctx, func(tx invoice.Tx) error { return do(aloudTx{tx}) })
	say("step")
	return err
}

// aloudTx says what is about to be written.
type aloudTx struct{ invoice.Tx }

func (t aloudTx) SaveCompany(ctx context.Context, c travel.Company) error {
	say("step")
	return t.Tx.SaveCompany(ctx, c)
}

func (t aloudTx) SaveClose(ctx context.Context, c invoice.Close) error {
	say("step")
	return t.Tx.SaveClose(ctx, c)
}

func (t aloudTx) NextNumber(ctx context.Context, series string) (int64, error) {
	say("step")
	return t.Tx.NextNumber(ctx, series)
}

func (t aloudTx) InsertDocument(ctx context.Context, d invoice.Document) error {
	say("step")
	return t.Tx.InsertDocument(ctx, d)
}
