package proof

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
	"pgregory.net/rapid"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// place is a department, or the part of a company that is in none. Everything
// in it is named with its token, which nobody outside may ever see.
type place struct {
	company int
	id      travel.DepartmentID
	token   string
}

// official is an administrator, or somebody who claims to be one.
type official struct {
	travel.Actor
	name string
	id   travel.AdministratorID
	// company is -1 for somebody who can do nothing anywhere.
	company int
	all     bool
	places  []travel.DepartmentID
}

func (o *official) covers(company int, d travel.DepartmentID) bool {
	return o.company == company && (o.all || slices.Contains(o.places, d))
}

// citizen is a traveler with a phone.
type citizen struct {
	id      travel.TravelerID
	company int
	holder  travel.Holder
	// token is in the purposes and the name of this person only.
	token string
}

// realm is two companies and everybody in them.
type realm struct {
	*world
	bills     *invoice.Service
	companies []firm
	places    []*place
	officials []*official
	citizens  []*citizen
	bought    []travel.AuthorizationID
	documents []invoice.DocumentID
	tally     *tally
}

const companyToken = "qq%dc"

func newRealm(t *rapid.T, c *tally) *realm {
	january := time.Date(2026, 1, 13, 11, 0, 0, 0, time.UTC)
	r := &realm{world: newWorld(t, january), tally: c}
	r.officials = append(r.officials, &official{name: "nobody", company: -1})
	for i := range 2 {
		r.found(i)
	}
	// The administrator of one company, as if of the other; and one who left.
	first, other := r.companies[0], r.officials[len(r.officials)-1]
	r.officials = append(r.officials, &official{Actor: travel.AdministratorActor(first.id, other.id), name: "forged", company: -1})
	gone, err := r.AddAdministrator(r.ctx, first.admin, first.id, "qq0c gone", "")
	require.NoError(t, err)
	require.NoError(t, r.RemoveAdministrator(r.ctx, first.admin, first.id, gone.ID))
	r.officials = append(r.officials, &official{Actor: travel.AdministratorActor(first.id, gone.ID), name: "removed", company: -1})

	for _, z := range r.citizens {
		r.travels(z)
	}
	s := &shop{world: r.world}
	r.bills = s.biller()
	r.clock.Set(time.Date(2026, 2, 5, 11, 0, 0, 0, time.UTC))
	_, err = r.bills.CloseDue(r.ctx)
	require.NoError(t, err)
	for _, d := range r.dump() {
		for _, document := range d.Documents {
			r.documents = append(r.documents, document.ID)
		}
	}
	require.NotEmpty(t, r.documents)
	for _, z := range r.citizens {
		r.travels(z)
	}
	return r
}

// found sets up a company with two departments that share a reference, a
// person in each and one in none, and administrators of all kinds.
func (r *realm) found(i int) {
	r.Helper()
	f := r.company(fmt.Sprintf(companyToken, i))
	r.companies = append(r.companies, f)
	places := []*place{{company: i, token: fmt.Sprintf("qq%dn", i)}}
	for _, name := range []string{"x", "y"} {
		token := fmt.Sprintf("qq%d%s", i, name)
		d, err := r.AddDepartment(r.ctx, f.admin, f.id, travel.DepartmentDetails{Name: token + "dep", Reference: "4711"})
		require.NoError(r, err)
		places = append(places, &place{company: i, id: d.ID, token: token})
	}
	r.places = append(r.places, places...)
	for _, p := range places {
		n, token := r.number(), fmt.Sprintf("pp%dp", len(r.citizens))
		id := r.person(f, n, travel.TravelerDetails{FirstName: p.token, LastName: token, Department: p.id})
		device := "phone of " + token
		r.citizens = append(r.citizens, &citizen{id: id, company: i, token: token, holder: r.join(f, id, n, device, kr(100_000))})
	}
	x, y := places[1].id, places[2].id
	narrow, err := r.AddAdministrator(r.ctx, f.admin, f.id, fmt.Sprintf(companyToken, i), "", x)
	require.NoError(r, err)
	whole, err := r.AddAdministrator(r.ctx, f.admin, f.id, fmt.Sprintf(companyToken, i), "")
	require.NoError(r, err)
	r.officials = append(r.officials,
		&official{Actor: travel.AdministratorActor(f.id, narrow.ID), name: "of a department", id: narrow.ID, company: i, places: []travel.DepartmentID{x}},
		&official{Actor: travel.AdministratorActor(f.id, narrow.ID, y), name: "of a department, asks for another", id: narrow.ID, company: i},
		&official{Actor: travel.AdministratorActor(f.id, whole.ID, y), name: "bounded to a department", id: whole.ID, company: i, places: []travel.DepartmentID{y}},
		&official{Actor: travel.AdministratorActor(f.id, whole.ID), name: "of the company", id: whole.ID, company: i, all: true},
	)
}

