package proof

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// dump is everything that is stored of a company, to be compared before and
// after something that must change nothing.
type dump struct {
	Company        travel.Company
	Departments    []travel.Department
	Administrators []travel.Administrator
	Audit          []travel.AuditRecord
	Travelers      []travel.Traveler
	Credentials    []travel.Credential
	Messages       []sms.Queued
	Authorizations []travel.Authorization
	Entries        []travel.Entry
	Documents      []invoice.Document
	Events         []travel.Event
}

// dump reads all companies, in the order in which they applied.
func (w *world) dump() []dump {
	w.Helper()
	var list []dump
	require.NoError(w, w.store.ViewInvoices(w.ctx, func(tx invoice.Tx) error {
		companies, err := tx.Companies(w.ctx, "", travel.CompanyID{}, 0)
		for _, c := range companies {
			d := dump{Company: c}
			if err := d.read(w.ctx, tx, w.store.usernames()); err != nil {
				return err
			}
			list = append(list, d)
		}
		return err
	}))
	events := w.events()
	for i := range list {
		d := &list[i]
		for e, err := range w.store.Entries(w.ctx, travel.EntryQuery{Company: d.Company.ID}) {
			require.NoError(w, err)
			d.Entries = append(d.Entries, e)
		}
		for _, e := range events {
			if e.Company == d.Company.ID {
				d.Events = append(d.Events, e)
			}
		}
	}
	return list
}

func (d *dump) read(ctx context.Context, tx invoice.Tx, usernames []string) (err error) {
	id := d.Company.ID
	if d.Departments, err = tx.Departments(ctx, id); err != nil {
		return err
	}
	if d.Administrators, err = tx.Administrators(ctx, id); err != nil {
		return err
	}
	if d.Audit, err = tx.AuditLog(ctx, id, 0, 0); err != nil {
		return err
	}
	if d.Travelers, err = tx.Travelers(ctx, travel.TravelerQuery{Company: id}); err != nil {
		return err
	}
	for _, t := range d.Travelers {
		messages, err := tx.Messages(ctx, id, t.ID)
		if err != nil {
			return err
		}
		d.Messages = append(d.Messages, messages...)
	}
	for _, u := range usernames {
		c, err := tx.Credential(ctx, u)
		if err != nil {
			return err
		}
		if c.Company == id {
			d.Credentials = append(d.Credentials, c)
		}
	}
	if d.Authorizations, err = tx.Authorizations(ctx, travel.AuthorizationQuery{Company: id}); err != nil {
		return err
	}
	d.Documents, err = tx.Documents(ctx, invoice.DocumentQuery{Company: id})
	return err
}

// unchanged asserts that nothing has happened since a dump was taken.
func (w *world) unchanged(before []dump, why ...any) {
	w.Helper()
	assert.Empty(w, differences(before, w.dump()), why...)
}

// differences names what differs between two dumps: the company and the kind of
// records.
func differences(before, after []dump) []string {
	var list []string
	for i := range max(len(before), len(after)) {
		if i >= len(before) || i >= len(after) {
			list = append(list, fmt.Sprintf("company %d", i))
			continue
		}
		a, b := reflect.ValueOf(before[i]), reflect.ValueOf(after[i])
		for f := range a.NumField() {
			if !same(a.Field(f), b.Field(f)) {
				list = append(list, before[i].Company.Name+" "+a.Type().Field(f).Name)
			}
		}
	}
	return list
}

// same is reflect.DeepEqual, and faster for lists of records that == compares.
func same(a, b reflect.Value) bool {
	if a.Kind() != reflect.Slice || !a.Type().Elem().Comparable() {
		return reflect.DeepEqual(a.Interface(), b.Interface())
	}
	if a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if !a.Index(i).Equal(b.Index(i)) {
			return false
		}
	}
	return true
}

// events reads the outbox and leaves it as it is: the lease has ended before
// it begins.
func (w *world) events() []travel.Event {
	w.Helper()
	const all = 1 << 30
	never := time.Unix(0, 0)
	list, err := w.store.LeaseEvents(w.ctx, "proof", never, never, all)
	require.NoError(w, err)
	return list
}

// usernames lists those that were ever sent.
func (s *tap) usernames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for _, c := range s.codes {
		list = append(list, c.username)
	}
	slices.SortFunc(list, strings.Compare)
	return list
}
