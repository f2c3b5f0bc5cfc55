package travel_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestR01_NothingBeforeTheOperatorApproves(t *testing.T) {
	t.Parallel()
	k := setup(t)
	apply := func() (travel.CompanyID, travel.Actor) {
		c, admin, err := k.Apply(k.ctx, travel.Application{Name: "Ny", OrganizationNumber: "2120000829", AdministratorName: "Ada"})
		require.NoError(t, err)
		return c.ID, travel.AdministratorActor(c.ID, admin.ID)
	}
	refused := func(id travel.CompanyID, a travel.Actor) {
		t.Helper()
		_, err := k.AddTraveler(k.ctx, a, id, k.number(annas), travel.TravelerDetails{FirstName: "A", LastName: "B"})
		assert.ErrorIs(t, err, travel.ErrCompanyInactive)
		_, err = k.AddDepartment(k.ctx, a, id, travel.DepartmentDetails{Name: "X"})
		assert.ErrorIs(t, err, travel.ErrCompanyInactive)
	}
	id, admin := apply()
	refused(id, admin)
	refused(id, k.operator)
	require.ErrorIs(t, k.Approve(k.ctx, admin, id, ""), travel.ErrForbidden, "not by itself")
	require.NoError(t, k.Reject(k.ctx, k.operator, id, "no credit"))
	refused(id, admin)
	require.ErrorIs(t, k.Approve(k.ctx, k.operator, id, ""), travel.ErrConflict, "for good")

	t.Run("R01 a closed company can do nothing, and what was bought stays", func(t *testing.T) {
		anna := k.traveler(annas, "500")
		require.Nil(t, k.buy(anna, "100").Decline)
		open := k.authorize(anna, "50")
		require.NoError(t, k.CloseCompany(k.ctx, k.operator, k.company, "left"))
		require.NoError(t, k.CloseCompany(k.ctx, k.operator, k.company, "left"), "may be repeated")
		refused(k.company, k.admin)
		refused(k.company, k.operator)
		declined(t, credit.CompanyInactive, k.authorize(anna, "1").Decline)
		declined(t, credit.NotConnected, k.capture(anna, open.Authorization).Decline)
		assert.Len(t, k.entries(january), 1)
		require.ErrorIs(t, k.Erase(k.ctx, k.admin, k.company, anna.Method.Traveler), travel.ErrCompanyInactive)
		require.NoError(t, k.Erase(k.ctx, k.operator, k.company, anna.Method.Traveler), "R44 on request, also later")
	})
	t.Run("R01 bad applications name the field", func(t *testing.T) {
		for field, a := range map[string]travel.Application{
			"Name":               {OrganizationNumber: "2120000829", AdministratorName: "A"},
			"OrganizationNumber": {Name: "X", OrganizationNumber: "21200008", AdministratorName: "A"},
			"AdministratorName":  {Name: "X", OrganizationNumber: "2120000829"},
			"Billing.Country":    {Name: "X", OrganizationNumber: "2120000829", AdministratorName: "A", Billing: travel.Billing{Country: "Sverige"}},
		} {
			_, _, err := k.Apply(k.ctx, a)
			var e *travel.InputError
			require.ErrorAs(t, err, &e, field)
			assert.Equal(t, field, e.Field)
		}
	})
}

func TestR02_Administrators(t *testing.T) {
	t.Parallel()
	k := setup(t)
	require.ErrorIs(t, k.RemoveAdministrator(k.ctx, k.admin, k.company, k.adminID), travel.ErrConflict, "the last one")
	d, err := k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Skolan"})
	require.NoError(t, err)
	_, err = k.AddAdministrator(k.ctx, k.admin, k.company, "Dan", "dan@kommunen.example", d.ID)
	require.NoError(t, err)
	require.ErrorIs(t, k.RemoveAdministrator(k.ctx, k.admin, k.company, k.adminID), travel.ErrConflict, "the other one has a department only")
	second, err := k.AddAdministrator(k.ctx, k.admin, k.company, "Bea", "")
	require.NoError(t, err)
	require.NoError(t, k.RemoveAdministrator(k.ctx, travel.AdministratorActor(k.company, second.ID), k.company, k.adminID))
	_, err = k.Administrators(k.ctx, k.admin, k.company)
	require.ErrorIs(t, err, travel.ErrForbidden, "at once")
	list, err := k.Administrators(k.ctx, travel.AdministratorActor(k.company, second.ID), k.company)
	require.NoError(t, err)
	assert.Len(t, list, 2)
}

