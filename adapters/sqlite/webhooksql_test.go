package sqlite_test

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/sqlite"
	"github.com/tjansteresor/tjansteresor/adapters/webhook"
	"github.com/tjansteresor/tjansteresor/adapters/webhook/webhooksql"
	"github.com/tjansteresor/tjansteresor/adapters/webhook/webhooktest"
	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/travel"
)

func webhookDatabase(t testing.TB) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "hooks.db")+
		"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

// The webhook store has no driver of its own: it is tried here.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	o := webhooksql.Options{Dialect: webhooksql.SQLite}
	webhooktest.Run(t, func(t testing.TB) webhook.Store {
		db := webhookDatabase(t)
		require.NoError(t, webhooksql.Migrate(t.Context(), db, o))
		store, err := webhooksql.New(db, o)
		require.NoError(t, err)
		return store
	})
}

// Outbox and webhooks are in one database, and three processes work on them.
func TestWebhooksFromTheOutbox(t *testing.T) {
	t.Parallel()
	ctx, file := t.Context(), newFile(t)
	o := webhooksql.Options{Dialect: webhooksql.SQLite}
	db := openFile(t, file)
	require.NoError(t, sqlite.Migrate(ctx, db, sqlite.Options{}))
	require.NoError(t, webhooksql.Migrate(ctx, db, o))
	store := newStore(t, db, sqlite.Options{})
	const n = 120
	events := make([]travel.Event, n)
	ids := id.NewSource(time.Now, rand.Reader)
	for i := range events {
		events[i] = travel.Event{ID: ids.New(), Type: travel.EventPurchaseCaptured, At: time.Now(), Company: ids.New(), Amount: 100}
	}
	require.NoError(t, store.Update(ctx, func(tx travel.Tx) error { return tx.AppendEvents(ctx, events...) }))

	secret, err := webhook.NewSecret(rand.Reader)
	require.NoError(t, err)
	var mu sync.Mutex
	got := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, errors.Join(err, webhook.Verify(r.Header, body, []webhook.Secret{secret}, time.Now(), 0)))
		mu.Lock()
		defer mu.Unlock()
		got[r.Header.Get("webhook-id")]++
	}))
	defer server.Close()
	begun := time.Now()
	var running sync.WaitGroup
	for i := range 3 {
		running.Go(func() {
			db := openFile(t, file)
			hooks, err := webhooksql.New(db, o)
			if !assert.NoError(t, err) {
				return
			}
			d, err := webhook.New(store, hooks, []webhook.Endpoint{{ID: "a", URL: server.URL, Secrets: []webhook.Secret{secret}}},
				webhook.Options{Owner: strconv.Itoa(i), BatchSize: 50})
			if !assert.NoError(t, err) {
				return
			}
			for range 2 { // one may have looked before another had moved the last
				_, err = d.RunDue(ctx, time.Now())
				assert.NoError(t, err)
			}
		})
	}
	running.Wait()
	t.Logf("%d deliveries in %s", n, time.Since(begun))
	assert.Len(t, got, n)
	for event, times := range got {
		assert.Equal(t, 1, times, event)
	}
}

func TestWebhookMigrations(t *testing.T) {
	t.Parallel()
	ctx, db, o := t.Context(), webhookDatabase(t), webhooksql.Options{Dialect: webhooksql.SQLite, Prefix: "hooks_"}
	require.ErrorIs(t, webhooksql.Validate(ctx, db, o), webhooksql.ErrSchemaBehind)
	for range 2 {
		require.NoError(t, webhooksql.Migrate(ctx, db, o))
		require.NoError(t, webhooksql.Validate(ctx, db, o))
	}
	_, err := db.ExecContext(ctx, "INSERT INTO hooks_version (version) VALUES (99)")
	require.NoError(t, err)
	require.ErrorIs(t, webhooksql.Migrate(ctx, db, o), webhooksql.ErrSchemaAhead)
	require.ErrorIs(t, webhooksql.Validate(ctx, db, o), webhooksql.ErrSchemaAhead)

	db = webhookDatabase(t)
	text, err := webhooksql.SQL(o, 0)
	require.NoError(t, err)
	_, err = db.ExecContext(ctx, text)
	require.NoError(t, err)
	require.NoError(t, webhooksql.Validate(ctx, db, o))
	for _, bad := range []webhooksql.Options{{}, {Dialect: 3}, {Dialect: webhooksql.SQLite, Prefix: "x; DROP"}} {
		require.ErrorIs(t, webhooksql.Migrate(ctx, db, bad), webhooksql.ErrOption)
		_, err := webhooksql.New(db, bad)
		require.ErrorIs(t, err, webhooksql.ErrOption)
	}
}
