package portal

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"

	"golang.org/x/text/language"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static/style.css
var style []byte

//go:embed static/icon.svg
var icon []byte

// looks is what pages are made of: a set of templates for each language, and
// the files that they refer to.
type looks struct {
	templates map[string]*template.Template
	files     map[string]file
	// version is in the addresses of files, so that browsers keep them.
	version string
}

type file struct {
	mediaType string
	content   []byte
}

func newLooks(p *Portal) (looks, error) {
	css := append([]byte(":root{--accent:"+p.o.Brand.Accent+";--paper:"+paper+"}\n"), style...)
	l := looks{templates: map[string]*template.Template{}, files: map[string]file{
		"style.css": {"text/css; charset=utf-8", css},
		"icon.svg":  {"image/svg+xml", icon},
	}}
	if len(p.o.Brand.Logo) > 0 {
		l.files["logo"] = file{pictureType(p.o.Brand.Logo), bytes.Clone(p.o.Brand.Logo)}
	}
	sum := sha256.New()
	for _, name := range []string{"style.css", "icon.svg", "logo"} {
		sum.Write(l.files[name].content)
	}
	l.version = hex.EncodeToString(sum.Sum(nil)[:6])
	for _, tag := range []language.Tag{language.Swedish, language.English} {
		w := newWords(tag, p.o.Travel.Rules().Zone)
		set, err := template.New("").Funcs(template.FuncMap{
			"t": w.T, "kronor": w.Kronor, "ore": w.Ore, "date": w.Date, "minute": w.Minute, "month": w.Month,
			"url": p.url, "static": func(name string) string { return p.url("static", name) + "?v=" + l.version },
			"brand": func() Brand { return p.o.Brand }, "hasLogo": func() bool { return len(p.o.Brand.Logo) > 0 },
			"picture": func(of string, title string) picture { return picture{of, title} },
		}).ParseFS(templateFiles, "templates/*.html")
		if err != nil {
			return l, err
		}
		l.templates[w.Language()] = set
	}
	return l, nil
}

// picture is one of the manual's: what it shows, and the text for those who do
// not see it.
type picture struct{ Of, Title string }

// serveFile answers with a file that every page uses.
func (p *Portal) serveFile(w http.ResponseWriter, r *http.Request) {
	f, ok := p.looks.files[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.mediaType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(f.content)
}
