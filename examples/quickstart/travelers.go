package main

import (
	"bytes"
	"context"
	_ "embed"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Both lists are as a spreadsheet saved them.
var (
	//go:embed testdata/travelers.csv
	travelersFile []byte
	//go:embed testdata/bad-rows.csv
	badRowsFile []byte
)

// importTravelers imports the list of travelers, twice.
func (s *story) importTravelers(ctx context.Context) (err error) {
	s.clock.set(time.January, 7, 11, 0)
	s.page.at("The administrator uploads a list that Swedish Excel saved as CSV.")
	s.figures.plan, s.figures.imported, err = s.importList(ctx, "list-1")
	if err != nil {
		return err
	}
	s.clock.at = s.clock.at.Add(s.figures.plan.SentWithin)
	if s.figures.sent, err = s.deliver(ctx); err != nil {
		return err
	}
	s.page.say("%d SMS leave the outbox. Who has no limit in the list is on record and has no access.", s.figures.sent)

	s.clock.set(time.January, 7, 11, 5)
	s.page.at("The same list again, to be sure:")
	s.figures.planAgain, s.figures.importedAgain, err = s.importList(ctx, "list-2")
	if err != nil {
		return err
	}
	if s.figures.sentAgain, err = s.deliver(ctx); err != nil {
		return err
	}
	s.page.say("%d SMS leave the outbox: importing twice changes nothing and sends nothing.", s.figures.sentAgain)
	return nil
}

// importList plans the list, and applies the plan that was shown and no other.
func (s *story) importList(ctx context.Context, key string) (travel.ImportPlan, travel.ImportResult, error) {
	file, err := s.trips.ReadImport(bytes.NewReader(travelersFile))
	if err != nil {
		return travel.ImportPlan{}, travel.ImportResult{}, err
	}
	request := travel.ImportRequest{Company: s.company, File: file, Key: key}
	plan, err := s.trips.PlanImport(ctx, s.admin, request)
	if err != nil {
		return plan, travel.ImportResult{}, err
	}
	s.page.say("Read as %s, separated by %q: %d rows. Plan: create %d, update %d, unchanged %d, invalid %d, SMS %d in %d segments.",
		file.Encoding, file.Separator, len(file.Rows), plan.Created, plan.Updated, plan.Unchanged, plan.InvalidRows, plan.ToSend, plan.Segments)
	request.Fingerprint = plan.Fingerprint
	result, err := s.trips.ApplyImport(ctx, s.admin, request)
	if err != nil {
		return plan, result, err
	}
	s.page.say("Applied: %d created, %d updated, %d unchanged.", result.Created, result.Updated, result.Unchanged)
	return plan, result, nil
}

// planBadList plans a list with mistakes and leaves it at that.
func (s *story) planBadList(ctx context.Context) error {
	s.clock.set(time.January, 7, 11, 30)
	file, err := s.trips.ReadImport(bytes.NewReader(badRowsFile))
	if err != nil {
		return err
	}
	plan, err := s.trips.PlanImport(ctx, s.admin, travel.ImportRequest{Company: s.company, File: file})
	if err != nil {
		return err
	}
	s.figures.planBad = plan
	s.page.at("Another list: %d good row, %d rows with something wrong. All of it is told at once, and what is personal is masked:",
		len(plan.Steps), plan.InvalidRows)
	for _, e := range plan.Errors {
		s.page.item("rad %d: %s", e.Line, e.Text(language.Swedish))
	}
	s.page.say("Nothing has changed, and nothing would be sent before the list is mended or its good rows are asked for.")
	return nil
}
