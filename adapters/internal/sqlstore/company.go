package sqlstore

import (
	"context"

	"github.com/tjansteresor/tjansteresor/travel"
)

func companyColumns(c *travel.Company) []column {
	return []column{
		uuid("id", &c.ID),
		text("status", &c.Status),
		text("name", &c.Name),
		text("organization_number", &c.OrganizationNumber),
		document("billing", &c.Billing, toBilling, fromBilling),
		text("default_reference", &c.DefaultReference),
		number("ceiling", &c.Ceiling),
		number("maximum", &c.Maximum),
		document("policy", &c.Policy, toPolicy, fromPolicy),
		flag("early_insight", &c.EarlyInsight),
		month("closed_through", &c.ClosedThrough),
		instant("applied_at", &c.AppliedAt),
		instant("decided_at", &c.DecidedAt),
		instant("closed_at", &c.ClosedAt),
		number("audit_sequence", &c.AuditSequence),
		digest("audit_hash", &c.AuditHash),
	}
}

func (x *tx) Company(ctx context.Context, id travel.CompanyID) (travel.Company, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Company{}, err
	}
	c, found, err := get(ctx, x, "company", companyColumns, "WHERE id = $1", x.id(id))
	if err == nil && !found {
		err = notFound("company", id)
	}
	return c, err
}

func (x *tx) SaveCompany(ctx context.Context, c travel.Company) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	return x.save(ctx, "company", 1, companyColumns(&c))
}

func (x *tx) Companies(ctx context.Context, status travel.CompanyStatus, after travel.CompanyID, limit int) ([]travel.Company, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	c := clause{x: x}
	if status != "" {
		c.and("status = $", string(status))
	}
	c.and("id > $", x.id(after))
	return list(ctx, x, "company", companyColumns, c.end("id", limit), c.args...)
}

func departmentColumns(d *travel.Department) []column {
	return []column{
		uuid("company", &d.Company),
		uuid("id", &d.ID),
		text("name", &d.Name),
		text("reference", &d.Reference),
		text("cost_center", &d.CostCenter),
		document("policy", &d.Policy, toPolicy, fromPolicy),
		instant("archived_at", &d.ArchivedAt),
	}
}

func (x *tx) Department(ctx context.Context, company travel.CompanyID, id travel.DepartmentID) (travel.Department, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Department{}, err
	}
	d, found, err := get(ctx, x, "department", departmentColumns, "WHERE company = $1 AND id = $2", x.id(company), x.id(id))
	if err == nil && !found {
		err = notFound("department", id)
	}
	return d, err
}

func (x *tx) SaveDepartment(ctx context.Context, d travel.Department) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	return x.save(ctx, "department", 2, departmentColumns(&d))
}

func (x *tx) Departments(ctx context.Context, company travel.CompanyID) ([]travel.Department, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	return list(ctx, x, "department", departmentColumns, "WHERE company = $1 ORDER BY id", x.id(company))
}

func administratorColumns(a *travel.Administrator) []column {
	return []column{
		uuid("company", &a.Company),
		uuid("id", &a.ID),
		text("name", &a.Name),
		text("email", &a.Email),
		document("departments", &a.Departments, same, same),
		instant("added_at", &a.AddedAt),
		instant("removed_at", &a.RemovedAt),
	}
}

func (x *tx) Administrator(ctx context.Context, company travel.CompanyID, id travel.AdministratorID) (travel.Administrator, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Administrator{}, err
	}
	a, found, err := get(ctx, x, "administrator", administratorColumns, "WHERE company = $1 AND id = $2", x.id(company), x.id(id))
	if err == nil && !found {
		err = notFound("administrator", id)
	}
	return a, err
}

func (x *tx) SaveAdministrator(ctx context.Context, a travel.Administrator) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	return x.save(ctx, "administrator", 2, administratorColumns(&a))
}

func (x *tx) Administrators(ctx context.Context, company travel.CompanyID) ([]travel.Administrator, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	return list(ctx, x, "administrator", administratorColumns, "WHERE company = $1 ORDER BY id", x.id(company))
}

func auditColumns(r *travel.AuditRecord) []column {
	return []column{
		uuid("company", &r.Company),
		number("sequence", &r.Sequence),
		uuid("id", &r.ID),
		instant("at", &r.At),
		text("role", &r.Role),
		text("actor", &r.Actor),
		text("action", &r.Action),
		text("subject", &r.Subject),
		text("detail", &r.Detail),
		text("reason", &r.Reason),
		digest("hash", &r.Hash),
	}
}

func (x *tx) AppendAudit(ctx context.Context, r travel.AuditRecord) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	fresh, err := x.insert(ctx, "audit", auditColumns(&r))
	if err == nil && !fresh {
		err = &travel.DuplicateError{Field: "Sequence"}
	}
	return err
}

func (x *tx) AuditLog(ctx context.Context, company travel.CompanyID, after int64, limit int) ([]travel.AuditRecord, error) {
	if err := x.reads(ctx); err != nil {
		return nil, err
	}
	c := clause{x: x}
	c.and("company = $", x.id(company))
	c.and("sequence > $", after)
	return list(ctx, x, "audit", auditColumns, c.end("sequence", limit), c.args...)
}
