package smstest

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/sms"
)

var textCases = []Case{
	{
		"message/intact", "Send hands a message to the gateway: To is where it goes, From the sender name that the phone shows, Text is in NFC.",
		Accepts, nil,
		(*check).messageIntact,
	},
	{
		"message/repeated", "The same message, with the same ID and the same text, may come again.",
		Accepts, nil,
		(*check).messageRepeated,
	},
	{
		"message/again", "After an unknown outcome the same message, with the same ID and the same text, may come again.",
		Dies, nil,
		(*check).messageAgain,
	},
}

// texts are what templates, languages and protocols can make difficult.
var texts = []string{
	"Hej!",
	"Hej Åsa! Användarnamn: resa4711 Engångskod: " + code + ". Gäller 7 dagar. åäöÅÄÖ éÉ üÜ",
	"100 € {a} [b] ~ ^ | \\ @ £ $ ¥ è Δ ß ñ",
	"två rader\noch en & till = 1+1 % 25 # ? ; ' \" < > /",
	"redan kodat: a+b %20 %2B &amp; \\n \\u00e5 =C3",
	"Biljett 🎫 köpt 👍🏽 – “välkommen”",
	"  mellanrum i början och slutet  ",
	strings.Repeat("Långt meddelande med åäö. ", 6) + "€€", // just over one part, an escape at the border
	strings.Repeat("Detta meddelande är långt och går i flera delar. ", 14),
	strings.Repeat("Resan är betald 🎫 ", 15),
}

func (c *check) messageIntact() {
	for n, text := range texts {
		m := c.message(n, text)
		c.taken(m)
		c.arrivedAs(n+1, m)
	}
}

// arrivedAs checks how many messages have arrived, and the last of them.
func (c *check) arrivedAs(count int, m sms.Message) {
	c.Helper()
	seen := c.arrived()
	if len(seen) != count {
		c.Fatalf("%d messages have arrived, want %d", len(seen), count)
	}
	want := Arrival{To: m.To.E164(), From: m.From, Text: m.Text}
	if got := seen[count-1]; got != want {
		c.Errorf("arrived is %+q, want %+q", got, want)
	}
}

func (c *check) messageRepeated() {
	m := c.anyMessage()
	for n := range 3 {
		c.taken(m)
		c.arrivedAs(n+1, m)
	}
}

// messageAgain breaks a connection under a message and sends it once more. The
// way back to the gateway may take its time, as long as Send says that nothing
// was sent yet.
func (c *check) messageAgain() {
	m := c.anyMessage()
	_ = c.attempt(Dies)
	before := len(c.arrived())
	c.set(Accepts)
	ctx, cancel := context.WithTimeout(c.Context(), c.o.Patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := c.send(m)
		if err == nil {
			break
		}
		if !errors.Is(err, sms.ErrTemporary) {
			c.Fatalf("Send to a gateway that is back: error %v", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			c.Fatalf("Send to a gateway that is back: after %s still error %v", c.o.Patience, err)
		}
	}
	c.arrivedAs(before+1, m)
}
