package httpapi

import (
	"errors"
	"log/slog"
	"strconv"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

type previewBody struct {
	Company   string         `json:"company"`
	Month     credit.Month   `json:"month"`
	Documents []documentBody `json:"documents"`
	Problem   *problemBody   `json:"problem,omitempty"`
}

// problemBody is why a month cannot be closed.
type problemBody struct {
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"`
	Text   string `json:"text"`
}

func problemBodyOf(p *invoice.Problem, tag language.Tag) *problemBody {
	if p == nil {
		return nil
	}
	return &problemBody{string(p.Reason), p.Detail, p.Text(tag)}
}

// preview is the dry run of a month's close, for one company or for all.
func (o *office) preview(x *officeExchange) (any, error) {
	m, err := x.month()
	if err != nil {
		return nil, err
	}
	company, err := queryID[travel.CompanyID](x, "company")
	if err != nil {
		return nil, err
	}
	tag := languageOf(x.Request)
	body := struct {
		Previews []previewBody `json:"previews"`
	}{[]previewBody{}}
	add := func(p invoice.Preview) {
		body.Previews = append(body.Previews, previewBody{text(p.Company), p.Month, documentsOf(p.Documents), problemBodyOf(p.Problem, tag)})
	}
	if x.query.Has("company") {
		p, err := o.Invoices.Preview(x.Context(), company, m)
		if err != nil {
			return nil, err
		}
		add(p)
		return body, nil
	}
	for p, err := range o.Invoices.Previews(x.Context(), m) {
		if err != nil {
			return nil, err
		}
		add(p)
	}
	return body, nil
}

type closeBody struct {
	Company   string       `json:"company"`
	Month     credit.Month `json:"month"`
	State     string       `json:"state"`
	Problem   *problemBody `json:"problem,omitempty"`
	FencedAt  string       `json:"fenced_at,omitempty"`
	IssuedAt  string       `json:"issued_at,omitempty"`
	Documents []string     `json:"documents"`
}

func closeOf(c *invoice.Close, tag language.Tag) closeBody {
	b := closeBody{
		Company: text(c.Company), Month: c.Month, State: string(c.State), Problem: problemBodyOf(c.Problem(), tag),
		FencedAt: instant(c.FencedAt), IssuedAt: instant(c.IssuedAt), Documents: make([]string, len(c.Documents)),
	}
	for i, d := range c.Documents {
		b.Documents[i] = text(d)
	}
	return b
}

func closesOf(list []invoice.Close, tag language.Tag) []closeBody {
	bodies := make([]closeBody, len(list))
	for i := range list {
		bodies[i] = closeOf(&list[i], tag)
	}
	return bodies
}

// failedBody is a company's month that could not be closed.
type failedBody struct {
	Company string       `json:"company"`
	Month   credit.Month `json:"month"`
}

type reportBody struct {
	Issued  []closeBody  `json:"issued"`
	Skipped []closeBody  `json:"skipped"`
	Aside   []closeBody  `json:"aside"`
	Failed  []failedBody `json:"failed"`
}

// close closes a month and all before it (R35), and reports what became of
// each company.
func (o *office) close(x *officeExchange) (any, error) {
	m, err := x.month()
	if err != nil {
		return nil, err
	}
	var b struct {
		Companies *[]string `json:"companies"`
	}
	if err := x.into(&b); err != nil {
		return nil, err
	}
	req := invoice.CloseRequest{Month: m}
	if b.Companies != nil {
		if req.Companies, err = parseCompanies(*b.Companies); err != nil {
			return nil, err
		}
	}
	report, err := o.Invoices.Close(x.Context(), req)
	var some *invoice.CloseError
	if gone := x.Context().Err(); err != nil && gone != nil {
		// What is closed is closed, and the next request goes on.
		return nil, gone
	}
	if err != nil && !errors.As(err, &some) {
		return nil, err
	}
	tag := languageOf(x.Request)
	body := reportBody{closesOf(report.Issued, tag), closesOf(report.Skipped, tag), closesOf(report.Aside, tag), []failedBody{}}
	if some != nil {
		for _, f := range some.Failed {
			x.handler.log(x, slog.LevelError, "httpapi: month not closed", slog.String("company", f.Company.String()), slog.Any("error", f.Err))
			body.Failed = append(body.Failed, failedBody{text(f.Company), f.Month})
		}
	}
	return body, nil
}

// maxCompanies bounds how many companies a close may name.
const maxCompanies = 1000

func parseCompanies(list []string) ([]travel.CompanyID, error) {
	if len(list) == 0 || len(list) > maxCompanies {
		return nil, wrongField("companies", "must be 1 to "+strconv.Itoa(maxCompanies)+": leave it out for all")
	}
	ids := make([]travel.CompanyID, len(list))
	for i, s := range list {
		var err error
		if ids[i], err = travel.ParseID[travel.CompanyID](s); err != nil || ids[i].IsZero() {
			return nil, wrongField("companies["+strconv.Itoa(i)+"]", "must be a UUID")
		}
	}
	return ids, nil
}

// companyMonth reads the company and the month of the path.
func companyMonth(x *officeExchange) (travel.CompanyID, credit.Month, error) {
	company, err := companyID(x)
	if err != nil {
		return company, 0, err
	}
	m, err := x.month()
	return company, m, err
}

// setAside keeps a company's month from being closed.
func (o *office) setAside(x *officeExchange) (any, error) {
	company, m, err := companyMonth(x)
	if err != nil {
		return nil, err
	}
	var b struct {
		Note string `json:"note"`
	}
	if err := x.into(&b); err != nil {
		return nil, err
	}
	c, err := o.Invoices.SetAside(x.Context(), actor(x), company, m, b.Note)
	if err != nil {
		return nil, err
	}
	return closeOf(&c, languageOf(x.Request)), nil
}

// releaseMonth lets it be closed again.
func (o *office) releaseMonth(x *officeExchange) (any, error) {
	company, m, err := companyMonth(x)
	if err != nil {
		return nil, err
	}
	if err := x.empty(); err != nil {
		return nil, err
	}
	c, err := o.Invoices.Release(x.Context(), actor(x), company, m)
	if err != nil {
		return nil, err
	}
	return closeOf(&c, languageOf(x.Request)), nil
}
