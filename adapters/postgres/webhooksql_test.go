package postgres_test

import (
	"database/sql"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/webhook"
	"github.com/tjansteresor/tjansteresor/adapters/webhook/webhooksql"
	"github.com/tjansteresor/tjansteresor/adapters/webhook/webhooktest"
)

// The webhook store has no driver of its own: it is tried here.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	o := webhooksql.Options{Dialect: webhooksql.PostgreSQL}
	webhooktest.Run(t, func(t testing.TB) webhook.Store {
		db := openDB(t, pg.Database(t))
		require.NoError(t, webhooksql.Migrate(t.Context(), db, o))
		store, err := webhooksql.New(db, o)
		require.NoError(t, err)
		return store
	})
}

func TestWebhookMigrations(t *testing.T) {
	t.Parallel()
	ctx, url, o := t.Context(), pg.Database(t), webhooksql.Options{Dialect: webhooksql.PostgreSQL}
	require.ErrorIs(t, webhooksql.Validate(ctx, openDB(t, url), o), webhooksql.ErrSchemaBehind)
	dbs := []*sql.DB{openDB(t, url), openDB(t, url), openDB(t, url)}
	var running sync.WaitGroup
	for _, db := range dbs {
		running.Go(func() { assert.NoError(t, webhooksql.Migrate(ctx, db, o)) })
	}
	running.Wait()
	require.NoError(t, webhooksql.Validate(ctx, dbs[0], o))

	db := openDB(t, pg.Database(t))
	text, err := webhooksql.SQL(o, 0)
	require.NoError(t, err)
	_, err = db.ExecContext(ctx, text)
	require.NoError(t, err)
	require.NoError(t, webhooksql.Validate(ctx, db, o))
}
