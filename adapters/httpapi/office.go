package httpapi

import (
	"context"
	"maps"
	"net/http"
	"regexp"
	"slices"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// office is the API of the operator's back office.
type office struct{ OfficeConfig }

type officeExchange = exchange[Employee]

var formatName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// NewOffice returns the API of the operator's back office, which a host mounts
// behind http.StripPrefix. It is safe for concurrent use. The error is a
// [*travel.InputError] that names the field of the configuration.
func NewOffice(c OfficeConfig) (http.Handler, error) {
	switch {
	case c.Travel == nil:
		return nil, invalid("Travel", "", "is required")
	case c.Invoices == nil:
		return nil, invalid("Invoices", "", "is required")
	case c.Authenticate == nil:
		return nil, invalid("Authenticate", "", "is required")
	}
	c.Renderers = maps.Clone(c.Renderers)
	for _, name := range slices.Sorted(maps.Keys(c.Renderers)) {
		if !formatName.MatchString(name) || c.Renderers[name] == nil {
			return nil, invalid("Renderers", name, "must be a renderer under a name of small letters, digits and hyphens")
		}
	}
	if err := c.complete(defaultOfficeTime); err != nil {
		return nil, err
	}
	o := &office{c}
	known := func(e Employee) bool { return e.ID != "" }
	return newHandler(c.Options, newDocument(officeDocument), c.Travel.Rules().Zone, c.Authenticate, known, o.routes()), nil
}

// costOfAll is what it costs to ask for something that reads or closes all
// companies.
const costOfAll = 20

func (o *office) routes() []route[Employee] {
	const (
		company  = "/companies/{company}"
		document = company + "/documents/{document}"
		month    = company + "/months/{month}"
	)
	page := []string{"after", "limit"}
	return []route[Employee]{
		{method: http.MethodGet, pattern: "/companies", query: append([]string{"status"}, page...), serve: o.companies},
		{method: http.MethodGet, pattern: company, serve: o.company},
		{method: http.MethodPost, pattern: company + "/approve", serve: o.decide(o.Travel.Approve)},
		{method: http.MethodPost, pattern: company + "/reject", serve: o.decide(o.Travel.Reject)},
		{method: http.MethodPost, pattern: company + "/close", serve: o.decide(o.Travel.CloseCompany)},
		{method: http.MethodPut, pattern: company + "/ceiling", serve: o.ceiling},
		{method: http.MethodGet, pattern: company + "/audit-log", query: page, serve: o.auditLog},
		{method: http.MethodPost, pattern: company + "/authorizations/{authorization}/refunds", operation: travel.OperationRefund, serve: o.refund},
		{method: http.MethodGet, pattern: "/months/{month}/preview", query: []string{"company"}, cost: costOfAll, serve: o.preview},
		{method: http.MethodPost, pattern: "/months/{month}/close", cost: costOfAll, serve: o.close},
		{method: http.MethodPost, pattern: month + "/set-aside", serve: o.setAside},
		{method: http.MethodPost, pattern: month + "/release", serve: o.releaseMonth},
		{method: http.MethodGet, pattern: month + "/documents", query: page, serve: o.documents},
		{method: http.MethodGet, pattern: document, serve: o.document},
		{method: http.MethodGet, pattern: document + "/files/{format}", serve: o.file},
		{method: http.MethodPost, pattern: document + "/reissue", serve: o.reissue},
		{method: http.MethodGet, pattern: document + "/delivery", serve: o.delivery},
		{method: http.MethodPost, pattern: document + "/redeliver", serve: o.redeliver},
		{method: http.MethodGet, pattern: "/deliveries", query: append([]string{"state"}, page...), serve: o.deliveries},
		{method: http.MethodGet, pattern: "/audit", cost: costOfAll, serve: o.audit},
	}
}

// actor is who does something, for the services and their audit log.
func actor(x *officeExchange) travel.Actor { return travel.OperatorActor(x.who.ID) }

func companyID(x *officeExchange) (travel.CompanyID, error) {
	return pathID[travel.CompanyID](x, "company")
}

type companyBody struct {
	ID                 string       `json:"id"`
	Status             string       `json:"status"`
	Name               string       `json:"name"`
	OrganizationNumber string       `json:"organization_number"`
	Billing            billingBody  `json:"billing"`
	DefaultReference   string       `json:"default_reference,omitempty"`
	Ceiling            string       `json:"ceiling,omitempty"`
	Maximum            string       `json:"maximum,omitempty"`
	EarlyInsight       bool         `json:"early_insight"`
	ClosedThrough      credit.Month `json:"closed_through,omitempty"`
	AppliedAt          string       `json:"applied_at"`
	DecidedAt          string       `json:"decided_at,omitempty"`
	ClosedAt           string       `json:"closed_at,omitempty"`
}

type billingBody struct {
	Name          string `json:"name,omitempty"`
	Street        string `json:"street,omitempty"`
	PostalCode    string `json:"postal_code,omitempty"`
	City          string `json:"city,omitempty"`
	Country       string `json:"country"`
	VATNumber     string `json:"vat_number,omitempty"`
	PeppolID      string `json:"peppol_id,omitempty"`
	Email         string `json:"email,omitempty"`
	PersonalLines bool   `json:"personal_lines"`
}

func companyOf(c *travel.Company) companyBody {
	b := companyBody{
		ID: text(c.ID), Status: string(c.Status), Name: c.Name, OrganizationNumber: c.OrganizationNumber,
		Billing:          billingBody(c.Billing),
		DefaultReference: c.DefaultReference, EarlyInsight: c.EarlyInsight, ClosedThrough: c.ClosedThrough,
		AppliedAt: instant(c.AppliedAt), DecidedAt: instant(c.DecidedAt), ClosedAt: instant(c.ClosedAt),
	}
	if c.Ceiling > 0 {
		b.Ceiling = kronor(c.Ceiling)
	}
	if c.Maximum > 0 {
		b.Maximum = kronor(c.Maximum)
	}
	return b
}

// maxPage bounds a page of every list of the back office.
const maxPage = 200

// companies lists companies of one status or of all (R01).
func (o *office) companies(x *officeExchange) (any, error) {
	after, err := queryID[travel.CompanyID](x, "after")
	if err != nil {
		return nil, err
	}
	limit, err := x.limit(maxPage)
	if err != nil {
		return nil, err
	}
	status := travel.CompanyStatus(x.query.Get("status"))
	switch status {
	case "", travel.CompanyApplied, travel.CompanyApproved, travel.CompanyRejected, travel.CompanyClosed:
	default:
		return nil, wrongField("status", "must be applied, approved, rejected or closed")
	}
	list, err := o.Travel.Companies(x.Context(), actor(x), status, after, limit)
	if err != nil {
		return nil, err
	}
	body := struct {
		Companies []companyBody `json:"companies"`
		Next      string        `json:"next,omitempty"`
	}{Companies: make([]companyBody, len(list))}
	for i := range list {
		body.Companies[i] = companyOf(&list[i])
	}
	if len(list) == limit {
		body.Next = text(list[limit-1].ID)
	}
	return body, nil
}

func (o *office) company(x *officeExchange) (any, error) {
	id, err := companyID(x)
	if err != nil {
		return nil, err
	}
	c, err := o.Travel.Company(x.Context(), actor(x), id)
	if err != nil {
		return nil, err
	}
	return companyOf(&c), nil
}

type reasonBody struct {
	Reason string `json:"reason"`
}

// decide decides about a company, with a reason for the audit log.
func (o *office) decide(do func(context.Context, travel.Actor, travel.CompanyID, string) error) func(*officeExchange) (any, error) {
	return func(x *officeExchange) (any, error) {
		id, err := companyID(x)
		if err != nil {
			return nil, err
		}
		var b reasonBody
		if err := x.into(&b); err != nil {
			return nil, err
		}
		return nil, do(x.Context(), actor(x), id, b.Reason)
	}
}

// ceiling sets what the operator grants one traveler of a company (R17).
func (o *office) ceiling(x *officeExchange) (any, error) {
	id, err := companyID(x)
	if err != nil {
		return nil, err
	}
	var b struct {
		Ceiling string `json:"ceiling"`
	}
	if err := x.into(&b); err != nil {
		return nil, err
	}
	amount, err := parseMoney("ceiling", b.Ceiling)
	if err != nil {
		return nil, err
	}
	return nil, o.Travel.SetCeiling(x.Context(), actor(x), id, amount)
}

type refundBody struct {
	Amounts *[]string `json:"amounts"`
}

type refundedBody struct {
	Refund  string       `json:"refund"`
	Amount  string       `json:"amount"`
	Billing credit.Month `json:"billing"`
}

// refund gives a purchase back (R43).
func (o *office) refund(x *officeExchange) (any, error) {
	company, err := companyID(x)
	if err != nil {
		return nil, err
	}
	id, err := pathID[travel.AuthorizationID](x, "authorization")
	if err != nil {
		return nil, err
	}
	var b refundBody
	if err := x.into(&b); err != nil {
		return nil, err
	}
	amounts, err := parseAmounts("amounts", b.Amounts)
	if err != nil {
		return nil, err
	}
	leave, err := x.once(company)
	if err != nil {
		return nil, err
	}
	defer leave()
	r, err := o.Travel.Refund(x.Context(), actor(x), travel.RefundRequest{
		Company: company, Key: x.key, Authorization: id, Amounts: amounts,
	})
	switch {
	case err != nil:
		return nil, err
	case r.Decline != nil:
		return nil, &declined{Decline: r.Decline, office: true}
	}
	return refundedBody{text(r.Refund), money(r.Amount), r.Billing}, nil
}
