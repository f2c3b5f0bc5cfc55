package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"database/sql"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/examples/transitbackend/client"
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

// process is the binary as it runs.
type process struct {
	t       *testing.T
	command *exec.Cmd
	address string
}

var opened = regexp.MustCompile(`Open http://(\S+) `)

// launch starts the binary and waits until it listens.
func launch(t *testing.T, binary string, args ...string) *process {
	t.Helper()
	p := &process{t: t, command: exec.Command(binary, args...)}
	p.command.Stderr = os.Stderr
	out, err := p.command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.command.Start())
	t.Cleanup(func() { _ = p.command.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	found := opened.FindStringSubmatch(line)
	require.NotNil(t, found, line)
	p.address = found[1]
	return p
}

// terminate sends SIGTERM, and wants a clean end.
func (p *process) terminate() {
	p.t.Helper()
	require.NoError(p.t, p.command.Process.Signal(syscall.SIGTERM))
	assert.NoError(p.t, p.command.Wait())
}

// attempt is a purchase of which no answer came.
type attempt struct {
	phone *client.Phone
	key   string
}

// sales is what phones know of what they have bought.
type sales struct {
	lock         sync.Mutex
	acknowledged map[*client.Phone][]string
	unanswered   []attempt
	count        atomic.Int64
}

// buy buys with a phone until there is no answer any more.
func (s *sales) buy(ctx context.Context, p *client.Phone) {
	for {
		key := rand.Text()
		authorization, err := p.Authorize(ctx, key)
		if err == nil {
			err = p.Capture(ctx, key, authorization, "Kundbesök")
		}
		s.lock.Lock()
		if err == nil {
			s.acknowledged[p] = append(s.acknowledged[p], authorization)
			s.count.Add(1)
		} else {
			s.unanswered = append(s.unanswered, attempt{p, key})
		}
		s.lock.Unlock()
		if err != nil {
			return
		}
	}
}

// activated waits for the SMS and puts them into phones.
func activated(t *testing.T, site *client.Site, count int) (list []*client.Phone) {
	t.Helper()
	var messages []client.SMS
	require.Eventually(t, func() (arrived bool) {
		var err error
		messages, err = site.Inbox(t.Context(), 0)
		return err == nil && len(messages) >= count
	}, time.Minute, 100*time.Millisecond)
	for _, m := range messages[:count] {
		p, err := site.Register(t.Context(), m.Number)
		require.NoError(t, err)
		require.NoError(t, p.Activate(t.Context(), m.Username, m.Code))
		list = append(list, p)
	}
	return list
}

// TestI2_NothingAcknowledgedIsLostOnSIGTERM stops the binary while phones buy, and
// compares what they were told with what is there when it runs again.
func TestI2_NothingAcknowledgedIsLostOnSIGTERM(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "transitbackend")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		stopWhileBuying(t, binary, "sqlite", "file:"+filepath.Join(folder, "transitbackend.db"), "-data", folder)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		url := pg.Database(t)
		stopWhileBuying(t, binary, "pgx", url, "-data", t.TempDir(), "-db", url)
	})
}

func stopWhileBuying(t *testing.T, binary, driver, database string, args ...string) {
	const phones, enough = 8, 100
	args = append(args, "-crowd", "8", "-unlimited")
	first := launch(t, binary, append(args, "-addr", "127.0.0.1:0")...)
	site := client.New("http://"+first.address, phones)
	defer site.Close()
	sold := &sales{acknowledged: map[*client.Phone][]string{}}
	var buyers sync.WaitGroup
	for _, p := range activated(t, site, phones) {
		buyers.Go(func() { sold.buy(t.Context(), p) })
	}
	require.Eventually(t, func() bool { return sold.count.Load() >= enough }, time.Minute, 5*time.Millisecond)
	first.terminate()
	buyers.Wait()
	require.Len(t, sold.unanswered, phones, "every phone was in the middle of something")

	second := launch(t, binary, append(args, "-addr", first.address)...)
	for p, told := range sold.acknowledged {
		captured, err := p.Captured(t.Context())
		require.NoError(t, err)
		for _, authorization := range told {
			assert.Contains(t, captured, authorization)
		}
		assert.LessOrEqual(t, len(captured), len(told)+1, "at most the one without an answer is there besides")
	}
	for _, a := range sold.unanswered { // repeating the key tells how it ended (I3)
		authorization, err := a.phone.Authorize(t.Context(), a.key)
		if err == nil {
			err = a.phone.Capture(t.Context(), a.key, authorization, "Kundbesök")
		}
		require.NoError(t, err)
		sold.acknowledged[a.phone] = append(sold.acknowledged[a.phone], authorization)
	}
	drifts, err := site.Audit(t.Context())
	require.NoError(t, err)
	assert.Zero(t, drifts)
	site.Close()
	second.terminate()
	assert.Empty(t, missing(t, driver, database, sold.acknowledged))
}

// missing are the purchases without a ticket.
func missing(t *testing.T, driver, database string, told map[*client.Phone][]string) (list []string) {
	t.Helper()
	db, err := sql.Open(driver, database)
	require.NoError(t, err)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(),
		`SELECT o."authorization" FROM orders o JOIN tickets t ON t.order_id = o.id WHERE o.state = 'issued'`)
	require.NoError(t, err)
	defer rows.Close()
	var issued []string
	for rows.Next() {
		var id string
		require.NoError(t, rows.Scan(&id))
		issued = append(issued, id)
	}
	require.NoError(t, rows.Err())
	total := 0
	for _, ids := range told {
		total += len(ids)
		for _, id := range ids {
			if !slices.Contains(issued, id) {
				list = append(list, id)
			}
		}
	}
	assert.Len(t, issued, total, "and no ticket that nobody bought")
	return list
}

func TestRunSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	assert.Error(t, run(t.Context(), []string{"-nonsense"}, os.Stdout, io.Discard))
	err := run(t.Context(), []string{"-data", t.TempDir(), "-db", "postgres://user:hemligt@127.0.0.1:1/x?connect_timeout=1"}, os.Stdout, io.Discard)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "hemligt")
}
