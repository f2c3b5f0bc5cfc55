package travel

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/tjansteresor/tjansteresor/credit"
)

// ImportResult is what an import did.
type ImportResult struct {
	Created, Updated, Unchanged, Invalid int
	// Sent counts the SMS that were queued.
	Sent int
	// Departments counts those that were created.
	Departments int
}

// importDigest is how a result is kept for repetitions.
const importDigest = "%d %d %d %d %d %d"

func (r ImportResult) digest() string {
	return fmt.Sprintf(importDigest, r.Created, r.Updated, r.Unchanged, r.Invalid, r.Sent, r.Departments)
}

func readImportDigest(s string) (r ImportResult, err error) {
	_, err = fmt.Sscanf(s, importDigest, &r.Created, &r.Updated, &r.Unchanged, &r.Invalid, &r.Sent, &r.Departments)
	return r, err
}

// PlanImport says what an import would do, and changes nothing (R06, R07).
func (s *Service) PlanImport(ctx context.Context, a Actor, req ImportRequest) (p ImportPlan, err error) {
	err = s.read(ctx, a, req.Company, func(w *session) error {
		p, err = w.plan(req)
		return err
	})
	return p, err
}

// ApplyImport does what the plan of the list says, all of it in one
// transaction. A list with errors is [ErrImport] unless GoodRowsOnly; a plan
// that is not the one the administrator has seen is [ErrPlanStale]. Importing
// the same list again changes nothing and sends nothing.
func (s *Service) ApplyImport(ctx context.Context, a Actor, req ImportRequest) (ImportResult, error) {
	if err := checkKey(req.Key); err != nil {
		return ImportResult{}, err
	}
	seen, err := s.PlanImport(ctx, a, req)
	if err != nil {
		return ImportResult{}, err
	}
	// The codes are hashed before the transaction: it takes long.
	codes, err := s.newSecrets(ctx, seen.ToSend, req.Progress)
	if err != nil {
		return ImportResult{}, err
	}
	var answer Answer
	err = s.change(ctx, a, req.Company, func(w *session) error {
		return w.once(OperationImport, req.Key, req.hash(), &answer, func() error {
			p, err := w.plan(req)
			if err != nil {
				return err
			}
			switch {
			case p.Fingerprint != seen.Fingerprint, req.Fingerprint != "" && req.Fingerprint != p.Fingerprint:
				return ErrPlanStale
			case p.ErrorCount > 0 && !req.GoodRowsOnly:
				return fmt.Errorf("%w: %d errors in %d rows", ErrImport, p.ErrorCount, p.InvalidRows)
			}
			result, err := w.apply(p, req, codes)
			answer.Digest = result.digest()
			return err
		})
	})
	if err != nil {
		return ImportResult{}, err
	}
	return readImportDigest(answer.Digest)
}

// hash covers the list and how it is applied.
func (req ImportRequest) hash() [32]byte {
	d := newDigest(OperationImport).text(req.Language.String()).text(fmt.Sprint(req.CreateDepartments, req.GoodRowsOnly))
	d = d.number(int64(len(req.File.Rows))).number(int64(req.File.ErrorCount))
	for i := range req.File.Rows {
		d = d.row(&req.File.Rows[i])
	}
	return d.sum()
}

// newSecrets makes n codes, with as many workers as the service may have.
func (s *Service) newSecrets(ctx context.Context, n int, progress func(done, total int)) ([]secret, error) {
	codes := make([]secret, n)
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	next, done := 0, 0
	worker := func() {
		defer wg.Done()
		mu.Lock()
		defer mu.Unlock()
		for next < n && failed == nil {
			i := next
			next++
			mu.Unlock()
			code, err := s.newSecret(ctx)
			mu.Lock()
			if err != nil {
				failed = err
				return
			}
			codes[i] = code
			if done++; progress != nil {
				progress(done, n)
			}
		}
	}
	for range min(n, cap(s.workers)) {
		wg.Add(1)
		go worker()
	}
	wg.Wait()
	return codes, failed
}

// apply does what the plan says.
func (w *session) apply(p ImportPlan, req ImportRequest, codes []secret) (ImportResult, error) {
	result := ImportResult{
		Created: p.Created, Updated: p.Updated, Unchanged: p.Unchanged, Invalid: p.InvalidRows,
		Sent: p.ToSend, Departments: len(p.Departments),
	}
	w.pace = w.service.pace
	created := map[string]DepartmentID{}
	for _, name := range p.Departments {
		d := Department{Company: w.company.ID, ID: w.service.ids.New()}
		details := DepartmentDetails{Name: name, Reference: p.references[strings.ToLower(name)]}
		if err := w.saveDepartment(&d, details, "department.add"); err != nil {
			return result, err
		}
		created[strings.ToLower(name)] = d.ID
	}
	for _, step := range p.Steps {
		if step.of.department != "" {
			step.of.details.Department = created[strings.ToLower(step.of.department)]
		}
		code := secret{}
		if step.Connect {
			code, codes = codes[0], codes[1:]
		}
		if err := w.applyStep(step, req, code); err != nil {
			return result, fmt.Errorf("line %d: %w", step.Line, err)
		}
	}
	detail := fmt.Sprintf("%d created, %d updated, %d unchanged, %d invalid, %d sent", p.Created, p.Updated, p.Unchanged, p.InvalidRows, p.ToSend)
	return result, w.audit("import.apply", w.company.ID.String(), detail, "")
}

func (w *session) applyStep(step ImportStep, req ImportRequest, code secret) error {
	if step.Action == ImportUnchanged {
		return nil
	}
	var t Traveler
	var err error
	if step.Action == ImportCreate {
		t, err = w.addTraveler(step.of.row.Number, step.of.details)
	} else if t, err = w.traveler(step.of.traveler); err == nil {
		err = w.applyUpdate(&t, step)
	}
	if err != nil || !step.Connect {
		return err
	}
	_, err = w.connect(&t, step.of.limit, code, req.Language, "")
	return err
}

// applyUpdate changes a traveler on record. The limit of one who gets a new
// connection is set with it.
func (w *session) applyUpdate(t *Traveler, step ImportStep) error {
	if err := w.updateTraveler(t, step.of.details); err != nil {
		return err
	}
	if err := w.setNumber(t, step.of.row.Number); err != nil {
		return err
	}
	if step.Connect || step.of.limit == 0 || step.of.limit == t.Credit.Limit {
		return nil
	}
	before := t.Credit.Limit
	if err := w.setLimit(t, step.of.limit); err != nil {
		return err
	}
	if err := w.SaveTraveler(w.ctx, *t); err != nil {
		return err
	}
	return w.audit("traveler.credit", t.ID.String(), limitChange(before, step.of.limit), "")
}

func limitChange(before, after credit.Amount) string {
	return fmt.Sprintf("limit %s to %s", before, after)
}