func TestR03_DepartmentsCarryReferences(t *testing.T) {
	t.Parallel()
	k := setup(t)
	a, err := k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Tekniska", Reference: " ZZ-4410 "})
	require.NoError(t, err)
	assert.Equal(t, "ZZ-4410", a.Reference)
	_, err = k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "tekniska"})
	require.ErrorIs(t, err, travel.ErrDuplicate)
	_, err = k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Bygg", Reference: "ZZ-4410"})
	require.NoError(t, err, "two departments may share a reference")
	id := k.add(annas, travel.TravelerDetails{FirstName: "A", LastName: "B", Department: a.ID})
	require.ErrorIs(t, k.ArchiveDepartment(k.ctx, k.admin, k.company, a.ID), travel.ErrConflict)
	require.NoError(t, k.UpdateTraveler(k.ctx, k.admin, k.company, id, travel.TravelerDetails{FirstName: "A", LastName: "B"}))
	require.NoError(t, k.ArchiveDepartment(k.ctx, k.admin, k.company, a.ID))
	list, err := k.Departments(k.ctx, k.admin, k.company)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, "Bygg", list[0].Name)
}

func TestR04R06_CreatingAloneGivesNoAccess(t *testing.T) {
	t.Parallel()
	k := setup(t)
	id := k.add(annas, travel.TravelerDetails{})
	v, err := k.Traveler(k.ctx, k.admin, k.company, id)
	require.NoError(t, err)
	assert.Empty(t, v.Connection)
	assert.True(t, v.Limit.IsZero())
	assert.Empty(t, k.deliver())
	require.ErrorIs(t, k.SetLimit(k.ctx, k.admin, k.company, id, kr("5")), travel.ErrConflict, "nobody is connected by a limit alone")
}

func TestR05R41_Policies(t *testing.T) {
	t.Parallel()
	k := setup(t)
	school, err := k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Skolan"})
	require.NoError(t, err)
	k.connect(k.add(annas, travel.TravelerDetails{FirstName: "A", LastName: "B", Department: school.ID}), "5000")
	anna := k.activate(annas, "phone")
	try := func(product, region string) *credit.Decline {
		tk := ticket("10")
		tk.Product, tk.Region = product, region
		r, err := k.Authorize(k.ctx, travel.AuthorizeRequest{Holder: anna, Key: k.key(), Tickets: []travel.Ticket{tk}})
		require.NoError(t, err)
		return r.Decline
	}
	for _, region := range []string{"Halland", "Kalmar", "Kronoberg", "Västra Götaland", "Blekinge", "Skåne", "København"} {
		assert.Nil(t, try("month", region), "R30 R41 with no policy nothing is restricted: %s", region)
	}
	whole := travel.CompanyDetails{DefaultReference: "R", Policy: &travel.Policy{Products: []string{"single", "24h"}}}
	require.NoError(t, k.UpdateCompany(k.ctx, k.admin, k.company, whole))
	declined(t, credit.ProductNotAllowed, try("month", "Skåne"))
	assert.Nil(t, try("24h", "Skåne"))

	t.Run("R05 a department's policy comes on top", func(t *testing.T) {
		office := travel.Hours{Days: []time.Weekday{time.Tuesday}, From: 7 * 60, To: 18 * 60}
		require.NoError(t, k.UpdateDepartment(k.ctx, k.admin, k.company, school.ID, travel.DepartmentDetails{
			Name: "Skolan", Policy: &travel.Policy{Regions: []string{"Jönköping"}, Hours: []travel.Hours{office}},
		}))
		declined(t, credit.RegionNotAllowed, try("single", "Skåne"))
		declined(t, credit.ProductNotAllowed, try("month", "Jönköping"))
		assert.Nil(t, try("single", "Jönköping"))
		k.clock.Set(time.Date(2026, 1, 13, 17, 0, 0, 0, time.UTC)) // 18.00 in Stockholm
		declined(t, credit.HourNotAllowed, try("single", "Jönköping"))
		k.clock.Set(time.Date(2026, 1, 14, 11, 0, 0, 0, time.UTC)) // a Wednesday
		d := try("single", "Jönköping")
		declined(t, credit.HourNotAllowed, d)
		assert.Equal(t, time.Date(2026, 1, 20, 6, 0, 0, 0, time.UTC), d.PassesAt, "on Tuesday at 7 in Stockholm")
		whole.Policy = &travel.Policy{Hours: []travel.Hours{{From: 17 * 60, To: 8 * 60}}}
		require.NoError(t, k.UpdateCompany(k.ctx, k.admin, k.company, whole))
		k.clock.Set(time.Date(2026, 1, 20, 8, 0, 0, 0, time.UTC)) // 9.00 in Stockholm
		d = try("single", "Jönköping")
		declined(t, credit.HourNotAllowed, d)
		assert.Equal(t, time.Date(2026, 1, 20, 16, 0, 0, 0, time.UTC), d.PassesAt, "both policies allow 17 to 18")
		whole.Policy = &travel.Policy{Hours: []travel.Hours{{Days: []time.Weekday{time.Friday}}}}
		require.NoError(t, k.UpdateCompany(k.ctx, k.admin, k.company, whole))
		d = try("single", "Jönköping")
		declined(t, credit.HourNotAllowed, d)
		assert.Zero(t, d.PassesAt, "Tuesday and Friday never meet")
	})
	t.Run("R05 a policy that makes no sense is refused", func(t *testing.T) {
		for _, h := range []travel.Hours{{From: -1}, {To: 1441}, {From: 1440}, {Days: []time.Weekday{7}}} {
			bad := travel.CompanyDetails{Policy: &travel.Policy{Hours: []travel.Hours{h}}}
			assert.ErrorIs(t, k.UpdateCompany(k.ctx, k.admin, k.company, bad), travel.ErrInvalid, "%+v", h)
		}
	})
}