// travels buys something and leaves something begun.
func (r *realm) travels(z *citizen) {
	r.Helper()
	at, err := r.department(z)
	require.NoError(r, err)
	b, err := r.Purchase(r.ctx, travel.PurchaseRequest{
		Holder: z.holder, Key: r.key(), Tickets: tickets([]int64{3700}), Purpose: "syfte " + z.token + " " + r.at(z.company, at).token,
	})
	require.NoError(r, err)
	begun, err := r.Authorize(r.ctx, travel.AuthorizeRequest{Holder: z.holder, Key: r.key(), Tickets: tickets([]int64{1200})})
	require.NoError(r, err)
	r.bought = append(r.bought, b.Authorization, begun.Authorization)
}

// department reads where somebody is now.
func (r *realm) department(z *citizen) (d travel.DepartmentID, err error) {
	err = r.store.View(r.ctx, func(tx travel.Tx) error {
		t, err := tx.Traveler(r.ctx, r.companies[z.company].id, z.id)
		d = t.Department
		return err
	})
	return d, err
}

func (r *realm) at(company int, d travel.DepartmentID) *place {
	i := slices.IndexFunc(r.places, func(p *place) bool { return p.company == company && p.id == d })
	if i < 0 {
		r.Errorf("no place for department %s", d)
		r.FailNow()
	}
	return r.places[i]
}

// attempt is one call of an official: whom it is about, drawn from everybody
// and everything.
type attempt struct {
	*realm
	t       *rapid.T
	o       *official
	company int
	id      travel.CompanyID
	citizen *citizen
	place   *place
	// said are tokens that the call itself held: an answer may repeat them.
	said []string
}

func (r *realm) attempt(t *rapid.T) *attempt {
	r.tester = t
	officials := r.officials
	if !chance(t, "any official", 2) {
		officials = only(officials, func(o *official) bool { return o.all })
	}
	x := &attempt{realm: r, t: t, o: one(t, "official", officials)}
	t.Logf("official %s, of company %d", x.o.name, x.o.company)
	x.company = max(0, x.o.company)
	if chance(t, "another company", 4) {
		x.company = 1 - x.company
	}
	x.id = r.companies[x.company].id
	citizens, places := r.citizens, r.places
	if !chance(t, "anybody", 3) {
		citizens = only(citizens, func(z *citizen) bool { return z.company == x.company })
		places = only(places, func(p *place) bool { return p.company == x.company })
	}
	x.citizen, x.place = one(t, "citizen", citizens), one(t, "place", places)
	if x.place.id.IsZero() {
		x.place = r.at(x.company, x.place.id)
	}
	return x
}

// call is a method as an official calls it.
type call struct {
	do func(x *attempt) (any, error)
	// about says what else must be within reach.
	about about
	// reads tells that nothing changes.
	reads bool
}

type about int

const (
	theCompany about = 1 << iota
	theCitizen
	thePlace
	// aWhole is for administrators of the whole company, anOperator for none.
	aWhole
	anOperator
)

// details are those of somebody who is, or will be, in a place: the name tells
// which.
func (x *attempt) details() travel.TravelerDetails {
	return travel.TravelerDetails{FirstName: x.place.token, LastName: x.citizen.token, Department: x.place.id}
}

func (x *attempt) administrator() travel.AdministratorID {
	return one(x.t, "administrator", x.officials).id
}

func (x *attempt) list() travel.ImportRequest {
	lines := []string{"First name,Last name,Mobile,Department,Credit limit"}
	for range rapid.IntRange(1, 2).Draw(x.t, "rows") {
		p, n := one(x.t, "row's place", x.places), one(x.t, "row's number", x.citizens).holder.Number
		name, department := p.token, p.token+"dep"
		if p.id.IsZero() {
			name, department = "Ny", "" // who has a department keeps it
		}
		x.said = append(x.said, p.token)
		lines = append(lines, fmt.Sprintf("%s,Ny,%s,%s,400", name, n.E164(), department))
	}
	return travel.ImportRequest{Company: x.id, File: x.world.list(lines...), Key: x.key(), GoodRowsOnly: true}
}

