package travel

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/csvimport"
)

// ImportRequest is a list of travelers to be planned and applied.
type ImportRequest struct {
	Company CompanyID
	// File is what [Service.ReadImport] read.
	File csvimport.Result
	// CreateDepartments creates departments that do not exist; else they are
	// row errors.
	CreateDepartments bool
	// GoodRowsOnly applies the good rows of a list with errors; else such a
	// list is [ErrImport] and changes nothing.
	GoodRowsOnly bool
	// Key is the caller's idempotency key; planning takes none.
	Key string
	// Fingerprint is that of the plan the administrator has seen: when the
	// state has moved since, applying is [ErrPlanStale]. "" applies whatever
	// the plan is by then.
	Fingerprint string
	// Language is that of the SMS; Swedish when zero.
	Language language.Tag
	// Progress hears how many of the codes are made, if set, from the caller's
	// own goroutine or another, one call at a time.
	Progress func(done, total int)
}

// ImportAction says what a row does.
type ImportAction string

// What a row does. A row that creates or updates may connect as well.
const (
	ImportCreate    ImportAction = "create"
	ImportUpdate    ImportAction = "update"
	ImportUnchanged ImportAction = "unchanged"
)

// ImportStep is what will be done for one good row. Printing one with fmt or
// slog gives the line and what is done, and nothing of the person (I7).
type ImportStep struct {
	// Line is the line in the file.
	Line   int
	Action ImportAction
	// Connect sends an SMS with credentials (R07).
	Connect bool
	// Changes names the fields that change: "number", "limit", "department".
	Changes []string

	of *person
}

// person is whom a step is about. A step holds it behind two pointers: fmt
// asks no Format of what a host keeps in an unexported field, and with an unfit
// verb follows one.
type person struct{ *particulars }

type particulars struct {
	row      csvimport.Row
	traveler TravelerID
	limit    credit.Amount
	details  TravelerDetails
	// department is the name of one that is to be created.
	department string
}

// String returns the line and what is done: line 7: update [number], connect.
func (s ImportStep) String() string {
	text := fmt.Sprintf("line %d: %s", s.Line, s.Action)
	if len(s.Changes) > 0 {
		text += fmt.Sprintf(" %v", s.Changes)
	}
	if s.Connect {
		text += ", connect"
	}
	return text
}

// Format prints what [ImportStep.String] says, whatever the verb.
func (s ImportStep) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue gives slog what [ImportStep.String] says.
func (s ImportStep) LogValue() slog.Value { return slog.StringValue(s.String()) }

// ImportPlan is what an import will do, before it does it. Printing one with
// fmt or slog gives its fingerprint and its counts only (I7).
type ImportPlan struct {
	Steps []ImportStep
	// Errors are those of the file and those of the plan, in the order of the
	// file; ErrorCount counts them all, InvalidRows the rows behind those that
	// are listed.
	Errors                  []csvimport.RowError
	ErrorCount, InvalidRows int
	// Departments are the names of those that will be created.
	Departments                         []string
	Created, Updated, Unchanged, ToSend int
	// Segments is what the SMS are billed as: one each, since texts that do not
	// fit one are refused. Cost is what they cost by Config.SegmentPrice, 0 when
	// that is unknown, and SentWithin how long it takes until the last is due.
	Segments   int
	Cost       decimal.Decimal
	SentWithin time.Duration
	// Fingerprint stands for the plan.
	Fingerprint string

	references map[string]string
}

// String returns the fingerprint and the counts.
func (p ImportPlan) String() string {
	return fmt.Sprintf("import plan %s: %d created, %d updated, %d unchanged, %d invalid, %d to send in %d segments",
		p.Fingerprint, p.Created, p.Updated, p.Unchanged, p.InvalidRows, p.ToSend, p.Segments)
}

// Format prints fingerprint and counts, whatever the verb.
func (p ImportPlan) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// LogValue gives slog fingerprint and counts.
func (p ImportPlan) LogValue() slog.Value { return slog.StringValue(p.String()) }

// The codes of row errors that are found in planning.
const (
	CodeUnknownDepartment csvimport.Code = "unknown_department"
	CodeReferenceMismatch csvimport.Code = "reference_mismatch"
	CodeEmployeeTaken     csvimport.Code = "employee_number_taken"
	CodeOutsideReach      csvimport.Code = "outside_reach"
	CodeLimitTooHigh      csvimport.Code = "limit_too_high"
)

