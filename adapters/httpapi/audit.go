package httpapi

import (
	"encoding/hex"
	"strconv"

	"github.com/tjansteresor/tjansteresor/travel"
)

type auditBody struct {
	Sequence int64  `json:"sequence"`
	At       string `json:"at"`
	Role     string `json:"role"`
	Actor    string `json:"actor"`
	Action   string `json:"action"`
	Subject  string `json:"subject"`
	Detail   string `json:"detail,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Hash     string `json:"hash"`
}

// auditLog lists who did what in a company.
func (o *office) auditLog(x *officeExchange) (any, error) {
	company, err := companyID(x)
	if err != nil {
		return nil, err
	}
	limit, err := x.limit(maxPage)
	if err != nil {
		return nil, err
	}
	var after int64
	if s := x.query.Get("after"); s != "" {
		if after, err = strconv.ParseInt(s, 10, 64); err != nil || after < 0 {
			return nil, wrongField("after", "must be a sequence number")
		}
	}
	list, err := o.Travel.AuditLog(x.Context(), actor(x), company, after, limit)
	if err != nil {
		return nil, err
	}
	body := struct {
		Records []auditBody `json:"records"`
		Next    int64       `json:"next,omitempty"`
	}{Records: make([]auditBody, len(list))}
	for i := range list {
		r := &list[i]
		body.Records[i] = auditBody{
			r.Sequence, instant(r.At), string(r.Role), r.Actor, r.Action, r.Subject, r.Detail, r.Reason, hex.EncodeToString(r.Hash[:]),
		}
	}
	if len(list) == limit {
		body.Next = list[limit-1].Sequence
	}
	return body, nil
}

type driftBody struct {
	Company   string `json:"company,omitempty"`
	Subject   string `json:"subject"`
	Invariant string `json:"invariant"`
	Detail    string `json:"detail"`
}

// audit recomputes what is stored, and says what does not add up.
func (o *office) audit(x *officeExchange) (any, error) {
	drifts, err := o.Travel.Audit(x.Context())
	if err != nil {
		return nil, err
	}
	more, err := o.Invoices.Audit(x.Context())
	if err != nil {
		return nil, err
	}
	body := struct {
		Drifts []driftBody `json:"drifts"`
	}{[]driftBody{}}
	for _, list := range [][]travel.Drift{drifts, more} {
		for _, d := range list {
			body.Drifts = append(body.Drifts, driftBody{text(d.Company), d.Subject, d.Invariant, d.Detail})
		}
	}
	return body, nil
}