// calls are all methods that take an actor. What an official of the operator
// does alone is here too: administrators must not be able to.
var calls = map[string]call{
	"Reach":   {func(x *attempt) (any, error) { return nil, x.Reach(x.t.Context(), x.o.Actor, x.id, x.place.id) }, thePlace, true},
	"Company": {func(x *attempt) (any, error) { return x.Company(x.ctx, x.o.Actor, x.id) }, theCompany, true},
	"UpdateCompany": {func(x *attempt) (any, error) {
		return nil, x.UpdateCompany(x.ctx, x.o.Actor, x.id, travel.CompanyDetails{DefaultReference: fmt.Sprintf(companyToken, x.company)})
	}, aWhole, false},
	"AddAdministrator": {func(x *attempt) (any, error) {
		return x.AddAdministrator(x.ctx, x.o.Actor, x.id, fmt.Sprintf(companyToken, x.company), "", x.place.id)
	}, aWhole, false},
	"RemoveAdministrator": {func(x *attempt) (any, error) {
		// Only of the other company, so that ours stay.
		id := x.administrator()
		if slices.ContainsFunc(x.officials, func(o *official) bool { return o.id == id && o.company == x.o.company }) {
			id = travel.AdministratorID(x.citizen.id)
		}
		return nil, x.RemoveAdministrator(x.ctx, x.o.Actor, x.id, id)
	}, aWhole, false},
	"Administrators": {func(x *attempt) (any, error) { return x.Administrators(x.ctx, x.o.Actor, x.id) }, aWhole, true},
	"AuditLog":       {func(x *attempt) (any, error) { return x.AuditLog(x.ctx, x.o.Actor, x.id, 0, 0) }, aWhole, true},
	"Connect":        {func(x *attempt) (any, error) { return x.connect() }, theCitizen, false},
	"Resend": {func(x *attempt) (any, error) {
		return x.Resend(x.ctx, x.o.Actor, travel.ResendRequest{Company: x.id, Traveler: x.citizen.id, Key: x.key()})
	}, theCitizen, false},
	"Messages":     {func(x *attempt) (any, error) { return x.Messages(x.ctx, x.o.Actor, x.id, x.citizen.id) }, theCitizen, true},
	"RemoveLimit":  {func(x *attempt) (any, error) { return nil, x.RemoveLimit(x.ctx, x.o.Actor, x.id, x.citizen.id) }, theCitizen, false},
	"ChangeNumber": {func(x *attempt) (any, error) { return x.changeNumber() }, theCitizen, false},
	"SetLimit": {func(x *attempt) (any, error) {
		return nil, x.SetLimit(x.ctx, x.o.Actor, x.id, x.citizen.id, kr(70_000))
	}, theCitizen, false},
	"RaiseLimit": {func(x *attempt) (any, error) {
		return nil, x.RaiseLimit(x.ctx, x.o.Actor, x.id, x.citizen.id, kr(170_000), time.Time{})
	}, theCitizen, false},
	"EndRaise": {func(x *attempt) (any, error) { return nil, x.EndRaise(x.ctx, x.o.Actor, x.id, x.citizen.id) }, theCitizen, false},
	"SetFrozen": {func(x *attempt) (any, error) {
		return nil, x.SetFrozen(x.ctx, x.o.Actor, x.id, x.citizen.id, chance(x.t, "frozen", 3))
	}, theCitizen, false},
	"Erase":     {func(x *attempt) (any, error) { return nil, x.erase() }, theCitizen, false},
	"Traveler":  {func(x *attempt) (any, error) { return x.Traveler(x.ctx, x.o.Actor, x.id, x.citizen.id) }, theCitizen, true},
	"Travelers": {func(x *attempt) (any, error) { return x.Travelers(x.ctx, x.o.Actor, x.id, travel.TravelerID{}, 2) }, theCompany, true},
	"AddTraveler": {func(x *attempt) (any, error) {
		return x.AddTraveler(x.ctx, x.o.Actor, x.id, x.someNumber(), x.details())
	}, thePlace, false},
	"UpdateTraveler": {func(x *attempt) (any, error) {
		return nil, x.UpdateTraveler(x.ctx, x.o.Actor, x.id, x.citizen.id, x.details())
	}, theCitizen | thePlace, false},
	"Departments":   {func(x *attempt) (any, error) { return x.Departments(x.ctx, x.o.Actor, x.id) }, theCompany, true},
	"AddDepartment": {func(x *attempt) (any, error) { return nil, x.addDepartment() }, aWhole, false},
	"UpdateDepartment": {func(x *attempt) (any, error) {
		return nil, x.UpdateDepartment(x.ctx, x.o.Actor, x.id, x.place.id, travel.DepartmentDetails{Name: x.place.token + "dep", Reference: "4712"})
	}, aWhole | thePlace, false},
	"ArchiveDepartment": {func(x *attempt) (any, error) {
		return nil, x.ArchiveDepartment(x.ctx, x.o.Actor, x.id, x.place.id)
	}, aWhole | thePlace, false},
	"PlanImport":      {func(x *attempt) (any, error) { return x.PlanImport(x.ctx, x.o.Actor, x.list()) }, theCompany, true},
	"ApplyImport":     {func(x *attempt) (any, error) { return x.ApplyImport(x.ctx, x.o.Actor, x.list()) }, theCompany, false},
	"Purchases":       {func(x *attempt) (any, error) { return x.purchases() }, theCompany, true},
	"Approve":         {func(x *attempt) (any, error) { return nil, x.Approve(x.ctx, x.o.Actor, x.id, "") }, anOperator, false},
	"Reject":          {func(x *attempt) (any, error) { return nil, x.Reject(x.ctx, x.o.Actor, x.id, "") }, anOperator, false},
	"CloseCompany":    {func(x *attempt) (any, error) { return nil, x.CloseCompany(x.ctx, x.o.Actor, x.id, "") }, anOperator, false},
	"SetCeiling":      {func(x *attempt) (any, error) { return nil, x.SetCeiling(x.ctx, x.o.Actor, x.id, kr(1)) }, anOperator, false},
	"SetEarlyInsight": {func(x *attempt) (any, error) { return nil, x.SetEarlyInsight(x.ctx, x.o.Actor, x.id, true) }, anOperator, false},
	"Companies":       {func(x *attempt) (any, error) { return x.Companies(x.ctx, x.o.Actor, "", travel.CompanyID{}, 0) }, anOperator, true},
	"Refund":          {func(x *attempt) (any, error) { return x.refund() }, anOperator, false},
	"invoice.Documents": {func(x *attempt) (any, error) {
		return x.bills.Documents(x.ctx, x.o.Actor, invoice.ListRequest{Company: x.id, Month: credit.NewMonth(2026, time.January)})
	}, theCompany, true},
	"invoice.Document": {func(x *attempt) (any, error) {
		return x.bills.Document(x.ctx, x.o.Actor, x.id, one(x.t, "document", x.documents))
	}, theCompany, true},
	"invoice.Render": {func(x *attempt) (any, error) { return x.render() }, theCompany, true},
	"invoice.Delivery": {func(x *attempt) (any, error) {
		return x.bills.Delivery(x.ctx, x.o.Actor, x.id, one(x.t, "document", x.documents))
	}, theCompany, true},
	"invoice.Deliveries": {func(x *attempt) (any, error) {
		return x.bills.Deliveries(x.ctx, x.o.Actor, invoice.DeliveryWaiting, invoice.DocumentID{}, 0)
	}, anOperator, true},
	"invoice.Redeliver": {func(x *attempt) (any, error) {
		return nil, x.bills.Redeliver(x.ctx, x.o.Actor, x.id, one(x.t, "document", x.documents))
	}, anOperator, false},
	"invoice.Reissue": {func(x *attempt) (any, error) {
		return x.bills.Reissue(x.ctx, x.o.Actor, invoice.ReissueRequest{Company: x.id, Document: one(x.t, "document", x.documents), Reason: "wrong"})
	}, anOperator, false},
	"invoice.SetAside": {func(x *attempt) (any, error) {
		return x.bills.SetAside(x.ctx, x.o.Actor, x.id, credit.NewMonth(2026, time.March), "later")
	}, anOperator, false},
	"invoice.Release": {func(x *attempt) (any, error) {
		return x.bills.Release(x.ctx, x.o.Actor, x.id, credit.NewMonth(2026, time.March))
	}, anOperator, false},
	"Record": {func(x *attempt) (any, error) {
		return nil, x.store.Update(x.ctx, func(tx travel.Tx) error {
			return x.world.Record(x.ctx, tx, x.o.Actor, x.id, travel.Act{Action: "company.update"})
		})
	}, anOperator, false},
}