// ReadImport reads a list of travelers with the operator's own bounds.
func (s *Service) ReadImport(r io.Reader) (csvimport.Result, error) {
	return csvimport.Read(r, csvimport.Options{
		HomeCountry: s.home, Countries: s.countries, MaxLimit: s.rules.Maximum.Decimal(),
	})
}

// roster is what a company has, for planning.
type roster struct {
	departments map[string]Department
	names       map[DepartmentID]string
	byNumber    map[PhoneNumber]*Traveler
	byEmployee  map[string]*Traveler
}

func (w *session) roster() (*roster, error) {
	r := &roster{
		departments: map[string]Department{}, names: map[DepartmentID]string{},
		byNumber: map[PhoneNumber]*Traveler{}, byEmployee: map[string]*Traveler{},
	}
	departments, err := w.Departments(w.ctx, w.company.ID)
	if err != nil {
		return nil, err
	}
	for _, d := range departments {
		if d.ArchivedAt.IsZero() && w.reach.covers(d.ID) {
			r.departments[strings.ToLower(d.Name)] = d
		}
	}
	const page = 1000
	for q := (TravelerQuery{Company: w.company.ID, Limit: page}); ; {
		list, err := w.Travelers(w.ctx, q)
		if err != nil {
			return nil, err
		}
		for i := range list {
			t := &list[i]
			q.After = t.ID
			if !t.ErasedAt.IsZero() {
				continue
			}
			r.byNumber[t.Number] = t
			if t.EmployeeNumber != "" {
				r.byEmployee[t.EmployeeNumber] = t
			}
		}
		if len(list) < page {
			return r, nil
		}
	}
}

// plan decides what each row of a list will do. Planning and applying run the
// same code.
func (w *session) plan(req ImportRequest) (ImportPlan, error) {
	r, err := w.roster()
	if err != nil {
		return ImportPlan{}, err
	}
	p := ImportPlan{Errors: slices.Clone(req.File.Errors), ErrorCount: req.File.ErrorCount, references: map[string]string{}}
	create := req.CreateDepartments && w.reach.all
	for _, row := range req.File.Rows {
		step, fail := w.planRow(r, &p, row, create)
		if fail != nil {
			p.Errors = append(p.Errors, *fail)
			p.ErrorCount++
			continue
		}
		p.add(step)
	}
	slices.SortStableFunc(p.Errors, func(a, b csvimport.RowError) int { return cmp.Compare(a.Line, b.Line) })
	lines := map[int]bool{}
	for _, e := range p.Errors {
		lines[e.Line] = true
	}
	p.InvalidRows = len(lines)
	// One segment each: sms.NewTemplates refuses what is longer.
	p.Segments = p.ToSend
	p.Cost = w.service.price.Mul(decimal.NewFromInt(int64(p.Segments)))
	p.SentWithin = time.Duration(max(p.ToSend-1, 0)) * w.service.pace
	p.Fingerprint = p.fingerprint()
	return p, nil
}

func (p *ImportPlan) add(step ImportStep) {
	p.Steps = append(p.Steps, step)
	switch step.Action {
	case ImportCreate:
		p.Created++
	case ImportUpdate:
		p.Updated++
	default:
		p.Unchanged++
	}
	if step.Connect {
		p.ToSend++
	}
}

// fingerprint covers everything that a plan will do.
func (p *ImportPlan) fingerprint() string {
	d := newDigest(OperationImport)
	for i := range p.Steps {
		s := &p.Steps[i]
		d = d.row(&s.of.row).text(fmt.Sprintf("%s %t %q", s.Action, s.Connect, s.Changes))
		d = d.id(s.of.traveler).id(s.of.details.Department).text(s.of.department)
	}
	d = d.number(int64(p.ErrorCount))
	for _, name := range p.Departments {
		d = d.text(name)
	}
	sum := d.sum()
	return hex.EncodeToString(sum[:16])
}

func fail(row csvimport.Row, f csvimport.Field, code csvimport.Code, swedish, english string) *csvimport.RowError {
	e := row.Fail(f, code, swedish, english)
	return &e
}

