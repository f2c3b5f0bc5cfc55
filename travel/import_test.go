package travel_test

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/csvimport"
	"github.com/tjansteresor/tjansteresor/travel"
)

const samples = "../csvimport/testdata/"

func (k *kit) read(name string) csvimport.Result {
	k.Helper()
	data, err := os.ReadFile(samples + name)
	require.NoError(k, err)
	file, err := k.ReadImport(bytes.NewReader(data))
	require.NoError(k, err)
	return file
}

func (k *kit) readText(csv string) csvimport.Result {
	k.Helper()
	file, err := k.ReadImport(bytes.NewReader([]byte(csv)))
	require.NoError(k, err)
	return file
}

func TestR06R07_ImportASpreadsheet(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var steps int
	req := travel.ImportRequest{
		Company: k.company, File: k.read("travelers-excel-sv-windows1252.csv"), CreateDepartments: true, Key: "i1",
		Progress: func(done, total int) { steps++; assert.LessOrEqual(t, done, total) },
	}
	plan, err := k.PlanImport(k.ctx, k.admin, req)
	require.NoError(t, err)
	require.Empty(t, plan.Errors)
	assert.Equal(t, 60, plan.Created)
	assert.Len(t, plan.Departments, 5)
	withLimit := 0
	for _, row := range req.File.Rows {
		if row.HasLimit {
			withLimit++
		}
	}
	require.Less(t, withLimit, 60)
	assert.Equal(t, withLimit, plan.ToSend)

	req.Fingerprint = plan.Fingerprint
	done, err := k.ApplyImport(k.ctx, k.admin, req)
	require.NoError(t, err)
	assert.Equal(t, travel.ImportResult{Created: 60, Sent: withLimit, Departments: 5}, done)
	assert.Equal(t, withLimit, steps)
	k.clock.Add(plan.SentWithin)
	assert.Len(t, k.deliver(), withLimit, "a row with a limit sends, one without does not")
	again, err := k.ApplyImport(k.ctx, k.admin, req)
	require.NoError(t, err)
	assert.Equal(t, done, again, "R42 the same key, the same answer")

	for _, name := range []string{
		"travelers-excel-sv-windows1252.csv", "travelers-excel-utf8-bom.csv",
		"travelers-excel-unicode-utf16.txt", "travelers-sheets-utf8-comma.csv",
	} {
		same := travel.ImportRequest{Company: k.company, File: k.read(name), Key: name}
		got, err := k.ApplyImport(k.ctx, k.admin, same)
		require.NoError(t, err, name)
		assert.Equal(t, travel.ImportResult{Unchanged: 60}, got, "%s: the same list again changes nothing", name)
	}
	assert.Len(t, k.deliver(), withLimit, "and sends nothing")
}

func TestR07_BadRowsAndAllOrGood(t *testing.T) {
	t.Parallel()
	k := setup(t)
	_, err := k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Tekniska kontoret", Reference: "ZZ-4410"})
	require.NoError(t, err)
	req := travel.ImportRequest{Company: k.company, File: k.read("travelers-bad-rows.csv"), Key: "i1"}
	plan, err := k.PlanImport(k.ctx, k.admin, req)
	require.NoError(t, err)
	assert.Equal(t, 1, plan.Created, "the first row is good")
	lines := map[int]csvimport.Code{}
	for _, e := range plan.Errors {
		lines[e.Line] = e.Code
		assert.NotEmpty(t, e.Text(language.Swedish))
	}
	require.Len(t, lines, 11)
	assert.Equal(t, travel.CodeUnknownDepartment, lines[9], "an unknown department is an error unless told to create it")
	assert.Equal(t, csvimport.CodeLimitMaximum, lines[6])

	_, err = k.ApplyImport(k.ctx, k.admin, req)
	require.ErrorIs(t, err, travel.ErrImport)
	list, err := k.Travelers(k.ctx, k.admin, k.company, travel.TravelerID{}, 10)
	require.NoError(t, err)
	assert.Empty(t, list, "all or nothing")
	req.GoodRowsOnly, req.Key = true, "i2"
	done, err := k.ApplyImport(k.ctx, k.admin, req)
	require.NoError(t, err)
	assert.Equal(t, travel.ImportResult{Created: 1, Invalid: 11, Sent: 1}, done)
	assert.Len(t, k.deliver(), 1)
}

const head = "Förnamn;Efternamn;Mobilnummer;E-post;Avdelning;Referensnummer;Anställningsnummer;Kreditgräns\n"

