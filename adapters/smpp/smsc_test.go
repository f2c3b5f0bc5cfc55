package smpp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/smpp"
	"github.com/tjansteresor/tjansteresor/sms"
)

// nodeModules is the folder where the npm package smpp is. Where it or node is
// not at hand the test is skipped, or fails where CI is set.
func nodeModules(t testing.TB) string {
	t.Helper()
	folder := os.Getenv("SMPP_NODE_MODULES")
	_, noNode := exec.LookPath("node")
	_, noPackage := os.Stat(filepath.Join(folder, "smpp", "package.json"))
	if noNode == nil && noPackage == nil {
		return folder
	}
	const missing = "SMPP is not tried on an SMSC: node, and SMPP_NODE_MODULES with what npm install smpp@0.5.1 makes, are needed"
	if ci, err := strconv.ParseBool(os.Getenv("CI")); ci || err != nil && os.Getenv("CI") != "" || folder != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// smsc is an SMSC that the npm package smpp speaks for. It binds everybody,
// takes every message and answers when asked whether it is there, unless a test
// says otherwise.
type smsc struct {
	t         testing.TB
	port      int
	listening chan int
	deaf      chan struct{}
	binds     chan packet
	submits   chan packet
	acks      chan packet // of deliver_sm
	unbinds   chan packet
	closed    chan int // sessions

	mu         sync.Mutex
	stdin      io.Writer
	bindStatus int
	onSubmit   func(packet)
	ids        int
}

// packet is a PDU as the package has read it.
type packet struct {
	Session int `json:"-"`

	Command  string `json:"command"`
	Status   int    `json:"command_status"`
	Sequence int    `json:"sequence_number"`

	SystemID         string `json:"system_id"`
	Password         string `json:"password"`
	SystemType       string `json:"system_type"`
	InterfaceVersion int    `json:"interface_version"`

	SourceTON          int       `json:"source_addr_ton"`
	SourceNPI          int       `json:"source_addr_npi"`
	Source             string    `json:"source_addr"`
	DestinationTON     int       `json:"dest_addr_ton"`
	DestinationNPI     int       `json:"dest_addr_npi"`
	Destination        string    `json:"destination_addr"`
	ESMClass           int       `json:"esm_class"`
	DataCoding         int       `json:"data_coding"`
	RegisteredDelivery int       `json:"registered_delivery"`
	Validity           time.Time `json:"validity_period"`
	Message            struct {
		UDH     []string `json:"udh"`
		Message string   `json:"message"`
	} `json:"short_message"`
}

// startSMSC starts one that listens, until the end of the test.
func startSMSC(t testing.TB) *smsc {
	t.Helper()
	modules := nodeModules(t)
	cmd := exec.Command("node", filepath.Join("testdata", "server.js"))
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules, "TZ=UTC")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	s := &smsc{
		t: t, stdin: stdin, listening: make(chan int, 1), deaf: make(chan struct{}, 1),
		binds: make(chan packet, 1000), submits: make(chan packet, 1000), acks: make(chan packet, 1000), unbinds: make(chan packet, 1000), closed: make(chan int, 1000),
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.follow(stdout)
	}()
	t.Cleanup(func() {
		stdin.Close()
		<-ended
		assert.NoError(t, cmd.Wait(), "the SMSC: %s", &stderr)
	})
	s.listen(0)
	return s
}

// follow handles what the SMSC tells.
func (s *smsc) follow(stdout io.Reader) {
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct {
			Event         string
			Session, Port int
			PDU           json.RawMessage
		}
		if !assert.NoError(s.t, json.Unmarshal(lines.Bytes(), &event), lines.Text()) {
			continue
		}
		switch event.Event {
		case "listening":
			s.listening <- event.Port
		case "deaf":
			s.deaf <- struct{}{}
		case "closed":
			s.closed <- event.Session
		case "pdu":
			p := packet{Session: event.Session}
			// An empty text comes as "", no validity as "".
			raw := strings.NewReplacer(`"validity_period":""`, `"validity_period":null`).Replace(string(event.PDU))
			if assert.NoError(s.t, json.Unmarshal([]byte(raw), &p), raw) {
				s.handle(p)
			}
		}
	}
	assert.NoError(s.t, lines.Err())
}

func (s *smsc) handle(p packet) {
	s.mu.Lock()
	status, onSubmit := s.bindStatus, s.onSubmit
	s.mu.Unlock()
	switch p.Command {
	case "bind_transceiver":
		s.binds <- p
		s.answer(p, map[string]any{"command_status": status, "system_id": "smsc"})
	case "enquire_link":
		s.answer(p, nil)
	case "unbind":
		s.unbinds <- p
		s.answer(p, nil)
	case "deliver_sm_resp":
		s.acks <- p
	case "submit_sm":
		if onSubmit == nil {
			s.take(p)
		} else {
			onSubmit(p)
		}
		s.submits <- p
	}
}

