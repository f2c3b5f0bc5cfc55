//go:build unix

package pgserver

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The longest that starting and shutting down may take, on a machine that has
// much else to do.
const (
	startTime = time.Minute
	stopTime  = 30 * time.Second
)

// cluster is a server of our own: a folder, and the process that runs on it.
type cluster struct {
	bin, dir string
	password string
	port     int
	settings []string // -c name=value, …
	as       *syscall.Credential

	mu     sync.Mutex
	guard  *watchdog
	server *process // nil when it does not run
}

// newCluster makes a cluster and starts it.
func newCluster(bin string, o Options) (_ *cluster, err error) {
	c := &cluster{bin: bin, password: rand.Text(), settings: settings(o)}
	if c.as, err = unprivileged(); err != nil {
		return nil, err
	}
	if c.dir, err = filepath.Abs(filepath.Join(cmp.Or(o.Dir, os.TempDir()), "pgserver-"+rand.Text())); err != nil {
		return nil, err
	}
	// Before there is anything to watch.
	if c.guard, err = watch(c.dir); err != nil {
		return nil, err
	}
	if err = c.initialize(); err == nil {
		err = c.startOnFreePort()
	}
	if err != nil {
		return nil, errors.Join(err, c.remove())
	}
	return c, nil
}

// settings is the part of the server's command line that stays.
func settings(o Options) []string {
	set := map[string]string{"synchronous_commit": "on", "fsync": "off", "full_page_writes": "off"}
	if o.Durable {
		set["fsync"], set["full_page_writes"] = "on", "on"
	}
	maps.Copy(set, o.Settings)
	// The port is the only way in: paths of sockets have too short a limit.
	set["listen_addresses"], set["unix_socket_directories"] = "127.0.0.1", ""
	var args []string
	for _, name := range slices.Sorted(maps.Keys(set)) {
		args = append(args, "-c", name+"="+set[name])
	}
	return args
}

// unprivileged is whom root runs the server as: PostgreSQL refuses to be root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no user postgres or nobody: %w", ErrUnavailable)
}

// own gives a file to the user that the server runs as.
func (c *cluster) own(path string) error {
	if c.as == nil {
		return nil
	}
	return os.Chown(path, int(c.as.Uid), int(c.as.Gid))
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) url() *url.URL {
	return &url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", c.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)), Path: "/postgres", RawQuery: "sslmode=disable",
	}
}

// initialize makes the data. Without the password everyone on this machine
// could become us: the superuser can run programs.
func (c *cluster) initialize() error {
	secret := filepath.Join(c.dir, "password")
	if err := os.Mkdir(c.dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(secret, []byte(c.password+"\n"), 0o600); err != nil {
		return err
	}
	if err := errors.Join(c.own(c.dir), c.own(secret)); err != nil {
		return err
	}
	p, err := c.launch("initdb", "-D", c.data(), "-U", "postgres", "--pwfile="+secret, "--auth=scram-sha-256",
		"-E", "UTF8", "--locale=C", "--no-sync")
	if err != nil {
		return err
	}
	if !p.wait(startTime) {
		return fmt.Errorf("initdb has not ended after %v", startTime)
	}
	if p.err != nil {
		return fmt.Errorf("initdb: %w\n%s", p.err, p.log())
	}
	return errors.Join(c.guard.forget(), os.Remove(secret))
}

// startOnFreePort tries again when somebody else takes the port in between.
func (c *cluster) startOnFreePort() (err error) {
	for range 5 {
		if c.port, err = freePort(); err != nil {
			return err
		}
		var taken bool
		if taken, err = c.start(); !taken {
			break
		}
	}
	return err
}

// freePort picks one below those that the kernel gives to outgoing connections.
// Among them, a client that dials the port while the server is down could be
// given the same as its own, be connected to itself, and bar the way back.
func freePort() (int, error) {
	const first, end = 20000, 32000
	var err error
	for range 100 {
		var n *big.Int
		if n, err = rand.Int(rand.Reader, big.NewInt(end-first)); err != nil {
			return 0, err
		}
		port := first + int(n.Int64())
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, err
}

// start starts the server and waits until it takes connections.
func (c *cluster) start() (portTaken bool, err error) {
	args := append([]string{"-D", c.data(), "-c", "port=" + strconv.Itoa(c.port)}, c.settings...)
	p, err := c.launch("postgres", args...)
	if err != nil {
		return false, err
	}
	c.server = p
	timeout := time.After(startTime)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !c.ready() {
		select {
		case <-look.C:
		case <-p.ended:
			c.server = nil
			log := p.log()
			return strings.Contains(log, "could not bind"), errors.Join(fmt.Errorf("postgres: %w\n%s", p.err, log), c.guard.forget())
		case <-timeout:
			return false, errors.Join(fmt.Errorf("postgres is not ready after %v\n%s", startTime, p.log()), c.halt(syscall.SIGQUIT))
		}
	}
	return false, nil
}

// ready reads what pg_ctl reads: the server writes its process id into the
// first line of a file, and into the eighth how far it is.
func (c *cluster) ready() bool {
	status, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return false
	}
	lines := bytes.Split(status, []byte("\n"))
	return len(lines) > 7 && string(lines[0]) == strconv.Itoa(c.server.Pid) && string(bytes.TrimSpace(lines[7])) == "ready"
}

func (c *cluster) running() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server != nil && !c.server.wait(0)
}

// halt asks the server to end, and kills it when it does not.
func (c *cluster) halt(how syscall.Signal) error {
	if c.server == nil {
		return nil
	}
	if err := c.server.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	if !c.server.wait(stopTime) {
		return errors.Join(fmt.Errorf("postgres has not ended %v after %v", stopTime, how), c.killNow())
	}
	c.server = nil
	return c.guard.forget()
}

// killNow stops the server first, so that it starts no more backends while
// those that there are get killed.
func (c *cluster) killNow() error {
	if c.server == nil {
		return nil
	}
	err := c.server.Signal(syscall.SIGSTOP)
	if err == nil {
		var backends []int
		backends, err = children(c.server.Pid)
		for _, pid := range backends {
			// One that has ended by itself is no error.
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		err = errors.Join(err, c.server.Kill())
	}
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	if !c.server.wait(stopTime) {
		return fmt.Errorf("a backend still runs %v after postgres was killed", stopTime)
	}
	c.server = nil
	return c.guard.forget()
}

func (c *cluster) kill() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.killNow()
}

func (c *cluster) restart() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.guard == nil {
		return errors.New("the server was stopped, and its data are removed")
	}
	if err := c.halt(syscall.SIGINT); err != nil {
		return err
	}
	_, err := c.start()
	return err
}

// remove stops the server and lets the watchdog clear away the rest.
func (c *cluster) remove() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.guard == nil {
		return nil
	}
	err := c.halt(syscall.SIGINT)
	c.guard.release()
	c.guard = nil
	// There is nothing left, or the error says why.
	return errors.Join(err, os.RemoveAll(c.dir))
}
