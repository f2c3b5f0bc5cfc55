package main

import (
	"context"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// becomeCustomer applies, is approved, and tells how the company is organized.
func (s *story) becomeCustomer(ctx context.Context) error {
	s.clock.set(time.January, 7, 9, 0)
	company, administrator, err := s.trips.Apply(ctx, travel.Application{
		Name: "Exempelkommunen", OrganizationNumber: "212000-0829", DefaultReference: "10001",
		AdministratorName: "Ada Ek", AdministratorEmail: "ada@kommunen.example",
		Billing: travel.Billing{Street: "Rådhustorget 1", PostalCode: "551 89", City: "Jönköping"},
	})
	if err != nil {
		return err
	}
	s.company, s.admin = company.ID, travel.AdministratorActor(company.ID, administrator.ID)
	s.page.at("%s applies for an account and names its administrator.", company.Name)
	_, refused := s.trips.AddDepartment(ctx, s.admin, s.company, travel.DepartmentDetails{Name: "Räddningstjänsten"})
	s.page.say("Nothing can be done before the operator approves it: %q.", refused)

	s.clock.set(time.January, 7, 10, 15)
	if err := s.trips.Approve(ctx, s.operator, s.company, "credit checked"); err != nil {
		return err
	}
	s.page.at("The operator approves. The administrator adds departments, each with the reference that its invoice is marked with:")
	return s.addDepartments(ctx)
}

func (s *story) addDepartments(ctx context.Context) error {
	for _, d := range []travel.DepartmentDetails{
		{Name: "Räddningstjänsten", Reference: "90001"},
		{Name: "Tekniska kontoret", Reference: "ZZ-4410"},
		{Name: "Socialförvaltningen", Reference: "10234"},
		{Name: "Barn- och utbildning", Reference: "10877"},
		{Name: "Kommunledning"},
	} {
		if _, err := s.trips.AddDepartment(ctx, s.admin, s.company, d); err != nil {
			return err
		}
		if d.Reference == "" {
			s.page.item("%s: the company's own, 10001", d.Name)
			continue
		}
		s.page.item("%s: %s", d.Name, d.Reference)
	}
	return nil
}
