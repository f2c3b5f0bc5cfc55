//go:build !unix

package pgserver

import (
	"fmt"
	"net/url"
)

// cluster is never made here: starting a server and ending it surely needs
// Unix. The server of TEST_POSTGRES_URL can be used.
type cluster struct{}

func newCluster(string, Options) (*cluster, error) {
	return nil, fmt.Errorf("a server is started on Unix only: %w", ErrUnavailable)
}

func (*cluster) url() *url.URL  { return nil }
func (*cluster) running() bool  { return false }
func (*cluster) kill() error    { return ErrUnavailable }
func (*cluster) restart() error { return ErrUnavailable }
func (*cluster) remove() error  { return ErrUnavailable }
