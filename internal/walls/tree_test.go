package walls

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/tjansteresor/tjansteresor"

// pkg is a package of the workspace, as go list tells of it.
type pkg struct {
	ImportPath, Name, Dir string
	Imports               []string
	// Deps are all that it imports, directly or not.
	Deps    []string
	GoFiles []string
	Module  *struct{ Path string }
}

// path is the import path inside the house: "adapters/memory".
func (p pkg) path() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

// internal tells whether nobody outside the house can import the package.
func (p pkg) internal() bool {
	return strings.HasPrefix(p.path(), "internal/") || strings.Contains(p.path(), "/internal/")
}

// ours are the packages of the house among import paths, as paths inside it.
func ours(imports []string) []string {
	var list []string
	for _, i := range imports {
		if rest, ok := strings.CutPrefix(i, module+"/"); ok {
			list = append(list, rest)
		}
	}
	return list
}

// source is a file that is built, parsed.
type source struct {
	pkg  pkg
	file *ast.File
	fset *token.FileSet
}

// at names a place: credit/amount.go:17.
func (s source) at(pos token.Pos) string {
	p := s.fset.Position(pos)
	return s.pkg.path() + "/" + filepath.Base(p.Filename) + ":" + strconv.Itoa(p.Line)
}

// workspace lists the packages of all modules of the workspace. It is read
// once.
func workspace(t *testing.T) ([]pkg, []source) {
	t.Helper()
	w, err := readWorkspace()
	require.NoError(t, err)
	return w.packages, w.sources
}

type tree struct {
	packages []pkg
	sources  []source
}

var readWorkspace = sync.OnceValues(func() (w tree, err error) {
	if err := touch(); err != nil {
		return w, err
	}
	out, err := goCommand("list", "-json=ImportPath,Name,Dir,Imports,Deps,GoFiles,Module", "work")
	if err != nil {
		return w, err
	}
	decoder := json.NewDecoder(bytes.NewReader(out))
	fset := token.NewFileSet()
	for {
		var p pkg
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return w, nil
		case err != nil:
			return w, err
		}
		w.packages = append(w.packages, p)
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
			if err != nil {
				return w, err
			}
			w.sources = append(w.sources, source{p, file, fset})
		}
	}
})

// touch reads every folder and module file, as the go command will: the test
// cache knows only what the test itself has read, and would give old results.
func touch() error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.Name() == "go.mod" || d.Name() == "go.work":
			_, err = os.ReadFile(path)
		}
		return err
	})
}

var root = filepath.Join("..", "..")

// goCommand runs the go command in the root of the house.
func goCommand(args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return nil, errors.New(strings.Join(cmd.Args, " ") + ": " + string(failed.Stderr))
	}
	return out, err
}
