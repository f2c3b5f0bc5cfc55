package portal

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// reportPage is the page of economy reports: closed months only (R33, R34).
type reportPage struct {
	Years       []option
	Months      []monthRow
	Departments []departmentSpend
	MonthChart  chart
	DepartChart chart
	Part        bool
	Year        int
}

type monthRow struct {
	Month     credit.Month
	Documents int
	Spent     credit.Amount
	URL       string
}

type departmentSpend struct {
	Name  string
	Spent credit.Amount
}

// documentRow is a document with what can be done with it.
type documentRow struct {
	invoice.Document
	Heading   string
	Delivery  badge
	Reason    string
	Downloads []link
	Signed    credit.Amount
}

// signed is what a document adds to what was spent.
func signed(d *invoice.Document, a credit.Amount) credit.Amount {
	if d.Kind == invoice.CreditNote || d.Kind == invoice.Basis && d.Original != nil {
		return -a
	}
	return a
}

// documents reads all of a month's documents, as far as the user may see them.
func (v *visit) documents(m credit.Month) (all []invoice.Document, err error) {
	// The list may be shorter than its limit although more follow, so it is read
	// until nothing comes.
	req := invoice.ListRequest{Company: v.user.Company, Month: m}
	for {
		list, err := v.p.o.Invoices.Documents(v.r.Context(), v.user.Actor, req)
		if err != nil || len(list) == 0 {
			return all, err
		}
		all = append(all, list...)
		req.After = list[len(list)-1].ID
	}
}

// firstMonth is the first that the company can have bought in.
func (v *visit) firstMonth() credit.Month {
	return credit.MonthOf(v.company.AppliedAt, v.p.o.Travel.Rules().Zone)
}

func (v *visit) reports() error {
	last, first := v.company.ClosedThrough, v.firstMonth()
	p := reportPage{Part: !v.whole, Year: last.Year()}
	if last < first { // none, or months before the company applied
		return v.show(page{Title: v.T("Ekonomirapporter", "Economy reports"), Section: "reports", Template: "reports", Data: p})
	}
	if year, err := strconv.Atoi(v.r.URL.Query().Get("year")); err == nil && year >= first.Year() && year <= last.Year() {
		p.Year = year
	}
	for year := last.Year(); year >= first.Year(); year-- {
		text := strconv.Itoa(year)
		p.Years = append(p.Years, option{Label: text, URL: query(v.to("reports"), "year", text), Chosen: year == p.Year})
	}
	spent := map[string]credit.Amount{}
	for m := max(first, credit.NewMonth(p.Year, 1)); m <= min(last, credit.NewMonth(p.Year, 12)); m++ {
		documents, err := v.documents(m)
		if err != nil {
			return err
		}
		row := monthRow{Month: m, Documents: len(documents), URL: v.to("reports", m.String())}
		for _, d := range documents {
			row.Spent += signed(&d, d.Gross)
			for i := range d.Departments {
				spent[v.Department(&d.Departments[i])] += signed(&d, d.Departments[i].Gross)
			}
		}
		p.Months = append(p.Months, row)
	}
	for name, a := range spent {
		p.Departments = append(p.Departments, departmentSpend{name, a})
	}
	slices.SortFunc(p.Departments, func(a, b departmentSpend) int {
		return cmp.Or(cmp.Compare(b.Spent, a.Spent), cmp.Compare(a.Name, b.Name))
	})
	p.MonthChart, p.DepartChart = v.monthChart(p.Months, p.Year), v.departmentChart(p.Departments, p.Year)
	slices.Reverse(p.Months)
	return v.show(page{Title: v.T("Ekonomirapporter", "Economy reports"), Section: "reports", Template: "reports", Data: p})
}

type monthPage struct {
	Month       credit.Month
	Rows        []documentRow
	Departments []departmentSpend
	Chart       chart
	Part        bool
}