func (w *session) planRow(r *roster, p *ImportPlan, row csvimport.Row, create bool) (ImportStep, *csvimport.RowError) {
	step := ImportStep{Line: row.Line, Action: ImportCreate, of: &person{&particulars{row: row}}}
	t := r.byNumber[row.Number]
	if other := r.byEmployee[row.EmployeeNumber]; row.EmployeeNumber != "" && other != nil {
		if t != nil && t.ID != other.ID {
			return step, fail(row, csvimport.FieldEmployeeNumber, CodeEmployeeTaken, "hör till en annan resenär", "belongs to another traveler")
		}
		t = other
	}
	if t != nil && !w.reach.covers(t.Department) {
		return step, fail(row, csvimport.FieldMobile, CodeOutsideReach, "hör till en resenär på en annan avdelning", "belongs to a traveler of another department")
	}
	step.of.details = TravelerDetails{
		// The strings of a row share memory with the whole file.
		FirstName: strings.Clone(row.FirstName), LastName: strings.Clone(row.LastName),
		Email: strings.Clone(row.Email), EmployeeNumber: strings.Clone(row.EmployeeNumber),
	}
	if t != nil {
		step.of.traveler, step.of.details.Department = t.ID, t.Department
		step.of.details.Email = cmp.Or(step.of.details.Email, t.Email)
		step.of.details.EmployeeNumber = cmp.Or(step.of.details.EmployeeNumber, t.EmployeeNumber)
	}
	if e := w.planDepartment(r, p, &step, create); e != nil {
		return step, e
	}
	return step, w.planCredit(&step, t)
}

// planDepartment finds the row's department. A blank one keeps what is.
func (w *session) planDepartment(r *roster, p *ImportPlan, step *ImportStep, create bool) *csvimport.RowError {
	row := step.of.row
	name := strings.ToLower(row.Department)
	d, known := r.departments[name]
	reference := d.Reference
	switch {
	case name == "" && w.reach.covers(step.of.details.Department):
		return nil
	case known:
		step.of.details.Department = d.ID
	case !create || name == "":
		return fail(row, csvimport.FieldDepartment, CodeUnknownDepartment, "finns inte", "does not exist")
	default:
		step.of.department = strings.Clone(row.Department)
		if planned, again := p.references[name]; again {
			reference = planned
		} else {
			reference = strings.Clone(row.Reference)
			p.references[strings.Clone(name)] = reference
			p.Departments = append(p.Departments, step.of.department)
		}
	}
	if row.Reference != "" && row.Reference != reference {
		return fail(row, csvimport.FieldReference, CodeReferenceMismatch,
			"är inte avdelningens referens", "is not the reference of the department")
	}
	return nil
}

// planCredit finds what changes, and whether an SMS is due.
func (w *session) planCredit(step *ImportStep, t *Traveler) *csvimport.RowError {
	row := step.of.row
	account := accountOf(&w.company, cmp.Or(t, &Traveler{}))
	if row.HasLimit {
		limit, err := credit.FromDecimal(row.Limit)
		if err == nil {
			_, err = w.service.rules.SetLimit(account, limit)
		}
		if err != nil {
			return fail(row, csvimport.FieldLimit, CodeLimitTooHigh, "är över företagets högsta tillåtna", "is over the maximum of the company")
		}
		step.of.limit = limit
	}
	if t == nil {
		step.Connect = row.HasLimit
		return nil
	}
	step.Changes = step.changes(*t)
	numberChanged := t.Number != row.Number
	step.Connect = row.HasLimit && !t.connected() || numberChanged && (t.connected() || row.HasLimit)
	step.Action = ImportUpdate
	if len(step.Changes) == 0 && !step.Connect {
		step.Action = ImportUnchanged
	}
	return nil
}

// changes names what differs from what is on record.
func (s ImportStep) changes(t Traveler) []string {
	var names []string
	for _, c := range []struct {
		name    string
		changed bool
	}{
		{"first_name", s.of.details.FirstName != t.FirstName}, {"last_name", s.of.details.LastName != t.LastName},
		{"number", s.of.row.Number != t.Number}, {"email", s.of.details.Email != t.Email},
		{"employee_number", s.of.details.EmployeeNumber != t.EmployeeNumber},
		{"department", s.of.department != "" || s.of.details.Department != t.Department},
		{"limit", s.of.row.HasLimit && t.Credit.Limit != s.of.limit},
	} {
		if c.changed {
			names = append(names, c.name)
		}
	}
	return names
}
