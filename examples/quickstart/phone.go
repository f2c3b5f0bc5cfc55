package main

import (
	"bytes"
	"context"
	"errors"
	"regexp"

	"github.com/tjansteresor/tjansteresor/adapters/smslog"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// phones are the telephones that the story follows, and the SMS gateway at the
// same time. What goes to other numbers is taken and forgotten.
type phones struct{ list []*phone }

// phone is a traveler's telephone with the operator's app on it.
type phone struct {
	name   string
	number travel.PhoneNumber
	// device is what the app calls itself to the host.
	device string
	// sms is the newest one.
	sms sms.Message
	// method is what the app has got by activating.
	method travel.PaymentMethod
}

var _ sms.Sender = (*phones)(nil)

// Send implements [sms.Sender].
func (p *phones) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	for _, phone := range p.list {
		if phone.number == m.To {
			phone.sms = m
		}
	}
	return sms.Receipt{Gateway: "phones", GatewayID: m.ID.String()}, nil
}

// holder is what the app sends with every purchase.
func (p *phone) holder() travel.Holder {
	return travel.Holder{Method: p.method, Device: p.device, Number: p.number}
}

// follow adds the telephones that the story is about. Each traveler has one
// private phone: that is enough.
func (s *story) follow() error {
	for _, f := range []struct {
		phone        **phone
		name, number string
	}{
		{&s.anna, "Anna", "070-254 22 14"}, {&s.fatima, "Fatima", "070-100 00 00"}, {&s.maja, "Maja", "079-107 01 37"},
		{&s.noah, "Noah", "076-205 15 55"}, {&s.ulle, "Ülle", "070-121 03 11"},
	} {
		number, err := s.trips.ParseNumber(f.number)
		if err != nil {
			return err
		}
		*f.phone = &phone{name: f.name, number: number, device: "phone of " + f.name}
		s.phones.list = append(s.phones.list, *f.phone)
	}
	return nil
}

// show draws the newest SMS.
func (s *story) show(ctx context.Context, p *phone) error {
	var screen bytes.Buffer
	if _, err := smslog.New(&screen).Send(ctx, p.sms); err != nil {
		return err
	}
	s.page.paper(indent, screen.String())
	return nil
}

var credentials = regexp.MustCompile(`Användarnamn: (\S+) Engångskod: (\S+)\. `)

// read returns what stands in the newest SMS.
func (p *phone) read() (username, code string, err error) {
	m := credentials.FindStringSubmatch(p.sms.Text)
	if m == nil {
		return "", "", errors.New(p.name + " has no SMS with credentials")
	}
	return m[1], m[2], nil
}

// activate types a username and a code into the app.
func (s *story) activate(ctx context.Context, p *phone, username, code string) (err error) {
	p.method, err = s.trips.Activate(ctx, travel.ActivateRequest{
		Username: username, Code: code, Number: p.number, Device: p.device,
	})
	return err
}