func (x *attempt) someNumber() travel.PhoneNumber {
	if chance(x.t, "taken", 3) {
		return x.citizen.holder.Number
	}
	return x.number()
}

func (x *attempt) connect() (any, error) {
	c, err := x.Connect(x.ctx, x.o.Actor, travel.ConnectRequest{Company: x.id, Traveler: x.citizen.id, Key: x.key(), Limit: kr(90_000)})
	if err == nil {
		x.citizen.holder = x.activate(c, x.citizen.holder.Number, x.citizen.holder.Device)
	}
	return c, err
}

func (x *attempt) changeNumber() (any, error) {
	n := x.someNumber()
	c, err := x.ChangeNumber(x.ctx, x.o.Actor, travel.ChangeNumberRequest{Company: x.id, Traveler: x.citizen.id, Key: x.key(), Number: n})
	if err == nil {
		x.citizen.holder.Number = n
	}
	return c, err
}

// erase erases somebody, but not the last one.
func (x *attempt) erase() error {
	if len(only(x.citizens, func(z *citizen) bool { return z.company == x.citizen.company })) < 2 {
		return travel.ErrNotFound
	}
	err := x.Erase(x.ctx, x.o.Actor, x.id, x.citizen.id)
	if err == nil {
		x.citizens = slices.DeleteFunc(x.citizens, func(z *citizen) bool { return z == x.citizen })
	}
	return err
}