func (v *visit) monthReport() error {
	m, err := credit.ParseMonth(v.r.PathValue("month"))
	if err != nil || m > v.company.ClosedThrough || m < v.firstMonth() {
		return travel.ErrNotFound
	}
	documents, err := v.documents(m)
	if err != nil {
		return err
	}
	p := monthPage{Month: m, Part: !v.whole}
	spent := map[string]credit.Amount{}
	for _, d := range documents {
		row, err := v.documentRow(d)
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, row)
		for i := range d.Departments {
			spent[v.Department(&d.Departments[i])] += signed(&d, d.Departments[i].Gross)
		}
	}
	for name, a := range spent {
		p.Departments = append(p.Departments, departmentSpend{name, a})
	}
	slices.SortFunc(p.Departments, func(a, b departmentSpend) int {
		return cmp.Or(cmp.Compare(b.Spent, a.Spent), cmp.Compare(a.Name, b.Name))
	})
	p.Chart = v.departmentChart(p.Departments, m.Year())
	p.Chart.Title = v.T("Köp per avdelning, ", "Spending by department, ") + v.Month(m)
	crumb := link{v.T("Ekonomirapporter", "Economy reports"), v.to("reports")}
	return v.show(page{Title: v.T("Ekonomirapport för ", "Economy report of ") + v.Month(m), Section: "reports", Crumb: &crumb, Template: "month", Data: p})
}

func (v *visit) documentRow(d invoice.Document) (documentRow, error) {
	row := documentRow{Document: d, Heading: v.Title(&d), Signed: signed(&d, d.Gross)}
	for _, f := range v.p.o.Formats {
		name := f.Renderer(v.tag).Format().Name
		row.Downloads = append(row.Downloads, link{v.T(f.Swedish, f.English), v.to("reports", "documents", d.ID.String(), name)})
	}
	log, err := v.p.o.Invoices.Delivery(v.r.Context(), v.user.Actor, v.user.Company, d.ID)
	switch {
	case errors.Is(err, travel.ErrNotFound):
		row.Delivery = badge{Text: v.T("Hämtas här", "Fetched here"), Tone: "off", Mark: "–"}
	case err != nil:
		return row, err
	case log.State == invoice.DeliveryAccepted:
		row.Delivery = badge{Text: v.T("Levererad", "Delivered"), Tone: "good", Mark: "✓"}
	case log.State == invoice.DeliveryRefused:
		row.Delivery, row.Reason = badge{Text: v.T("Avvisad av mottagaren", "Refused by the receiver"), Tone: "bad", Mark: "✕"}, log.Reason
	default:
		row.Delivery = badge{Text: v.T("Väntar på leverans", "Waits for delivery"), Tone: "wait", Mark: "…"}
	}
	return row, nil
}

// download writes a document in a format, as far as the user may see it (R40).
func (v *visit) download() error {
	id, err := travel.ParseID[invoice.DocumentID](v.r.PathValue("id"))
	if err != nil {
		return travel.ErrNotFound
	}
	renderer := v.renderer(v.r.PathValue("format"))
	if renderer == nil {
		return travel.ErrNotFound
	}
	d, err := v.p.o.Invoices.Document(v.r.Context(), v.user.Actor, v.user.Company, id)
	if err != nil {
		return err
	}
	format := renderer.Format()
	base := cmp.Or(d.Label(), d.Month.String())
	out := &lateWriter{w: v.w, begin: func() {
		v.w.Header().Set("Content-Type", format.MediaType)
		v.w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{
			"filename": base + "-" + format.Name + "." + format.Extension,
		}))
		v.w.WriteHeader(http.StatusOK)
	}}
	err = v.p.o.Invoices.Render(v.r.Context(), out, v.user.Actor, invoice.RenderRequest{Company: v.user.Company, Document: id, Renderer: renderer})
	if err != nil && out.begun {
		// Half a file must not look like a whole one.
		v.p.o.Logger.ErrorContext(v.r.Context(), "portal: rendering failed", "format", format.Name, "error", typesOf(err))
		panic(http.ErrAbortHandler)
	}
	return err
}

func (v *visit) renderer(name string) invoice.Renderer {
	for _, f := range v.p.o.Formats {
		if r := f.Renderer(v.tag); r.Format().Name == name {
			return r
		}
	}
	return nil
}

// lateWriter sends no header before the first byte, so that what fails before
// it can still be told as a page.
type lateWriter struct {
	w     io.Writer
	begin func()
	begun bool
}

func (l *lateWriter) Write(b []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.begin()
	}
	return l.w.Write(b)
}
