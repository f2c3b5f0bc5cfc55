package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// activateAnna shows the SMS, mistypes the code, and types it.
func (s *story) activateAnna(ctx context.Context) error {
	s.clock.set(time.January, 7, 11, 6)
	s.page.at("Anna's private phone buzzes:")
	if err := s.show(ctx, s.anna); err != nil {
		return err
	}
	username, code, err := s.anna.read()
	if err != nil {
		return err
	}
	s.clock.set(time.January, 7, 12, 10)
	last := len(code) - 1
	wrong := code[:last-1] + code[last:] + code[last-1:last]
	s.page.at("She mixes up two letters.")
	if err := s.refusedCode(ctx, s.anna, username, wrong); err != nil {
		return err
	}
	s.clock.set(time.January, 7, 12, 11)
	typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
	if err := s.activate(ctx, s.anna, username, typed); err != nil {
		return err
	}
	s.page.at("She types it right, as %q: company invoice is in the app, and stays there month after month.", typed)

	for _, p := range []*phone{s.fatima, s.maja, s.noah} {
		if username, code, err = p.read(); err != nil {
			return err
		}
		if err := s.activate(ctx, p, username, code); err != nil {
			return err
		}
	}
	s.page.say("%s, %s and %s activate as well.", s.fatima.name, s.maja.name, s.noah.name)
	return nil
}

// activateLate tries a code after seven days, and is connected anew.
func (s *story) activateLate(ctx context.Context) error {
	username, code, err := s.ulle.read()
	if err != nil {
		return err
	}
	s.clock.set(time.January, 14, 11, 0)
	s.page.at("Ülle finds the SMS of last week. Its code was valid until the same time seven days later, which is now.")
	if err := s.refusedCode(ctx, s.ulle, username, code); err != nil {
		return err
	}
	ulle, err := s.traveler(ctx, s.ulle)
	if err != nil {
		return err
	}
	s.clock.set(time.January, 14, 13, 0)
	if _, err := s.trips.Connect(ctx, s.admin, travel.ConnectRequest{
		Company: s.company, Traveler: ulle.ID, Key: "connect-ulle-2",
	}); err != nil {
		return err
	}
	if _, err := s.deliver(ctx); err != nil {
		return err
	}
	s.page.at("A code is never extended. The administrator connects Ülle anew, with the limit as it was:")
	if err := s.show(ctx, s.ulle); err != nil {
		return err
	}
	s.clock.set(time.January, 14, 13, 2)
	if username, code, err = s.ulle.read(); err != nil {
		return err
	}
	if err := s.activate(ctx, s.ulle, username, code); err != nil {
		return err
	}
	s.page.at("Ülle activates.")
	return nil
}

// refusedCode tries a code that must not be taken, and tells what the app and
// the administrator get to know.
func (s *story) refusedCode(ctx context.Context, p *phone, username, code string) error {
	err := s.activate(ctx, p, username, code)
	if !errors.Is(err, travel.ErrActivation) {
		return fmt.Errorf("a code that is wrong or late was answered with: %v", err)
	}
	view, errView := s.traveler(ctx, p)
	if errView != nil {
		return errView
	}
	s.page.say("%s types %s. The app says no more than %q; the administrator sees a code that is %s, with %d of 5 attempts.",
		p.name, code, err, view.Code, view.CodeAttempts)
	return nil
}

// traveler finds whose phone it is.
func (s *story) traveler(ctx context.Context, p *phone) (travel.TravelerView, error) {
	const all = 1000
	list, err := s.trips.Travelers(ctx, s.admin, s.company, travel.TravelerID{}, all)
	if err != nil {
		return travel.TravelerView{}, err
	}
	for _, t := range list {
		if t.Number == p.number {
			return t, nil
		}
	}
	return travel.TravelerView{}, travel.ErrNotFound
}
