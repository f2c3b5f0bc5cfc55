package main

import (
	"bytes"
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/tjansteresor/tjansteresor/examples/transitbackend/app"
	"github.com/tjansteresor/tjansteresor/examples/transitbackend/client"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	const phones = "4"
	backend, err := app.Open(t.Context(), app.Config{Folder: t.TempDir(), Crowd: 4, Unlimited: true, CodeCost: 1000})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- backend.Run(ctx) }()
	server := httptest.NewServer(backend.Handler())
	t.Cleanup(func() {
		server.Close()
		cancel()
		assert.NoError(t, <-ended)
		assert.NoError(t, backend.Close())
	})
	site := client.New(server.URL, 1)
	t.Cleanup(site.Close)
	require.Eventually(t, func() bool {
		list, err := site.Inbox(t.Context(), 0)
		return err == nil && len(list) > 20
	}, time.Minute, 50*time.Millisecond)

	var told bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-url", server.URL, "-connections", phones, "-phones", phones, "-for", "1s"}, &told), told.String())
	assert.Contains(t, told.String(), "audit       0 differences")
	assert.Contains(t, told.String(), "errors      map[]")
	assert.NotContains(t, told.String(), "purchases   0,")

	told.Reset()
	err = run(t.Context(), []string{"-url", server.URL, "-connections", "1", "-phones", "500", "-for", "1s"}, &told)
	assert.ErrorContains(t, err, "start the backend with -crowd 500")
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	var list []time.Duration
	for i := range 200 {
		list = append(list, time.Duration(i+1)*time.Millisecond)
	}
	assert.Equal(t, 100*time.Millisecond, quantile(list, 50))
	assert.Equal(t, 198*time.Millisecond, quantile(list, 99))
	assert.Equal(t, 200*time.Millisecond, quantile(list, 100))
	assert.Zero(t, quantile(nil, 50))
}
