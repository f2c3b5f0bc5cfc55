package postgres_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/internal/market"
	"github.com/tjansteresor/tjansteresor/adapters/postgres"
	"github.com/tjansteresor/tjansteresor/travel"
)

// ways are those to make a store on a database.
var ways = map[string]struct {
	// few of a hundred round trips are cut ahead of a COMMIT: a transaction has
	// some thirty over database/sql, as long as its connection is new, and four
	// over pgx.
	few  int
	open func(t *testing.T, url string) *postgres.Store
}{
	"pool": {20, func(t *testing.T, url string) *postgres.Store {
		config, err := pgxpool.ParseConfig(url)
		require.NoError(t, err)
		config.MaxConns = 6
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		require.NoError(t, err)
		t.Cleanup(pool.Close)
		return newStore(t, pool, postgres.Options{})
	}},
	"database/sql": {3, func(t *testing.T, url string) *postgres.Store {
		store, err := postgres.NewDB(openDB(t, url), postgres.Options{})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, store.Close()) })
		return store
	}},
}

// openMarket opens a market on a database, in which nobody reaches the limit.
func openMarket(t *testing.T, url string) *market.Market {
	t.Helper()
	m, err := market.Open(t.Context(), newStore(t, openPool(t, url), postgres.Options{}), 7, 15_000_00)
	require.NoError(t, err)
	return m
}

// faultTime is far more than any of these tests takes.
const faultTime = 90 * time.Second

func faultContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), faultTime)
	t.Cleanup(cancel)
	return ctx
}

// TestI1I2I3_ConnectionCut: connections break around COMMITs, many callers buy
// and repeat their keys, and each purchase ends exactly once. An outcome is
// unknown only when a COMMIT was sent.
func TestI1I2I3_ConnectionCut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		// cut says when, given whether there is a COMMIT a number below 100,
		// and how many of these are few.
		cut func(commit bool, dice, few int) moment
		// unknown and known are whether an error may be of either kind.
		unknown, known bool
		impatient      bool
	}{
		"before a COMMIT is sent": {cut: func(commit bool, dice, few int) moment {
			if commit || dice >= few {
				return never
			}
			return early
		}},
		"the COMMIT does not arrive": {unknown: true, cut: func(commit bool, dice, few int) moment {
			if !commit || dice >= 40 {
				return never
			}
			return before
		}},
		"the answer does not arrive": {unknown: true, cut: func(commit bool, dice, few int) moment {
			if !commit || dice >= 60 {
				return never
			}
			return racing + moment(dice)%3
		}},
		"any of these, and callers who leave": {unknown: true, known: true, impatient: true, cut: func(commit bool, dice, few int) moment {
			switch {
			case !commit && dice < few:
				return early
			case commit && dice < 60:
				return before + moment(dice)%4
			}
			return never
		}},
	} {
		for by, way := range ways {
			t.Run(name+"/"+by, func(t *testing.T) {
				t.Parallel()
				const callers, orders = 12, 100
				ctx, url := faultContext(t), pg.Database(t)
				m := openMarket(t, url)
				crowd := &crowd{}
				random := rand.New(rand.NewPCG(1, 2))
				p, url := newProxy(t, url, func(commit bool) moment {
					if commit && c.impatient {
						crowd.leaves()
					}
					return c.cut(commit, random.IntN(100), way.few)
				})
				faulty, err := m.Join(way.open(t, url))
				require.NoError(t, err)
				if c.impatient {
					faulty.Attempt = crowd.waits
				}

				var ledger market.Ledger
				require.NoError(t, faulty.Rush(ctx, &ledger, callers, market.Orders(0, orders)))
				unknown, known := 0, 0
				for _, err := range ledger.Failures() {
					assert.Empty(t, m.Leak(err), "I7")
					if errors.Is(err, travel.ErrUnknownOutcome) {
						unknown++
						assert.True(t, c.unknown, "no COMMIT was sent: %v", err)
					} else {
						known++
						// What begins on a connection that broke before has sent none.
						assert.True(t, c.known || strings.HasPrefix(err.Error(), "begin: "), "a COMMIT was sent: %v", err)
					}
				}
				cuts := 0
				for when := early; when < moments; when++ {
					cuts += int(p.cuts[when].Load())
				}
				t.Logf("%d orders, %d COMMITs answered, cuts %v, errors: %d unknown and %d known, %d callers left",
					orders, p.cuts[never].Load(), cuts, unknown, known, crowd.left)
				assert.Greater(t, cuts, 5)
				if c.unknown {
					assert.Greater(t, unknown, 5, "a cut hits all of a group")
				} else {
					assert.Zero(t, known, "what certainly has not happened is tried again")
				}
				assert.Equal(t, orders, ledger.Bought())
				assert.NoError(t, m.Check(ctx, &ledger))
			})
		}
	}
}

// crowd are callers, every other of whom leaves when told to.
type crowd struct {
	mu          sync.Mutex
	calls, left int
	waiting     []context.CancelFunc
}

// waits gives a caller a context.
func (c *crowd) waits(ctx context.Context) (context.Context, context.CancelFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	if c.calls++; c.calls%4 == 0 {
		c.waiting = append(c.waiting, cancel)
	}
	return ctx, cancel
}

// leaves ends the contexts of those who came since the last time.
func (c *crowd) leaves() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cancel := range c.waiting {
		cancel()
	}
	c.left += len(c.waiting)
	c.waiting = nil
}
