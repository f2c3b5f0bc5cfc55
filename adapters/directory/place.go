package directory

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// place is where a document is, as paths inside the directory.
type place struct {
	// reference is the folder for others to see, and label its name.
	reference, label string
	// kept is the document's own folder. When it is there, the document was
	// written; when its folder of files is there too, nobody has seen it yet.
	kept string
	// parts has a folder for each attempt to write the document.
	parts string
}

// What is kept of a document. The receipt is the reference.
const (
	receiptName = "receipt"
	filesName   = "files"
)

func placeOf(d *invoice.Document) place {
	label := safe(cmp.Or(d.Label(), string(d.Kind)+"-"+d.ID.String()))
	month := d.Month.String()
	kept := path.Join(".documents", month, d.ID.String())
	return place{reference: path.Join(month, label), label: label, kept: kept, parts: kept + ".parts"}
}

// safe makes a name of a text, another one of another text.
func safe(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// endings returns what comes after the label in the names of files: .xml, .pdf,
// -specification.pdf.
func endings(renderers []invoice.Renderer) ([]string, error) {
	var list []string
	taken := map[string]bool{}
	for i, r := range renderers {
		field := fmt.Sprintf("Options.Renderers[%d]", i)
		if r == nil {
			return nil, &travel.InputError{Field: field, Reason: "is no renderer"}
		}
		f := r.Format()
		extension := safe(strings.ToLower(f.Extension))
		ending := "." + extension
		if taken[ending] {
			ending = "-" + strings.TrimSuffix(safe(strings.ToLower(f.Name)), "-"+extension) + ending
		}
		if taken[ending] {
			return nil, &travel.InputError{Field: field, Value: f.Name + "." + f.Extension, Reason: "is there twice"}
		}
		taken[ending] = true
		list = append(list, ending)
	}
	return list, nil
}
