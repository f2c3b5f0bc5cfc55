package sms_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	xlanguage "golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/sms"
)

// Count the segments of a text before it is sent 10,000 times.
func ExampleAnalyze() {
	for _, text := range []string{
		"Din kod är K7QP-3MXW",
		"Din kod är ”K7QP-3MXW”",
		strings.Repeat("€", 81),
	} {
		fmt.Println(sms.Analyze(text))
	}
	fmt.Println(sms.Analyze(sms.Fold("Din kod är ”K7QP-3MXW”")))
	// Output:
	// segments: 1, GSM-7 units: 20
	// segments: 1, UCS-2 units: 22, because of U+201D '”'
	// segments: 2, GSM-7 units: 162
	// segments: 1, GSM-7 units: 22
}

// Render the message that carries username and one-time code (R09).
func ExampleTemplates_Credentials() {
	templates, err := sms.NewTemplates(sms.TemplateOptions{
		Way:    sms.Text{Swedish: "Mer > Betalmedel", English: "More > Payment"},
		Method: sms.Text{Swedish: "Företagsfaktura", English: "Company invoice"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	credentials := sms.Credentials{Username: "resa4711", Code: "K7QP-3MXW", ValidDays: 7}
	for _, tag := range []xlanguage.Tag{xlanguage.Swedish, xlanguage.English} {
		text, err := templates.Credentials(tag, credentials)
		fmt.Println(text, err)
	}
	fmt.Println(credentials)
	// Output:
	// Öppna appen: Mer > Betalmedel > Lägg till Företagsfaktura. Användarnamn: resa4711 Engångskod: K7QP-3MXW. Gäller 7 dagar. <nil>
	// Open the app: More > Payment > Add Company invoice. Username: resa4711 One-time code: K7QP-3MXW. Valid 7 days. <nil>
	// credentials (redacted)
}

// A template that would cost two segments is refused when the program starts.
func ExampleNewTemplates() {
	_, err := sms.NewTemplates(sms.TemplateOptions{
		Credentials: sms.Text{Swedish: "Välkommen – ${username} ${code}, gäller ${days}"},
	})
	fmt.Println(err)
	fmt.Println(errors.Is(err, sms.ErrTemplateSize))
	// Output:
	// credentials message in "sv" does not fit one GSM-7 segment: segments: 1, UCS-2 units: 48, because of U+2013 '–': "Välkommen – ${username} ${code}, gäller ${days}"
	// true
}

// printer is a Sender that shows what it would send.
type printer struct{}

func (printer) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	fmt.Println(m)
	return sms.Receipt{Gateway: "printer", GatewayID: "1"}, nil
}

// Send what is due. A store and a gateway of your own go in the place of queue
// and printer.
func ExampleDispatcher_RunDue() {
	ring, err := sms.NewKeyRing(sms.Key{ID: "2026-03", Secret: bytes.Repeat([]byte("s"), 32)})
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	id, _ := sms.ParseMessageID("019cad5e-5c00-7000-8000-000000000001")
	to, _ := sms.PhoneNumberFromE164("+46701234567")
	sealed, err := sms.SealText(ring, rand.Reader, id, "Engångskod: K7QP-3MXW. Gäller 7 dagar.")
	if err != nil {
		fmt.Println(err)
		return
	}
	store := newQueue(sms.Queued{
		ID: id, To: to, Sealed: sealed, NextAt: now, Expires: now.AddDate(0, 0, 7), CreatedAt: now, UpdatedAt: now,
	})

	dispatcher, err := sms.NewDispatcher(store, printer{}, ring, sms.DispatcherOptions{
		From:  "Resor",
		Clock: func() time.Time { return now },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	summary, err := dispatcher.RunDue(context.Background(), now)
	fmt.Printf("%+v %v\n", summary, err)
	// Output:
	// message 019cad5e-5c00-7000-8000-000000000001 to +4670*****67 from Resor
	// {Leased:1 Sent:1 Retried:0 Failed:0 Unknown:0 Deferred:0 Lost:0 Halted:false} <nil>
}

// Apply what a gateway reports later. Reports come twice and out of order.
func ExampleQueued_Reported() {
	message := sms.Queued{State: sms.StateSent}
	for _, state := range []sms.State{sms.StateDelivered, sms.StateSent, sms.StateDelivered} {
		var changed bool
		message, changed = message.Reported(sms.DeliveryReport{State: state})
		fmt.Println(message.State, changed)
	}
	// Output:
	// delivered true
	// delivered false
	// delivered false
}