func TestR40_ReachOfAdministrators(t *testing.T) {
	t.Parallel()
	k := setup(t)
	mine, err := k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Min"})
	require.NoError(t, err)
	other, err := k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Annan"})
	require.NoError(t, err)
	inside := k.add("070-000 00 01", travel.TravelerDetails{FirstName: "I", LastName: "N", Department: mine.ID})
	outside := k.add("070-000 00 02", travel.TravelerDetails{FirstName: "U", LastName: "T", Department: other.ID})
	without := k.add("070-000 00 03", travel.TravelerDetails{})
	record, err := k.AddAdministrator(k.ctx, k.admin, k.company, "Dan", "", mine.ID)
	require.NoError(t, err)
	dan := travel.AdministratorActor(k.company, record.ID)
	wide := travel.AdministratorActor(k.company, record.ID, mine.ID, other.ID)
	foreign, foreigner := k.newCompany("Annan kommun")

	for _, a := range []travel.Actor{dan, wide} {
		list, err := k.Travelers(k.ctx, a, k.company, travel.TravelerID{}, 10)
		require.NoError(t, err)
		require.Len(t, list, 1)
		assert.Equal(t, inside, list[0].ID)
		for _, id := range []travel.TravelerID{outside, without} {
			_, err = k.Traveler(k.ctx, a, k.company, id)
			assert.ErrorIs(t, err, travel.ErrNotFound)
			assert.ErrorIs(t, k.RemoveLimit(k.ctx, a, k.company, id), travel.ErrNotFound)
			assert.ErrorIs(t, k.Erase(k.ctx, a, k.company, id), travel.ErrNotFound)
		}
	}
	details := travel.TravelerDetails{FirstName: "I", LastName: "N", Department: other.ID}
	assert.ErrorIs(t, k.UpdateTraveler(k.ctx, dan, k.company, inside, details), travel.ErrNotFound, "cannot move out of reach")
	_, err = k.AddAdministrator(k.ctx, dan, k.company, "Eva", "")
	assert.ErrorIs(t, err, travel.ErrForbidden)
	_, err = k.AuditLog(k.ctx, dan, k.company, 0, 10)
	assert.ErrorIs(t, err, travel.ErrForbidden)
	assert.NoError(t, k.Reach(k.ctx, dan, k.company, mine.ID))
	assert.ErrorIs(t, k.Reach(k.ctx, dan, k.company), travel.ErrForbidden)
	assert.ErrorIs(t, k.Reach(k.ctx, dan, k.company, mine.ID, other.ID), travel.ErrNotFound)

	t.Run("R40 a department of another company lies out of reach", func(t *testing.T) {
		theirs, err := k.AddDepartment(k.ctx, foreigner, foreign, travel.DepartmentDetails{Name: "Deras"})
		require.NoError(t, err)
		eva, err := k.AddAdministrator(k.ctx, k.admin, k.company, "Eva", "")
		require.NoError(t, err)
		for _, a := range []travel.Actor{k.admin, travel.AdministratorActor(k.company, eva.ID, theirs.ID), k.operator, dan} {
			assert.ErrorIs(t, k.Reach(k.ctx, a, k.company, theirs.ID), travel.ErrNotFound)
			assert.ErrorIs(t, k.Reach(k.ctx, a, k.company, mine.ID, theirs.ID), travel.ErrNotFound)
		}
		assert.NoError(t, k.Reach(k.ctx, k.operator, foreign, theirs.ID))
		assert.NoError(t, k.Reach(k.ctx, k.admin, k.company, mine.ID, other.ID, travel.DepartmentID{}))
		assert.ErrorIs(t, k.Reach(k.ctx, dan, k.company, travel.DepartmentID{}), travel.ErrNotFound, "those without a department")
		closed, err := k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Nedlagd"})
		require.NoError(t, err)
		require.NoError(t, k.ArchiveDepartment(k.ctx, k.admin, k.company, closed.ID))
		assert.NoError(t, k.Reach(k.ctx, k.admin, k.company, closed.ID), "what it bought is still to be seen")
	})
	t.Run("R40 another company's ids are not there", func(t *testing.T) {
		_, err := k.Traveler(k.ctx, foreigner, k.company, inside)
		assert.ErrorIs(t, err, travel.ErrNotFound)
		_, err = k.Traveler(k.ctx, foreigner, foreign, inside)
		assert.ErrorIs(t, err, travel.ErrNotFound)
		_, err = k.Connect(k.ctx, foreigner, travel.ConnectRequest{Company: foreign, Traveler: inside, Key: "k", Limit: kr("5")})
		assert.ErrorIs(t, err, travel.ErrNotFound)
		_, err = k.AddTraveler(k.ctx, foreigner, foreign, k.number(annas), travel.TravelerDetails{FirstName: "A", LastName: "B", Department: mine.ID})
		assert.ErrorIs(t, err, travel.ErrNotFound)
		_, err = k.Travelers(k.ctx, travel.Actor{}, k.company, travel.TravelerID{}, 5)
		assert.ErrorIs(t, err, travel.ErrForbidden, "an actor without a role")
	})
}