// do gives a command.
func (s *smsc) do(command map[string]any) {
	line, err := json.Marshal(command)
	assert.NoError(s.t, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = s.stdin.Write(append(line, '\n')) // gone at the end of the test
}

// answer answers a PDU.
func (s *smsc) answer(p packet, fields map[string]any) {
	if fields == nil {
		fields = map[string]any{}
	}
	fields["sequence_number"] = p.Sequence
	s.do(map[string]any{"do": "send", "session": p.Session, "pdu": p.Command + "_resp", "fields": fields})
}

// take takes a message and returns its id.
func (s *smsc) take(p packet) string {
	s.mu.Lock()
	s.ids++
	id := fmt.Sprintf("id-%d", s.ids)
	s.mu.Unlock()
	s.answer(p, map[string]any{"message_id": id})
	return id
}

// refuse answers with a status.
func (s *smsc) refuse(status int) func(packet) {
	return func(p packet) { s.answer(p, map[string]any{"command_status": status}) }
}

// destroy cuts the connection that a PDU came on.
func (s *smsc) destroy(p packet) { s.do(map[string]any{"do": "destroy", "session": p.Session}) }

// deliver sends a deliver_sm.
func (s *smsc) deliver(session int, fields map[string]any) {
	s.do(map[string]any{"do": "send", "session": session, "pdu": "deliver_sm", "fields": fields})
}

// submitted says what becomes of messages from now on; nil is to take them.
func (s *smsc) submitted(do func(packet)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onSubmit = do
}

func (s *smsc) bindsWith(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bindStatus = status
}

func (s *smsc) listen(port int) {
	s.do(map[string]any{"do": "listen", "port": port})
	s.port = next(s.t, s.listening)
}

// close ends all connections and the listening.
func (s *smsc) close() {
	s.do(map[string]any{"do": "close"})
	next(s.t, s.deaf)
}

func (s *smsc) addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// patience is for what a broken program would never do.
const patience = 20 * time.Second

// next returns what comes next.
func next[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		require.FailNow(t, "nothing came")
		panic("unreachable")
	}
}

// reports is a store of reports that knows every message, unless it has an error.
type reports struct {
	came chan sms.DeliveryReport

	mu  sync.Mutex
	err error
}

func newReports() *reports { return &reports{came: make(chan sms.DeliveryReport, 100)} }

func (r *reports) ReceiveReport(_ context.Context, report sms.DeliveryReport) error {
	r.came <- report
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *reports) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

const password = "hemlig-7"

// options are for tests: they know no patience.
func (s *smsc) options() smpp.Options {
	return smpp.Options{
		Addr: s.addr(), SystemID: "resor", Password: password, SystemType: "test", Reports: newReports(),
		Backoff: time.Millisecond, MaxBackoff: 20 * time.Millisecond,
	}
}

// start runs a Client until the end of the test.
func start(t testing.TB, o smpp.Options) *smpp.Client {
	t.Helper()
	c, err := smpp.New(o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancelCause(context.Background())
	stopping, done := errors.New("the test is over"), make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel(stopping)
		assert.ErrorIs(t, next(t, done), stopping)
	})
	return c
}

// bound is start, and waits until the Client is.
func bound(t testing.TB, o smpp.Options) *smpp.Client {
	t.Helper()
	c := start(t, o)
	ready(t, c)
	return c
}

func ready(t testing.TB, c *smpp.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, c.Ready(ctx))
}

var expires = time.Date(2026, 12, 24, 15, 0, 30, 0, time.UTC)

const (
	digits = "701234567"
	code   = "K7QP-3MXW"
)

func message(text string) sms.Message {
	to, err := sms.PhoneNumberFromE164("+46" + digits)
	if err != nil {
		panic(err)
	}
	return sms.Message{
		ID: sms.MessageID{6: 0x70, 8: 0x80, 15: 0xa7}, Company: [16]byte{15: 3},
		To: to, From: "Resor", Text: text, Expires: expires,
	}
}

// failure is the error of a Send, which holds nothing secret.
func failure(t testing.TB, err error, kind error) *sms.SendError {
	t.Helper()
	var e *sms.SendError
	require.ErrorAs(t, err, &e)
	assert.ErrorIs(t, err, kind)
	for _, secret := range []string{digits, code, password} {
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), secret)
	}
	return e
}
