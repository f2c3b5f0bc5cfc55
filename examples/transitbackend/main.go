// Command transitbackend is what an operator's backend looks like around the
// library: its own orders and tickets, issued in the transaction in which the
// credit is captured; the company portal and the API; the jobs; and a phone to
// buy with. One process, which seeds itself, so that everything can be clicked at
// once:
//
//	go run ./examples/transitbackend
//
// It keeps its state in a folder, on SQLite, or in a PostgreSQL database:
//
//	go run ./examples/transitbackend -db postgres://user:password@localhost/travel
//
// Package app is the backend, package catalog what it sells, and load puts it
// under load from a second process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
	_ "time/tzdata" // the months are Swedish, wherever this runs

	_ "modernc.org/sqlite"

	"github.com/tjansteresor/tjansteresor/examples/transitbackend/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "transitbackend:", err)
		os.Exit(1)
	}
}

// run serves until the context is done, and then ends in order: no new requests,
// those that have begun are answered, what they have caused is sent and issued,
// and the database is closed.
func run(ctx context.Context, args []string, out, logs io.Writer) (err error) {
	flags := flag.NewFlagSet("transitbackend", flag.ContinueOnError)
	flags.SetOutput(logs)
	address := flags.String("addr", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	folder := flags.String("data", defaultFolder(), "folder of the database, the key and the delivered documents")
	url := flags.String("db", "", "URL of a PostgreSQL database, instead of SQLite in the folder")
	owner := flags.String("owner", "backend-1", "name of this process: no two on one database may share it")
	crowd := flags.Int("crowd", 0, "seed so many travelers more, with the highest limit, for a load test")
	unlimited := flags.Bool("unlimited", false, "lift the API's limits per phone and address, for a load test")
	verbose := flags.Bool("v", false, "log every request, by its route")
	if err := flags.Parse(args); err != nil {
		return err
	}
	level := slog.LevelWarn
	if *verbose {
		level = slog.LevelDebug
	}
	backend, err := app.Open(ctx, app.Config{
		Folder: *folder, Database: *url, Owner: *owner, Crowd: *crowd, Unlimited: *unlimited,
		Logger: slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: level})),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, backend.Close()) }()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *address)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Open http://%s (state in %s)\n", listener.Addr(), *folder)
	return serve(ctx, backend, listener)
}

// serve ends the loops after the server, because a request that is answered last
// may leave something to do for them.
func serve(ctx context.Context, backend *app.App, listener net.Listener) error {
	loops, stopLoops := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLoops()
	ended := make(chan error, 1)
	go func() { ended <- backend.Run(loops) }()

	server := &http.Server{
		Handler: backend.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 3 * time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		const patience = 30 * time.Second
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if err = server.Shutdown(last); err != nil {
			err = errors.Join(err, server.Close())
		}
	}
	stopLoops()
	return errors.Join(err, <-ended)
}

// defaultFolder is in the user's cache, or here when there is none.
func defaultFolder() string {
	if cache, err := os.UserCacheDir(); err == nil {
		return filepath.Join(cache, "transitbackend")
	}
	return "transitbackend-data"
}
