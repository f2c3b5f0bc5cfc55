package httpapi

import (
	"context"
	"io"
	"strings"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// documentBody is an invoice.Document. A draft has no id, number or instant.
type documentBody struct {
	ID               string           `json:"id,omitempty"`
	Kind             string           `json:"kind"`
	Label            string           `json:"label,omitempty"`
	Month            credit.Month     `json:"month"`
	Seller           string           `json:"seller"`
	SellerID         string           `json:"seller_id,omitempty"`
	Buyer            string           `json:"buyer"`
	Reference        string           `json:"reference"`
	Currency         string           `json:"currency"`
	IssuedAt         string           `json:"issued_at,omitempty"`
	DueAt            string           `json:"due_at,omitempty"`
	PaymentReference string           `json:"payment_reference,omitempty"`
	Original         *originalBody    `json:"original,omitempty"`
	Cancels          bool             `json:"cancels"`
	Replaces         *originalBody    `json:"replaces,omitempty"`
	Lines            int              `json:"lines"`
	Net              string           `json:"net"`
	VAT              string           `json:"vat"`
	Gross            string           `json:"gross"`
	Rounding         string           `json:"rounding"`
	Payable          string           `json:"payable"`
	Departments      []departmentBody `json:"departments"`
	Rates            []rateBody       `json:"rates"`
}

type originalBody struct {
	ID       string `json:"id"`
	Label    string `json:"label,omitempty"`
	IssuedAt string `json:"issued_at"`
}

type departmentBody struct {
	ID         string `json:"id,omitempty"`
	Name       string `json:"name,omitempty"`
	CostCenter string `json:"cost_center,omitempty"`
	Lines      int    `json:"lines"`
	Net        string `json:"net"`
	VAT        string `json:"vat"`
	Gross      string `json:"gross"`
}

type rateBody struct {
	Rate     int    `json:"rate"`
	Category string `json:"category"`
	Net      string `json:"net"`
	VAT      string `json:"vat"`
	Gross    string `json:"gross"`
}

func documentOf(d *invoice.Document) documentBody {
	b := documentBody{
		ID: text(d.ID), Kind: string(d.Kind), Label: d.Label(), Month: d.Month, Seller: d.Seller.Name, SellerID: d.SellerID,
		Buyer: d.Buyer.Name, Reference: d.Reference, Currency: d.Currency, IssuedAt: instant(d.IssuedAt), DueAt: instant(d.DueAt),
		PaymentReference: d.PaymentReference, Original: originalOf(d.Original), Cancels: d.Cancels, Replaces: originalOf(d.Replaces),
		Lines: d.Lines, Net: kronor(d.Net), VAT: kronor(d.VAT), Gross: kronor(d.Gross), Rounding: kronor(d.Rounding),
		Payable: kronor(d.Payable()), Departments: []departmentBody{}, Rates: []rateBody{},
	}
	for _, t := range d.Departments {
		b.Departments = append(b.Departments, departmentBody{
			text(t.ID), t.Name, t.CostCenter, t.Lines, kronor(t.Net), kronor(t.VAT), kronor(t.Gross),
		})
	}
	for _, r := range d.Rates {
		b.Rates = append(b.Rates, rateBody{r.Rate, r.Category, kronor(r.Net), kronor(r.VAT), kronor(r.Gross)})
	}
	return b
}

func originalOf(o *invoice.Original) *originalBody {
	if o == nil {
		return nil
	}
	return &originalBody{text(o.ID), o.Label(), instant(o.IssuedAt)}
}

func documentsOf(list []invoice.Document) []documentBody {
	bodies := make([]documentBody, len(list))
	for i := range list {
		bodies[i] = documentOf(&list[i])
	}
	return bodies
}

// documents lists what was issued for a company's month (R34).
func (o *office) documents(x *officeExchange) (any, error) {
	company, m, err := companyMonth(x)
	if err != nil {
		return nil, err
	}
	after, err := queryID[invoice.DocumentID](x, "after")
	if err != nil {
		return nil, err
	}
	limit, err := x.limit(maxPage)
	if err != nil {
		return nil, err
	}
	list, err := o.Invoices.Documents(x.Context(), actor(x), invoice.ListRequest{Company: company, Month: m, After: after, Limit: limit})
	if err != nil {
		return nil, err
	}
	body := struct {
		Documents []documentBody `json:"documents"`
		Next      string         `json:"next,omitempty"`
	}{Documents: documentsOf(list)}
	if len(list) == limit {
		body.Next = text(list[limit-1].ID)
	}
	return body, nil
}

// paper reads the company and the document of the path.
func paper(x *officeExchange) (travel.CompanyID, invoice.DocumentID, error) {
	company, err := companyID(x)
	if err != nil {
		return company, invoice.DocumentID{}, err
	}
	id, err := pathID[invoice.DocumentID](x, "document")
	return company, id, err
}

func (o *office) document(x *officeExchange) (any, error) {
	company, id, err := paper(x)
	if err != nil {
		return nil, err
	}
	d, err := o.Invoices.Document(x.Context(), actor(x), company, id)
	if err != nil {
		return nil, err
	}
	return documentOf(&d), nil
}

// file gives a document in a format.
func (o *office) file(x *officeExchange) (any, error) {
	company, id, err := paper(x)
	if err != nil {
		return nil, err
	}
	renderer, ok := o.Renderers[x.route.value(x.open, "format")]
	if !ok {
		return nil, refuse(NotFound)
	}
	d, err := o.Invoices.Document(x.Context(), actor(x), company, id)
	if err != nil {
		return nil, err
	}
	format, who := renderer.Format(), actor(x)
	return &file{format.MediaType, fileName(&d, format), func(ctx context.Context, w io.Writer) error {
		return o.Invoices.Render(ctx, w, who, invoice.RenderRequest{Company: company, Document: id, Renderer: renderer})
	}}, nil
}

// fileName is the document's number, or its id where it has none.
func fileName(d *invoice.Document, f invoice.Format) string {
	name := d.Label()
	if name == "" {
		name = d.ID.String()
	}
	return clean(name) + "." + clean(strings.TrimPrefix(f.Extension, "."))
}

// clean leaves what can stand in every header and file system.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '.', r == '_':
			return r
		}
		return '_'
	}, s)
}

type reissuedBody struct {
	CreditNotes []documentBody `json:"credit_notes"`
	Invoices    []documentBody `json:"invoices"`
}

// reissue cancels a wrong invoice and issues it anew.
func (o *office) reissue(x *officeExchange) (any, error) {
	company, id, err := paper(x)
	if err != nil {
		return nil, err
	}
	var b struct {
		Reason string `json:"reason"`
		DryRun bool   `json:"dry_run"`
	}
	if err := x.into(&b); err != nil {
		return nil, err
	}
	r, err := o.Invoices.Reissue(x.Context(), actor(x), invoice.ReissueRequest{Company: company, Document: id, Reason: b.Reason, DryRun: b.DryRun})
	if err != nil {
		return nil, err
	}
	return reissuedBody{documentsOf(r.CreditNotes), documentsOf(r.Invoices)}, nil
}