func TestImportUpdates(t *testing.T) {
	t.Parallel()
	k := setup(t)
	apply := func(key, rows string) (travel.ImportPlan, travel.ImportResult) {
		t.Helper()
		req := travel.ImportRequest{Company: k.company, File: k.readText(head + rows), Key: key, CreateDepartments: true, GoodRowsOnly: true}
		plan, err := k.PlanImport(k.ctx, k.admin, req)
		require.NoError(t, err)
		done, err := k.ApplyImport(k.ctx, k.admin, req)
		require.NoError(t, err)
		return plan, done
	}
	apply("1", "Anna;Andersson;070-123 45 67;a@b.example;Skolan;S1;1;500\nBo;Berg;070-000 00 02;;;;2;\n")
	anna := k.activate(annas, "phone")
	require.Nil(t, k.buy(anna, "100").Decline)

	t.Run("R20 another limit needs no new SMS", func(t *testing.T) {
		plan, done := apply("2", "Anna;Andersson;070-123 45 67;;;;1;600\n")
		assert.Equal(t, []string{"limit"}, plan.Steps[0].Changes, "blank cells keep what is")
		assert.Equal(t, travel.ImportResult{Updated: 1}, done)
		assert.Equal(t, "500.00", k.available(anna))
	})
	t.Run("R15 another number of the same employee connects anew", func(t *testing.T) {
		plan, done := apply("3", "Anna;Andersson;073-999 88 77;;;;1;\n")
		assert.Equal(t, []string{"number"}, plan.Steps[0].Changes)
		assert.Equal(t, travel.ImportResult{Updated: 1, Sent: 1}, done)
		fresh := k.activate("073-999 88 77", "phone")
		assert.Equal(t, "500.00", k.available(fresh))
	})
	t.Run("R07 a limit connects one who was only on record", func(t *testing.T) {
		_, done := apply("4", "Bo;Berg;070-000 00 02;;;;2;300\n")
		assert.Equal(t, travel.ImportResult{Updated: 1, Sent: 1}, done)
	})
	t.Run("conflicts are row errors", func(t *testing.T) {
		plan, _ := apply("5", "Bo;Berg;070-000 00 02;;;;1;\nCi;Cu;070-000 00 03;;Skolan;S2;;\n")
		require.Len(t, plan.Errors, 2)
		assert.Equal(t, travel.CodeEmployeeTaken, plan.Errors[0].Code)
		assert.Equal(t, travel.CodeReferenceMismatch, plan.Errors[1].Code)
	})
	t.Run("R17 the company's own maximum", func(t *testing.T) {
		require.NoError(t, k.UpdateCompany(k.ctx, k.admin, k.company, travel.CompanyDetails{Maximum: kr("700"), DefaultReference: "R"}))
		plan, _ := apply("6", "Di;Du;070-000 00 04;;;;;700,01\n")
		require.Len(t, plan.Errors, 1)
		assert.Equal(t, travel.CodeLimitTooHigh, plan.Errors[0].Code)
	})
}

func TestImportPlanGoesStale(t *testing.T) {
	t.Parallel()
	k := setup(t)
	req := travel.ImportRequest{Company: k.company, File: k.readText(head + "Anna;Andersson;070-123 45 67;;;;1;500\n"), Key: "1"}
	plan, err := k.PlanImport(k.ctx, k.admin, req)
	require.NoError(t, err)
	k.add(annas, travel.TravelerDetails{})
	req.Fingerprint = plan.Fingerprint
	_, err = k.ApplyImport(k.ctx, k.admin, req)
	require.ErrorIs(t, err, travel.ErrPlanStale)
	assert.Empty(t, k.deliver())
}

func TestR40_ADepartmentAdministratorsImport(t *testing.T) {
	t.Parallel()
	k := setup(t)
	mine, err := k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Min"})
	require.NoError(t, err)
	_, err = k.AddDepartment(k.ctx, k.admin, k.company, travel.DepartmentDetails{Name: "Annan"})
	require.NoError(t, err)
	k.add("070-000 00 05", travel.TravelerDetails{})
	record, err := k.AddAdministrator(k.ctx, k.admin, k.company, "Dan", "", mine.ID)
	require.NoError(t, err)
	plan, err := k.PlanImport(k.ctx, travel.AdministratorActor(k.company, record.ID), travel.ImportRequest{
		Company: k.company, CreateDepartments: true, Key: "1", File: k.readText(head +
			"A;B;070-000 00 01;;Min;;;\nC;D;070-000 00 02;;Annan;;;\nE;F;070-000 00 03;;Ny;;;\nG;H;070-000 00 04;;;;;\nI;J;070-000 00 05;;Min;;;\n"),
	})
	require.NoError(t, err)
	assert.Equal(t, 1, plan.Created)
	codes := make([]csvimport.Code, 0, 4)
	for _, e := range plan.Errors {
		codes = append(codes, e.Code)
	}
	assert.Equal(t, []csvimport.Code{
		travel.CodeUnknownDepartment, travel.CodeUnknownDepartment, travel.CodeUnknownDepartment, travel.CodeOutsideReach,
	}, codes)
}

func TestImportStopsWithItsContext(t *testing.T) {
	t.Parallel()
	k := setup(t)
	ctx, cancel := context.WithCancel(k.ctx)
	_, err := k.ApplyImport(ctx, k.admin, travel.ImportRequest{
		Company: k.company, File: k.read("travelers-excel-utf8-bom.csv"), Key: "1", CreateDepartments: true,
		Progress: func(done, _ int) {
			if done == 3 {
				cancel()
			}
		},
	})
	require.ErrorIs(t, err, context.Canceled)
	list, err := k.Travelers(k.ctx, k.admin, k.company, travel.TravelerID{}, 10)
	require.NoError(t, err)
	assert.Empty(t, list)
}