func TestAuditLogSaysWhoDidWhat(t *testing.T) {
	t.Parallel()
	k := setup(t)
	id := k.add(annas, travel.TravelerDetails{})
	k.connect(id, "500")
	log, err := k.AuditLog(k.ctx, k.admin, k.company, 0, 100)
	require.NoError(t, err)
	require.Len(t, log, 4)
	for i, want := range []string{"company.apply", "company.approved", "traveler.add", "traveler.connect"} {
		assert.Equal(t, want, log[i].Action)
		assert.Equal(t, int64(i+1), log[i].Sequence)
	}
	assert.Equal(t, k.adminID.String(), log[3].Actor)
	assert.Equal(t, "staff-7", log[1].Actor)
	assert.Contains(t, log[3].Detail, "500.00")
}

func TestR44_AnErasedTravelerKeepsNoDepartmentOpen(t *testing.T) {
	t.Parallel()
	k := setup(t)
	d, err := k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Skola"})
	require.NoError(t, err)
	id := k.add(annas, travel.TravelerDetails{Department: d.ID})
	require.ErrorIs(t, k.ArchiveDepartment(k.ctx, k.admin, k.company, d.ID), travel.ErrConflict)
	require.NoError(t, k.Erase(k.ctx, k.operator, k.company, id))
	require.NoError(t, k.ArchiveDepartment(k.ctx, k.admin, k.company, d.ID))
}

func TestR01_TheOperatorMendsWhatAClosedCompanyIsInvoicedBy(t *testing.T) {
	t.Parallel()
	k := setup(t)
	d, err := k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Skola"})
	require.NoError(t, err)
	require.NoError(t, k.CloseCompany(k.ctx, k.operator, k.company, "flyttar"))
	details := travel.CompanyDetails{DefaultReference: "4711", Billing: travel.Billing{Street: "Box 1", PostalCode: "566 24", City: "Habo"}}
	require.ErrorIs(t, k.UpdateCompany(k.ctx, k.admin, k.company, details), travel.ErrCompanyInactive)
	require.ErrorIs(t, k.UpdateDepartment(k.ctx, k.admin, k.company, d.ID, travel.DepartmentDetails{Name: "Skola", Reference: "1"}), travel.ErrCompanyInactive)
	require.NoError(t, k.UpdateCompany(k.ctx, k.operator, k.company, details))
	require.NoError(t, k.UpdateDepartment(k.ctx, k.operator, k.company, d.ID, travel.DepartmentDetails{Name: "Skola", Reference: "1"}))

	applied, _, err := k.Apply(k.ctx, travel.Application{Name: "Ny", OrganizationNumber: "2120000829", AdministratorName: "A"})
	require.NoError(t, err)
	require.ErrorIs(t, k.UpdateCompany(k.ctx, k.operator, applied.ID, details), travel.ErrCompanyInactive)
}
