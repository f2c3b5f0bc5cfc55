package pgserver

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// machine is what finding a server depends on.
type machine struct {
	getenv   func(string) string
	lookPath func(string) (string, error)
	glob     func(string) ([]string, error)
}

var here = machine{os.Getenv, exec.LookPath, filepath.Glob}

// binaries finds the folder with the server's programs, all of one version.
func (m machine) binaries() (string, error) {
	if dir := m.getenv("PG_BIN"); dir != "" {
		if !installed(dir) {
			return "", fmt.Errorf("PG_BIN: no postgres and initdb in %s", dir)
		}
		return dir, nil
	}
	if found, err := m.lookPath("postgres"); err == nil {
		// What PATH has may be a link, and the other programs are where it leads.
		if real, err := filepath.EvalSymlinks(found); err == nil && installed(filepath.Dir(real)) {
			return filepath.Dir(real), nil
		}
	}
	dirs, err := m.glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	dirs = slices.DeleteFunc(dirs, func(dir string) bool { return !installed(dir) })
	if len(dirs) == 0 {
		return "", ErrUnavailable
	}
	return newest(dirs), nil
}

func installed(dir string) bool {
	for _, program := range []string{"postgres", "initdb"} {
		if info, err := os.Stat(filepath.Join(dir, program)); err != nil || info.IsDir() {
			return false
		}
	}
	return true
}

// newest picks the highest version among folders like /usr/lib/postgresql/15/bin.
func newest(dirs []string) string {
	return slices.MaxFunc(dirs, func(a, b string) int { return slices.Compare(version(a), version(b)) })
}

// version is the version of such a folder, in numbers: 9.6 is older than 15.
func version(dir string) (numbers []int) {
	for part := range strings.SplitSeq(filepath.Base(filepath.Dir(dir)), ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		numbers = append(numbers, n)
	}
	return numbers
}
