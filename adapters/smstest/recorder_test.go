package smstest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/tjansteresor/tjansteresor/adapters/smstest"
)

// recorder is a testing.TB that keeps what a case fails with to itself.
type recorder struct {
	testing.TB
	failed  bool
	skipped string
	log     strings.Builder
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failed = true
	fmt.Fprintf(&r.log, format+"\n", args...)
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	r.FailNow()
}

func (r *recorder) FailNow() {
	r.failed = true
	runtime.Goexit()
}

func (r *recorder) Skip(args ...any) { r.Skipf("%s", fmt.Sprint(args...)) }

func (r *recorder) Skipf(format string, args ...any) {
	r.skipped = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// record runs a case on its own goroutine, which it may end.
func record(t *testing.T, c smstest.Case, o smstest.Options) *recorder {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Run(r, o)
	}()
	<-done
	return r
}
