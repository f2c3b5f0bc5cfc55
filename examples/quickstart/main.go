// Command quickstart tells the story of business travel on company invoice in
// the terminal: a municipality applies, its travelers are imported from a
// spreadsheet, they activate, buy, are declined, and the month is invoiced.
//
// It is a ticket backend in small: backend.go makes the services as a host
// does, each of the other files is a chapter or two. The store is in memory,
// clock and randomness are set, so that the story is the same every time:
//
//	go run ./examples/quickstart
package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run tells the whole story to w.
func run(w io.Writer) error {
	_, err := tell(context.Background(), w)
	return err
}
