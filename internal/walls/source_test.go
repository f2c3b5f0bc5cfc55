package walls

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// atImport finds what would happen when a package is only imported.
func atImport(s source) []string {
	var wrong []string
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			wrong = append(wrong, s.at(f.Pos())+": func init")
		}
	}
	for _, i := range s.file.Imports {
		if i.Name != nil && i.Name.Name == "_" && s.pkg.Name != "main" && i.Path.Value != `"embed"` {
			wrong = append(wrong, s.at(i.Pos())+": import _ "+i.Path.Value)
		}
	}
	return wrong
}

// ambient is what a domain package gets from its host and never takes itself:
// output, the default logger, the time, an end of the process.
var ambient = map[string][]string{
	"os":       {"Stdout", "Stderr", "Stdin", "Exit", "Getenv"},
	"fmt":      {"Print", "Printf", "Println"},
	"log/slog": {"Default", "SetDefault", "Debug", "Info", "Warn", "Error", "Log", "DebugContext", "InfoContext", "WarnContext", "ErrorContext"},
	"time":     {"Now()", "Since", "Until", "Sleep", "Local"},
}

// takesAmbient finds what a file takes from its surroundings. A function that is
// only named, as the default of a configuration, is not called: time.Now.
func takesAmbient(s source) []string {
	names := map[string][]string{}
	for _, i := range s.file.Imports {
		path := strings.Trim(i.Path.Value, `"`)
		name := path[strings.LastIndex(path, "/")+1:]
		if i.Name != nil {
			name = i.Name.Name
		}
		names[name] = ambient[path]
	}
	var wrong []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if name, of := qualified(call.Fun); slices.Contains(names[of], name+"()") {
				wrong = append(wrong, s.at(n.Pos())+": "+of+"."+name+"()")
			}
		}
		if x, ok := n.(ast.Expr); ok {
			if name, of := qualified(x); slices.Contains(names[of], name) {
				wrong = append(wrong, s.at(n.Pos())+": "+of+"."+name)
			}
		}
		return true
	})
	return wrong
}

// qualified returns the name and the package of package.Name.
func qualified(x ast.Expr) (name, of string) {
	if s, ok := x.(*ast.SelectorExpr); ok {
		if p, ok := s.X.(*ast.Ident); ok {
			return s.Sel.Name, p.Name
		}
	}
	return "", ""
}

// undocumented finds what is exported and has no doc comment: functions, types,
// methods, constants and variables. A group of values may share one.
func undocumented(s source) []string {
	var wrong []string
	lacks := func(name *ast.Ident, docs ...*ast.CommentGroup) {
		if name.IsExported() && !slices.ContainsFunc(docs, func(d *ast.CommentGroup) bool { return d.Text() != "" }) {
			wrong = append(wrong, s.at(name.Pos())+": "+name.Name)
		}
	}
	for _, d := range s.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if reachable(d.Recv) {
				lacks(d.Name, d.Doc)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if d.Lparen.IsValid() {
						lacks(spec.Name, spec.Doc)
					} else {
						lacks(spec.Name, d.Doc)
					}
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						lacks(name, spec.Doc, spec.Comment, d.Doc)
					}
				}
			}
		}
	}
	return wrong
}

// reachable tells whether a receiver's type is exported; no receiver is a
// function.
func reachable(receiver *ast.FieldList) bool {
	if receiver == nil {
		return true
	}
	t := receiver.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	packages, sources := workspace(t)
	documented := map[string]int{}
	for _, s := range sources {
		assert.Empty(t, atImport(s))
		if _, ok := domain[s.pkg.path()]; ok {
			assert.Empty(t, takesAmbient(s), "a domain package is given these by its host")
		}
		if !s.pkg.internal() {
			assert.Empty(t, undocumented(s), "exported without a doc comment")
		}
		if s.file.Doc.Text() != "" {
			documented[s.pkg.path()]++
		}
	}
	for _, p := range packages {
		if len(p.GoFiles) > 0 {
			assert.Equal(t, 1, documented[p.path()], "%s: package comments", p.path())
		}
	}
}

func TestSourcesAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code  string
		check func(source) []string
		wrong int
	}{
		"init":                     {"func init() {}", atImport, 1},
		"a method called init":     {"type t int; func (t) init() {}", atImport, 0},
		"a driver":                 {`import _ "github.com/jackc/pgx/v5/stdlib"`, atImport, 1},
		"files to embed":           {`import _ "embed"`, atImport, 0},
		"standard output":          {`import "os"; var w = os.Stdout`, takesAmbient, 1},
		"printing":                 {`import "fmt"; func f() { fmt.Println(1) }`, takesAmbient, 1},
		"formatting":               {`import "fmt"; var s = fmt.Sprint(1)`, takesAmbient, 0},
		"the default logger":       {`import "log/slog"; func f() { slog.Info("x") }`, takesAmbient, 1},
		"a logger that is given":   {`import "log/slog"; func f(l *slog.Logger) { l.Info("x") }`, takesAmbient, 0},
		"the time":                 {`import "time"; var at = time.Now()`, takesAmbient, 1},
		"the time under a name":    {`import clock "time"; var at = clock.Now()`, takesAmbient, 1},
		"the time of a clock":      {`import "time"; func f(now func() time.Time) time.Time { return now() }`, takesAmbient, 0},
		"a default":                {`import "time"; var clock = time.Now`, takesAmbient, 0},
		"function":                 {"func F() {}", undocumented, 1},
		"function that says":       {"// F says.\nfunc F() {}", undocumented, 0},
		"type":                     {"type T int", undocumented, 1},
		"type in a group":          {"// Kinds.\ntype (\n\tT int\n\tU int\n)", undocumented, 2},
		"method":                   {"type t int; func (t) M() {}; // T.\ntype T[K any] int\nfunc (*T[K]) M() {}", undocumented, 1},
		"constants":                {"const (\n\tA = 1\n\tB = 2 // B says.\n\tc = 3\n)", undocumented, 1},
		"constants with one voice": {"// Letters.\nconst (\n\tA = 1\n\tB = 2\n)", undocumented, 0},
		"a directive is no doc":    {"//go:noinline\nfunc F() {}", undocumented, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, "code.go", "package code\n"+strings.ReplaceAll(c.code, "; ", "\n"), parser.ParseComments)
			require.NoError(t, err)
			got := c.check(source{pkg{Name: "code", ImportPath: module + "/code"}, file, fset})
			assert.Len(t, got, c.wrong)
		})
	}
}