func (x *attempt) addDepartment() error {
	token := fmt.Sprintf("qq%dz%d", x.company, len(x.places))
	d, err := x.AddDepartment(x.ctx, x.o.Actor, x.id, travel.DepartmentDetails{Name: token + "dep"})
	if err == nil {
		x.places = append(x.places, &place{company: x.company, id: d.ID, token: token})
	}
	return err
}

func (x *attempt) purchases() (any, error) {
	var list []travel.Entry
	m := credit.NewMonth(2026, time.Month(rapid.IntRange(1, 2).Draw(x.t, "month")))
	for e, err := range x.Purchases(x.ctx, x.o.Actor, x.id, m) {
		if err != nil {
			return list, err
		}
		list = append(list, e)
	}
	if m == credit.NewMonth(2026, time.February) {
		assert.Empty(x, list, "R33: the month is not closed")
	}
	return list, nil
}

func (x *attempt) refund() (any, error) {
	return x.Refund(x.ctx, x.o.Actor, travel.RefundRequest{Company: x.id, Key: x.key(), Authorization: one(x.t, "bought", x.bought)})
}

func (x *attempt) render() (any, error) {
	renderer := one(x.t, "renderer", []invoice.Renderer{
		x.bills.Text(language.Swedish), x.bills.Specification(language.Swedish), x.bills.CSV(language.English),
	})
	var out bytes.Buffer
	err := x.bills.Render(x.ctx, &out, x.o.Actor, invoice.RenderRequest{
		Company: x.id, Document: one(x.t, "document", x.documents), Renderer: renderer,
	})
	return out.String(), err
}

// outside tells whether what a call is about lies outside the official's
// reach: then it must fail.
func (x *attempt) outside(a about) bool {
	o := x.o
	switch {
	case o.company != x.company, a&anOperator != 0, a&aWhole != 0 && !o.all:
		return true
	case a&thePlace != 0 && (x.place.company != x.company || !o.covers(x.company, x.place.id)):
		return true
	case a&theCitizen == 0:
		return false
	}
	d, err := x.department(x.citizen)
	require.NoError(x, err)
	return x.citizen.company != x.company || !o.covers(x.company, d)
}

