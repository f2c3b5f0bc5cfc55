package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tjansteresor/tjansteresor/travel"
)

// seed fills an empty database with a municipality that has been approved, its
// administrators, and sixty travelers from an Excel file, most of them connected;
// and with another one whose application waits. It is all done by the calls that
// pages make, and may be cut off: what is there is not done again.
func (a *App) seed(ctx context.Context, crowd int) error {
	companies, err := a.trips.Companies(ctx, operator, "", travel.CompanyID{}, 0)
	if err != nil {
		return err
	}
	var town travel.Company
	for _, c := range companies {
		if c.OrganizationNumber == exampleTown().OrganizationNumber {
			town = c
		}
	}
	if town.ID.IsZero() {
		if town, _, err = a.trips.Apply(ctx, exampleTown()); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		if _, _, err := a.trips.Apply(ctx, waitingTown()); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	if town.Status == travel.CompanyApplied {
		if err := a.trips.Approve(ctx, operator, town.ID, ""); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
	}
	if err := errors.Join(a.seedTravelers(ctx, town.ID), a.seedCrowd(ctx, town.ID, crowd)); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

// seedCrowd imports as many travelers as a load test wants.
func (a *App) seedCrowd(ctx context.Context, town travel.CompanyID, count int) error {
	if count == 0 {
		return nil
	}
	var file strings.Builder
	file.WriteString("Förnamn;Efternamn;Mobilnummer;Avdelning;Kreditgräns\n")
	for i := range count {
		fmt.Fprintf(&file, "Nr;%d;070-9%06d;Kommunledning;15000\n", i+1, i)
	}
	list, err := a.trips.ReadImport(strings.NewReader(file.String()))
	if err != nil {
		return err
	}
	_, err = a.trips.ApplyImport(ctx, operator, travel.ImportRequest{Company: town, File: list, Key: fmt.Sprintf("crowd-%d", count)})
	return err
}

// seedTravelers imports the list, with the departments that it names, and adds an
// administrator for one of them.
func (a *App) seedTravelers(ctx context.Context, town travel.CompanyID) error {
	file, err := samples.Open("seed/travelers.csv")
	if err != nil {
		return err
	}
	defer file.Close()
	list, err := a.trips.ReadImport(file)
	if err != nil {
		return err
	}
	// The key makes it once, however often the backend starts.
	if _, err := a.trips.ApplyImport(ctx, operator, travel.ImportRequest{
		Company: town, File: list, CreateDepartments: true, Key: "seed-1",
	}); err != nil {
		return err
	}
	administrators, err := a.trips.Administrators(ctx, operator, town)
	if err != nil || len(administrators) > 1 {
		return err
	}
	departments, err := a.trips.Departments(ctx, operator, town)
	if err != nil {
		return err
	}
	_, err = a.trips.AddAdministrator(ctx, operator, town, "Bo Lind", "bo@kommunen.example", departments[0].ID)
	return err
}

func exampleTown() travel.Application {
	return travel.Application{
		Name: "Exempelkommunen", OrganizationNumber: "2120000829", DefaultReference: "10001",
		AdministratorName: "Ada Ek", AdministratorEmail: "ada@kommunen.example",
		Billing: travel.Billing{
			Street: "Rådhustorget 1", PostalCode: "551 89", City: "Jönköping", PeppolID: "0007:2120000829",
		},
	}
}

func waitingTown() travel.Application {
	return travel.Application{
		Name: "Grannkommunen", OrganizationNumber: "2120001629", DefaultReference: "4711",
		AdministratorName: "Gun Alm", AdministratorEmail: "gun@grannkommunen.example",
		Billing: travel.Billing{Street: "Box 212", PostalCode: "566 24", City: "Habo", PeppolID: "0007:2120001629"},
	}
}
