package storetest

import (
	"context"
	"strconv"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// kind is a kind of record that is kept by key, so that what the contract says
// of all of them is proven for each.
type kind struct {
	name string
	// sample makes a record of a company and traveler, with a key of its own;
	// again makes another one with the key of before, or is nil where records
	// never change.
	sample func(c *check, t travel.Traveler) any
	again  func(c *check, before any) any
	// save and load work in the company's name.
	save func(ctx context.Context, tx travel.Tx, v any) error
	load func(ctx context.Context, tx travel.Tx, company travel.CompanyID, v any) (any, error)
	// count reads a number from the record, and raise raises it by one.
	count func(v any) int
	raise func(v any) any
	// global says that the key is not a company's.
	global bool
	// invoicing says that it needs an invoice.Tx.
	invoicing bool
}

// typed is a kind before its type is forgotten.
type typed[T any] struct {
	name   string
	sample func(c *check, t travel.Traveler) T
	// key gives v the key of before.
	key               func(v *T, before T)
	save              func(ctx context.Context, tx travel.Tx, v T) error
	load              func(ctx context.Context, tx travel.Tx, company travel.CompanyID, v T) (T, error)
	count             func(v T) int
	raise             func(v *T)
	global, invoicing bool
}

func (k typed[T]) kind() kind {
	plain := kind{
		name: k.name, global: k.global, invoicing: k.invoicing,
		sample: func(c *check, t travel.Traveler) any { return k.sample(c, t) },
		save:   func(ctx context.Context, tx travel.Tx, v any) error { return k.save(ctx, tx, v.(T)) },
		load: func(ctx context.Context, tx travel.Tx, company travel.CompanyID, v any) (any, error) {
			return k.load(ctx, tx, company, v.(T))
		},
	}
	if k.key != nil {
		plain.again = func(c *check, before any) any {
			v := sample[T](c)
			k.key(&v, before.(T))
			return v
		}
		plain.count = func(v any) int { return k.count(v.(T)) }
		plain.raise = func(v any) any {
			raised := v.(T)
			k.raise(&raised)
			return raised
		}
	}
	return plain
}

// count and raise of a name that is a number.
func countName(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func raiseName(s *string) { *s = strconv.Itoa(countName(*s) + 1) }

var kinds = []kind{
	typed[travel.Company]{
		name:   "company",
		sample: func(c *check, _ travel.Traveler) travel.Company { return sample[travel.Company](c) },
		key:    func(v *travel.Company, before travel.Company) { v.ID = before.ID },
		save: func(ctx context.Context, tx travel.Tx, v travel.Company) error {
			return tx.SaveCompany(ctx, v)
		},
		load: func(ctx context.Context, tx travel.Tx, _ travel.CompanyID, v travel.Company) (travel.Company, error) {
			return tx.Company(ctx, v.ID)
		},
		count:  func(v travel.Company) int { return int(v.Ceiling) },
		raise:  func(v *travel.Company) { v.Ceiling++ },
		global: true,
	}.kind(),
	typed[travel.Department]{
		name: "department",
		sample: func(c *check, t travel.Traveler) travel.Department {
			v := sample[travel.Department](c)
			v.Company = t.Company
			return v
		},
		key: func(v *travel.Department, before travel.Department) { v.Company, v.ID = before.Company, before.ID },
		save: func(ctx context.Context, tx travel.Tx, v travel.Department) error {
			return tx.SaveDepartment(ctx, v)
		},
		load: func(ctx context.Context, tx travel.Tx, company travel.CompanyID, v travel.Department) (travel.Department, error) {
			return tx.Department(ctx, company, v.ID)
		},
		count: func(v travel.Department) int { return countName(v.Name) },
		raise: func(v *travel.Department) { raiseName(&v.Name) },
	}.kind(),
	typed[travel.Administrator]{
		name: "administrator",
		sample: func(c *check, t travel.Traveler) travel.Administrator {
			v := sample[travel.Administrator](c)
			v.Company = t.Company
			return v
		},
		key: func(v *travel.Administrator, before travel.Administrator) {
			v.Company, v.ID = before.Company, before.ID
		},
		save: func(ctx context.Context, tx travel.Tx, v travel.Administrator) error {
			return tx.SaveAdministrator(ctx, v)
		},
		load: func(ctx context.Context, tx travel.Tx, company travel.CompanyID, v travel.Administrator) (travel.Administrator, error) {
			return tx.Administrator(ctx, company, v.ID)
		},
		count: func(v travel.Administrator) int { return countName(v.Name) },
		raise: func(v *travel.Administrator) { raiseName(&v.Name) },
	}.kind(),
	typed[travel.Traveler]{
		name: "traveler",
		sample: func(c *check, t travel.Traveler) travel.Traveler {
			v := sample[travel.Traveler](c)
			v.Company, v.Department = t.Company, t.Department
			return v
		},
		key: func(v *travel.Traveler, before travel.Traveler) { v.Company, v.ID = before.Company, before.ID },
		save: func(ctx context.Context, tx travel.Tx, v travel.Traveler) error {
			return tx.SaveTraveler(ctx, v)
		},
		load: func(ctx context.Context, tx travel.Tx, company travel.CompanyID, v travel.Traveler) (travel.Traveler, error) {
			return tx.Traveler(ctx, company, v.ID)
		},
		count: func(v travel.Traveler) int { return int(v.Credit.Limit) },
		raise: func(v *travel.Traveler) { v.Credit.Limit++ },
	}.kind(),
	typed[travel.Credential]{
		name: "credential",
		sample: func(c *check, t travel.Traveler) travel.Credential {
			v := sample[travel.Credential](c)
			v.Company, v.Traveler = t.Company, t.ID
			return v
		},
		key: func(v *travel.Credential, before travel.Credential) {
			v.Username, v.Company, v.Traveler = before.Username, before.Company, before.Traveler
		},
		save: func(ctx context.Context, tx travel.Tx, v travel.Credential) error {
			return tx.SaveCredential(ctx, v)
		},
		load: func(ctx context.Context, tx travel.Tx, _ travel.CompanyID, v travel.Credential) (travel.Credential, error) {
			return tx.Credential(ctx, v.Username)
		},
		count:  func(v travel.Credential) int { return v.Attempts },
		raise:  func(v *travel.Credential) { v.Attempts++ },
		global: true,
	}.kind(),
	typed[travel.Authorization]{
		name: "authorization",
		sample: func(c *check, t travel.Traveler) travel.Authorization {
			return sampleAuthorization(c, t)
		},
		key: func(v *travel.Authorization, before travel.Authorization) {
			v.ID, v.Company, v.Traveler = before.ID, before.Company, before.Traveler
		},
		save: func(ctx context.Context, tx travel.Tx, v travel.Authorization) error {
			return tx.SaveAuthorization(ctx, v)
		},
		load: func(ctx context.Context, tx travel.Tx, company travel.CompanyID, v travel.Authorization) (travel.Authorization, error) {
			return tx.Authorization(ctx, company, v.ID)
		},
		count: func(v travel.Authorization) int { return int(v.Captured) },
		raise: func(v *travel.Authorization) { v.Captured++ },
	}.kind(),
	typed[travel.Command]{
		name:   "command",
		sample: func(c *check, t travel.Traveler) travel.Command { return sampleCommand(c, t) },
		save: func(ctx context.Context, tx travel.Tx, v travel.Command) error {
			return tx.InsertCommand(ctx, v)
		},
		load: func(ctx context.Context, tx travel.Tx, company travel.CompanyID, v travel.Command) (travel.Command, error) {
			return tx.Command(ctx, company, v.Operation, v.Key)
		},
	}.kind(),
	typed[sms.Queued]{
		name:   "message",
		sample: func(c *check, t travel.Traveler) sms.Queued { return sampleMessage(c, t) },
		key: func(v *sms.Queued, before sms.Queued) {
			v.ID, v.Company, v.Subject = before.ID, before.Company, before.Subject
		},
		save: saveMessage,
		load: func(ctx context.Context, tx travel.Tx, company travel.CompanyID, v sms.Queued) (sms.Queued, error) {
			return loadMessage(ctx, tx, company, v)
		},
		count: func(v sms.Queued) int { return v.Attempts },
		raise: func(v *sms.Queued) { v.Attempts++ },
	}.kind(),
	typed[invoice.Close]{
		name: "close",
		sample: func(c *check, t travel.Traveler) invoice.Close {
			v := sample[invoice.Close](c)
			v.Company = t.Company
			return v
		},
		key: func(v *invoice.Close, before invoice.Close) { v.Company, v.Month = before.Company, before.Month },
		save: func(ctx context.Context, tx travel.Tx, v invoice.Close) error {
			return tx.(invoice.Tx).SaveClose(ctx, v)
		},
		load: func(ctx context.Context, tx travel.Tx, company travel.CompanyID, v invoice.Close) (invoice.Close, error) {
			return tx.(invoice.Tx).Close(ctx, company, v.Month)
		},
		count:     func(v invoice.Close) int { return countName(v.Detail) },
		raise:     func(v *invoice.Close) { raiseName(&v.Detail) },
		invoicing: true,
	}.kind(),
	typed[invoice.Document]{
		name: "document",
		sample: func(c *check, t travel.Traveler) invoice.Document {
			v := sample[invoice.Document](c)
			v.Company = t.Company
			return v
		},
		save: func(ctx context.Context, tx travel.Tx, v invoice.Document) error {
			return tx.(invoice.Tx).InsertDocument(ctx, v)
		},
		load: func(ctx context.Context, tx travel.Tx, company travel.CompanyID, v invoice.Document) (invoice.Document, error) {
			return tx.(invoice.Tx).Document(ctx, company, v.ID)
		},
		invoicing: true,
	}.kind(),
	typed[invoice.DeliveryRecord]{
		name: "delivery",
		sample: func(c *check, t travel.Traveler) invoice.DeliveryRecord {
			v := sample[invoice.DeliveryRecord](c)
			v.Company = t.Company
			return v
		},
		key: func(v *invoice.DeliveryRecord, before invoice.DeliveryRecord) {
			v.Company, v.Document = before.Company, before.Document
		},
		save: func(ctx context.Context, tx travel.Tx, v invoice.DeliveryRecord) error {
			return tx.(invoice.Tx).SaveDelivery(ctx, v)
		},
		load: func(ctx context.Context, tx travel.Tx, company travel.CompanyID, v invoice.DeliveryRecord) (invoice.DeliveryRecord, error) {
			return tx.(invoice.Tx).Delivery(ctx, company, v.Document)
		},
		count:     func(v invoice.DeliveryRecord) int { return v.Attempts },
		raise:     func(v *invoice.DeliveryRecord) { v.Attempts++ },
		invoicing: true,
	}.kind(),
}

// saveMessage appends a message, or replaces the one with its id.
func saveMessage(ctx context.Context, tx travel.Tx, v sms.Queued) error {
	switch _, err := loadMessage(ctx, tx, v.Company, v); {
	case err == nil:
		return tx.SaveMessage(ctx, v)
	case isNotFound(err):
		return tx.AppendMessage(ctx, v)
	default:
		return err
	}
}

func loadMessage(ctx context.Context, tx travel.Tx, company travel.CompanyID, v sms.Queued) (sms.Queued, error) {
	list, err := tx.Messages(ctx, company, v.Subject)
	if err != nil {
		return sms.Queued{}, err
	}
	for _, m := range list {
		if m.ID == v.ID {
			return m, nil
		}
	}
	return sms.Queued{}, travel.ErrNotFound
}

// kinds returns the kinds that the stores can keep.
func (c *check) kinds() []kind {
	var list []kind
	for _, k := range kinds {
		if !k.invoicing || c.Invoice != nil {
			list = append(list, k)
		}
	}
	return list
}

// updateKind and viewKind run a transaction that reaches a kind of record.
func (c *check) updateKind(k kind, do func(tx travel.Tx) error) error {
	if k.invoicing {
		return c.Invoice.UpdateInvoices(c.ctx, func(tx invoice.Tx) error { return do(tx) })
	}
	return c.Travel.Update(c.ctx, do)
}

func (c *check) viewKind(k kind, do func(tx travel.Tx) error) error {
	if k.invoicing {
		return c.Invoice.ViewInvoices(c.ctx, func(tx invoice.Tx) error { return do(tx) })
	}
	return c.Travel.View(c.ctx, do)
}

// saveKind saves a record in a transaction of its own, and loadKind loads it.
func (c *check) saveKind(k kind, v any) {
	c.Helper()
	c.must("saving the "+k.name, c.updateKind(k, func(tx travel.Tx) error { return k.save(c.ctx, tx, v) }))
}

func (c *check) loadKind(k kind, company travel.CompanyID, v any) (loaded any, err error) {
	err = c.viewKind(k, func(tx travel.Tx) (err error) {
		loaded, err = k.load(c.ctx, tx, company, v)
		return err
	})
	return loaded, err
}

// stored checks that a record is kept as it is.
func (c *check) stored(k kind, company travel.CompanyID, want any) {
	c.Helper()
	got, err := c.loadKind(k, company, want)
	c.must("loading the "+k.name, err)
	c.equal(k.name, got, want)
}

func sampleAuthorization(c *check, t travel.Traveler) travel.Authorization {
	c.Helper()
	v := sample[travel.Authorization](c)
	v.Company, v.Traveler, v.State = t.Company, t.ID, credit.Pending
	return v
}

func sampleCommand(c *check, t travel.Traveler) travel.Command {
	c.Helper()
	v := sample[travel.Command](c)
	v.Company = t.Company
	return v
}

// sampleMessage is one that waits from start on; nobody holds a lease on it.
func sampleMessage(c *check, t travel.Traveler) sms.Queued {
	c.Helper()
	v := sample[sms.Queued](c)
	v.Company, v.Subject = t.Company, t.ID
	v.NextAt, v.Expires, v.LeaseUntil = start, start.AddDate(0, 0, 7), start
	return v
}

func sampleEntry(c *check, t travel.Traveler) travel.Entry {
	c.Helper()
	v := sample[travel.Entry](c)
	v.Company, v.Traveler = t.Company, t.ID
	return v
}

func sampleEvent(c *check, t travel.Traveler) travel.Event {
	c.Helper()
	v := sample[travel.Event](c)
	v.Company, v.Traveler = t.Company, t.ID
	return v
}
