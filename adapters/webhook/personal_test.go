package webhook_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/webhook"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// inbox keeps the newest SMS.
type inbox struct{ last sms.Message }

func (i *inbox) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	i.last = m
	return sms.Receipt{Gateway: "test"}, nil
}

var credentials = regexp.MustCompile(`Användarnamn: (\S+) Engångskod: (\S{4}-\S{4})\.`)

// live makes an operator's day: an application, a traveler who connects,
// buys and is declined, a refund, and the end. It returns what was personal or
// secret in it.
func (k *kit) live() []string {
	k.t.Helper()
	ctx := context.Background()
	keys, err := sms.NewKeyRing(sms.Key{ID: "2026-01", Secret: []byte("32 random bytes of the host's own")})
	require.NoError(k.t, err)
	trips, err := travel.New(travel.Config{
		Store: k.queue, Keys: keys, Clock: k.clock.Now, CodeCost: 2, Random: rand.NewChaCha8([32]byte{9}),
	})
	require.NoError(k.t, err)
	company, admin, err := trips.Apply(ctx, travel.Application{
		Name: "Habo kommun", OrganizationNumber: "212000-1629", DefaultReference: "Referens 00471", AdministratorName: "Adalbert Ek",
		Billing: travel.Billing{Street: "Boxgatan 212", PostalCode: "566 24", City: "Habo"},
	})
	require.NoError(k.t, err)
	operator := travel.OperatorActor("staff-seven")
	require.NoError(k.t, trips.Approve(ctx, operator, company.ID, "för att Berta bad om det"))
	actor := travel.AdministratorActor(company.ID, admin.ID)
	number, err := trips.ParseNumber("070-123 45 67")
	require.NoError(k.t, err)
	traveler, err := trips.AddTraveler(ctx, actor, company.ID, number, travel.TravelerDetails{FirstName: "Annelie", LastName: "Svensson"})
	require.NoError(k.t, err)
	_, err = trips.Connect(ctx, actor, travel.ConnectRequest{
		Company: company.ID, Traveler: traveler.ID, Key: "nyckel", Limit: decimal.NewFromInt(500), Note: "Berta har sagt ja",
	})
	require.NoError(k.t, err)
	var phone inbox
	post, err := sms.NewDispatcher(k.queue, &phone, keys, sms.DispatcherOptions{From: "Resor", Clock: k.clock.Now})
	require.NoError(k.t, err)
	_, err = post.RunDue(ctx, k.clock.Now())
	require.NoError(k.t, err)
	code := credentials.FindStringSubmatch(phone.last.Text)
	require.NotNil(k.t, code)
	method, err := trips.Activate(ctx, travel.ActivateRequest{Username: code[1], Code: code[2], Number: number, Device: "telefonen"})
	require.NoError(k.t, err)
	holder := travel.Holder{Method: method, Number: number, Device: "telefonen"}
	for i, price := range []int64{250, 251} {
		r, err := trips.Purchase(ctx, travel.PurchaseRequest{
			Holder: holder, Key: []string{"köp-1", "köp-2"}[i], Purpose: "Utbildning i stadshuset", Tickets: []travel.Ticket{{
				Product: "single", ProductName: "Enkelbiljett", Category: "adult", Zones: []string{"Jönköping"},
				Region: "Jönköping", Gross: decimal.NewFromInt(price), VATRate: 600,
			}},
		})
		require.NoError(k.t, err)
		require.Equal(k.t, i == 1, r.Decline != nil)
	}
	require.NoError(k.t, trips.RemoveLimit(ctx, actor, company.ID, traveler.ID))
	return []string{
		"Habo", "2120001629", "212000-1629", "Referens", "Adalbert", "Boxgatan", "staff-seven", "Berta", "Annelie", "Svensson",
		"701234567", "123 45 67", "nyckel", "telefonen", "köp-", "Utbildning", "stadshuset", "Enkelbiljett", code[1], code[2],
	}
}

// I7: what is sent, stored and logged is looked through.
func TestI7_NothingPersonalIsSent(t *testing.T) {
	t.Parallel()
	k := setup(t)
	r := k.receiver("r", nil)
	personal := k.live()
	k.run(k.dispatcher(r.Endpoint))
	types := map[travel.EventType]bool{}
	var all strings.Builder
	all.WriteString(k.log.String())
	for id, bodies := range r.got {
		var p webhook.Payload
		require.NoError(t, json.Unmarshal([]byte(bodies[0]), &p))
		assert.Equal(t, id, p.Data.ID)
		assert.Equal(t, start.Format(time.RFC3339), p.Timestamp.Format(time.RFC3339))
		types[p.Type] = true
		all.WriteString(bodies[0])
	}
	for _, want := range []travel.EventType{
		travel.EventCompanyApplied, travel.EventCompanyApproved, travel.EventTravelerConnected, travel.EventTravelerActivated,
		travel.EventPurchaseCaptured, travel.EventPurchaseDeclined, travel.EventTravelerEnded,
	} {
		assert.True(t, types[want], want)
	}
	for _, text := range personal {
		assert.NotContains(t, all.String(), text)
	}
}
