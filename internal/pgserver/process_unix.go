//go:build unix

package pgserver

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// watchdog removes a folder when this process ends, or releases it, and ends
// before that the process which last told its id.
type watchdog struct {
	cmd  *exec.Cmd
	pipe *os.File // held open by this process alone
}

// Each process leads a group, and PostgreSQL's backends end with their parent.
const watchdogScript = `
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
	kill -s QUIT -- "-$pid"
	tenths=0
	while kill -s 0 -- "-$pid" && [ "$tenths" -lt 100 ]; do
		sleep 0.1
		tenths=$((tenths + 1))
	done
	kill -s KILL -- "-$pid"
fi
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
`

func watch(dir string) (*watchdog, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd := exec.Command("/bin/sh", "-c", watchdogScript, "pgserver-watchdog", dir)
	cmd.Dir, cmd.Stdin = "/", r
	// Out of reach of what is typed at the terminal and of signals to our group.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, err
	}
	return &watchdog{cmd, w}, nil
}

// forget says that the process which told its id has ended: the id may be
// another's next.
func (w *watchdog) forget() error {
	_, err := w.pipe.WriteString("\n")
	return err
}

// release lets the watchdog do its work, and waits for it. What it could not do
// shows in the folder.
func (w *watchdog) release() {
	w.pipe.Close()
	_ = w.cmd.Wait()
}

// process is a program of the installation that was launched.
type process struct {
	*os.Process
	ended chan struct{} // closed when it and all that it has forked are gone
	err   error         // how it ended; to be read after that

	logFile   string
	logOffset int64
}

// A launched program tells the watchdog its id before it is what it will be, so
// that there is no moment in which nobody knows it.
const launchScript = `echo "$$" >&3 && exec "$0" "$@" 3>&-`

// launch starts a program as the unprivileged user, in the private folder.
func (c *cluster) launch(program string, args ...string) (*process, error) {
	p := &process{ended: make(chan struct{}), logFile: filepath.Join(c.dir, "log")}
	log, err := os.OpenFile(p.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if p.logOffset, err = log.Seek(0, io.SeekEnd); err != nil {
		return nil, err
	}
	alive, held, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer held.Close()

	cmd := exec.Command("/bin/sh", append([]string{"-c", launchScript, filepath.Join(c.bin, program)}, args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = c.dir, log, log
	cmd.ExtraFiles = []*os.File{c.guard.pipe, held}
	// Settings of the user's clients are not for this server, and English
	// messages in UTC are for whom they are read by.
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PG") }), "LC_ALL=C", "TZ=UTC")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: c.as}
	if err := cmd.Start(); err != nil {
		alive.Close()
		return nil, fmt.Errorf("%s in %s, which the user of the server must be able to reach: %w", program, c.dir, err)
	}
	p.Process = cmd.Process
	go func() {
		p.err = cmd.Wait()
		// Each process that it forked holds the other end too.
		_, _ = io.Copy(io.Discard, alive)
		alive.Close()
		close(p.ended)
	}()
	return p, nil
}

// wait tells whether the process has ended, after waiting for it at most so long.
func (p *process) wait(atMost time.Duration) bool {
	select {
	case <-p.ended:
		return true
	default:
	}
	select {
	case <-p.ended:
		return true
	case <-time.After(atMost):
		return false
	}
}

// log is the end of what the process has logged.
func (p *process) log() string {
	all, err := os.ReadFile(p.logFile)
	if err != nil {
		return err.Error()
	}
	all = all[p.logOffset:]
	return string(bytes.TrimSpace(all[max(0, len(all)-2000):]))
}

// children are the ids of the processes that a process has forked.
func children(parent int) ([]int, error) {
	table, err := processes()
	var ids []int
	for id, itsParent := range table {
		if itsParent == parent {
			ids = append(ids, id)
		}
	}
	return ids, err
}

// processes maps each process id to the parent's: from /proc where that is,
// since small images of Linux have no ps, and else from ps.
func processes() (map[int]int, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	table := map[int]int{}
	for _, path := range stats {
		// "17 (name, maybe with spaces and brackets) S 1 …"; gone meanwhile is fine.
		stat, _ := os.ReadFile(path)
		if i := bytes.LastIndexByte(stat, ')'); i >= 0 {
			if fields := strings.Fields(string(stat[i+1:])); len(fields) > 1 {
				note(table, filepath.Base(filepath.Dir(path)), fields[1])
			}
		}
	}
	if len(table) > 0 {
		return table, nil
	}
	out, err := exec.Command("ps", "-A", "-o", "pid=", "-o", "ppid=").Output()
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); len(fields) == 2 {
			note(table, fields[0], fields[1])
		}
	}
	return table, err
}

func note(table map[int]int, id, parent string) {
	i, err1 := strconv.Atoi(id)
	p, err2 := strconv.Atoi(parent)
	if err1 == nil && err2 == nil {
		table[i] = p
	}
}