// run makes a call and compares everything before and after.
func (r *realm) run(t *rapid.T, name string, c call) {
	x := r.attempt(t)
	outside := x.outside(c.about)
	before := r.dump()
	result, err := c.do(x)
	after := r.dump()
	if outside {
		require.Error(t, err, "%s by %s", name, x.o.name)
		require.True(t, errors.Is(err, travel.ErrNotFound) || errors.Is(err, travel.ErrForbidden), "%v", err)
	}
	if err != nil || c.reads {
		require.Empty(t, differences(before, after), "%s by %s: %v", name, x.o.name, err)
	} else {
		r.untouched(x.o, before, after)
	}
	x.blind(result, err)
	if err == nil {
		r.tally.count(name)
	}
}

// untouched asserts that nothing outside an official's reach has changed.
func (r *realm) untouched(o *official, before, after []dump) {
	r.Helper()
	for i := range before {
		if i != o.company {
			require.Empty(r, differences(before[i:i+1], after[i:i+1]), "another company")
			continue
		}
		if !o.all {
			require.Equal(r, r.beyond(o, i, before[i], before[i]), r.beyond(o, i, before[i], after[i]), "another department")
		}
	}
}

// beyond returns the part of a dump that lies outside an official's
// departments, which were there before.
func (r *realm) beyond(o *official, company int, before, d dump) dump {
	outside := map[travel.TravelerID]bool{}
	for _, t := range before.Travelers {
		outside[t.ID] = !o.covers(company, t.Department)
	}
	for _, t := range d.Travelers { // somebody who is new, or was moved, must not be outside
		if _, known := outside[t.ID]; !known || !o.covers(company, t.Department) {
			outside[t.ID] = !o.covers(company, t.Department)
		}
	}
	d.Company.AuditSequence, d.Company.AuditHash, d.Audit = 0, [32]byte{}, nil
	d.Travelers = only(d.Travelers, func(t travel.Traveler) bool { return outside[t.ID] })
	d.Credentials = only(d.Credentials, func(c travel.Credential) bool { return outside[c.Traveler] })
	d.Authorizations = only(d.Authorizations, func(z travel.Authorization) bool { return outside[z.Traveler] })
	d.Entries = only(d.Entries, func(e travel.Entry) bool { return outside[e.Traveler] })
	d.Events = only(d.Events, func(e travel.Event) bool { return outside[e.Traveler] })
	d.Messages = nil // they go with the credentials
	return d
}

func only[E any](list []E, keep func(E) bool) []E {
	return slices.DeleteFunc(slices.Clone(list), func(e E) bool { return !keep(e) })
}

// blind asserts that neither answer nor error tells anything from outside an
// official's reach.
func (x *attempt) blind(result any, err error) {
	x.Helper()
	told := text(x, result, err)
	for _, p := range x.places {
		if !x.o.covers(p.company, p.id) && !slices.Contains(x.said, p.token) {
			assert.NotContains(x, told, p.token, "%s sees another place", x.o.name)
		}
	}
	for i := range x.companies {
		if i != x.o.company {
			assert.NotContains(x, told, fmt.Sprintf(companyToken, i), "%s sees another company", x.o.name)
		}
	}
}

// text is everything that a caller can read in an answer.
func text(t tester, result any, err error) string {
	t.Helper()
	if s, ok := result.(string); ok {
		return s + fmt.Sprint(err)
	}
	data, failed := json.Marshal(result)
	require.NoError(t, failed)
	return string(data) + fmt.Sprintf("%+v %v", result, err)
}

// phone is what somebody does in the app, with ids that may be anybody's.
func (r *realm) phone(t *rapid.T) {
	r.tester = t
	me, other := one(t, "me", r.citizens), one(t, "other", r.citizens)
	h, own := me.holder, true
	switch choose(t, "holder", "own", "other's method", "other's traveler", "other's device", "other's number") {
	case "other's method":
		h.Method = other.holder.Method
	case "other's traveler":
		h.Method.Traveler = other.id
	case "other's device":
		h.Device = other.holder.Device
	case "other's number":
		h.Number = other.holder.Number
	}
	own = h == me.holder
	before := r.dump()
	told := r.app(t, h, me)
	after := r.dump()
	for _, z := range r.citizens {
		if z == me && own {
			continue
		}
		company := z.company
		assert.Equal(t, r.purse(before[company], z.id), r.purse(after[company], z.id), "%s has changed", z.token)
		assert.NotContains(t, told, z.token, "somebody else's")
	}
	assert.NotContains(t, told, fmt.Sprintf(companyToken, 1-me.company), "another company")
}

// app calls one of the methods that take a holder, and returns what it told.
func (r *realm) app(t *rapid.T, h travel.Holder, me *citizen) string {
	id := one(t, "bought", r.bought)
	var result any
	var err error
	switch choose(t, "app", "balance", "history", "employers", "authorize", "capture", "release", "purchase", "activate") {
	case "balance":
		result, err = r.Balance(r.ctx, h)
	case "history":
		result, err = r.History(r.ctx, h, travel.AuthorizationID{}, 0)
	case "employers":
		result, err = r.Employers(r.ctx, h.Number, h.Device)
	case "authorize":
		result, err = r.Authorize(r.ctx, travel.AuthorizeRequest{Holder: h, Key: r.key(), Tickets: tickets([]int64{1500})})
	case "capture":
		result, err = r.Capture(r.ctx, travel.CaptureRequest{Holder: h, Key: r.key(), Authorization: id, Purpose: "syfte " + me.token})
	case "release":
		result, err = r.Release(r.ctx, travel.ReleaseRequest{Holder: h, Key: r.key(), Authorization: id})
	case "purchase":
		result, err = r.Purchase(r.ctx, travel.PurchaseRequest{Holder: h, Key: r.key(), Tickets: tickets([]int64{900}), Purpose: "syfte " + me.token})
	default:
		sent := r.store.sent(h.Method.Connection) // used already, by whoever it was for
		result, err = r.Activate(r.ctx, travel.ActivateRequest{Username: sent.username, Code: sent.code, Number: h.Number, Device: h.Device})
	}
	if err == nil {
		r.tally.count("app")
	}
	return text(t, result, err)
}

// purse is what a traveler has and has bought.
func (r *realm) purse(d dump, id travel.TravelerID) dump {
	return dump{
		Travelers:      only(d.Travelers, func(t travel.Traveler) bool { return t.ID == id }),
		Authorizations: only(d.Authorizations, func(z travel.Authorization) bool { return z.Traveler == id }),
		Entries:        only(d.Entries, func(e travel.Entry) bool { return e.Traveler == id }),
	}
}

// TestI5 holds R40: officials and travelers of two companies try every method
// with everybody's ids. Nobody sees or changes what lies outside the own
// reach, and a call that fails has changed nothing.
func TestI5(t *testing.T) {
	t.Parallel()
	var c tally
	defer func() { t.Log(&c) }()
	rapid.Check(t, func(t *rapid.T) {
		r := newRealm(t, &c)
		actions := map[string]action{"phone": {12, r.phone}}
		for name, what := range calls {
			actions[name] = action{1, func(t *rapid.T) { r.run(t, name, what) }}
		}
		t.Repeat(weigh(func(*rapid.T) { c.count("steps") }, actions))
	})
}

// withoutActor are the methods that nobody but the host itself calls, and
// those in which the holder of a phone is who acts.
var withoutActor = []string{
	"Apply", "Audit", "DrivePayments", "ExpireDue", "In", "ParseNumber", "ReadImport", "ReservationTTL", "Rules",
	"Activate", "Authorize", "Balance", "Capture", "Employers", "History", "Purchase", "Release",
	"invoice.Audit", "invoice.CSV", "invoice.Close", "invoice.CloseDue", "invoice.Due", "invoice.Lines", "invoice.Preview", "invoice.Previews", "invoice.DeliverDue",
	"invoice.Specification", "invoice.Text", "invoice.Verify", "invoice.Write",
}

// TestI5_Complete: a method that is new has to be tried by everybody.
func TestI5_Complete(t *testing.T) {
	t.Parallel()
	for prefix, service := range map[string]reflect.Type{
		"": reflect.TypeFor[*travel.Service](), "invoice.": reflect.TypeFor[*invoice.Service](),
	} {
		for i := range service.NumMethod() {
			m := service.Method(i)
			_, called := calls[prefix+m.Name]
			takesActor := false
			for j := range m.Type.NumIn() {
				takesActor = takesActor || m.Type.In(j) == reflect.TypeFor[travel.Actor]()
			}
			assert.Equal(t, takesActor, called, "%s%s", prefix, m.Name)
			assert.Equal(t, !takesActor, slices.Contains(withoutActor, prefix+m.Name), "%s%s", prefix, m.Name)
		}
	}
}
