package embed

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestReadmeShowsThisCode(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	code, err := os.ReadFile("embed.go")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(readme), "```go\n")
	require.True(t, found)
	shown, _, _ := strings.Cut(rest, "```")
	_, after, _ := strings.Cut(string(code), "\n)\n\n")
	assert.Equal(t, after, shown)
}

// inbox keeps the last SMS.
type inbox struct{ text string }

func (i *inbox) Send(_ context.Context, m sms.Message) (sms.Receipt, error) {
	i.text = m.Text
	return sms.Receipt{Gateway: "inbox"}, nil
}

func TestBuy(t *testing.T) {
	t.Parallel()
	ctx, gateway := t.Context(), &inbox{}
	b, err := Open([]byte("0123456789abcdef0123456789abcdef"), gateway, invoice.Seller{Series: "EXT", Party: invoice.Party{
		Name: "Exempeltrafiken AB", OrganizationNumber: "5560001231", VATNumber: "SE556000123101",
		Street: "Stationsgatan 1", PostalCode: "551 11", City: "Jönköping",
	}})
	require.NoError(t, err)
	who := connect(t, b, gateway)

	ticket := travel.Ticket{
		Product: "single", Category: "adult", Zones: []string{"Jönköping"}, Gross: decimal.NewFromInt(300), VATRate: 600,
	}
	for range 2 {
		decline, err := b.Buy(ctx, who, "order-1", "Utbildning", ticket)
		require.NoError(t, err)
		require.Nil(t, decline, "the same order is one purchase")
	}
	decline, err := b.Buy(ctx, who, "order-2", "Utbildning", ticket)
	require.NoError(t, err)
	require.NotNil(t, decline)
	assert.Equal(t, credit.LimitExceeded, decline.Code)
	_, err = b.Buy(ctx, who, "order-3", "", travel.Ticket{})
	assert.ErrorIs(t, err, travel.ErrInvalid)
	balance, err := b.Trips.Balance(ctx, who)
	require.NoError(t, err)
	assert.Equal(t, "200", balance.Available.String())
}

var credentials = regexp.MustCompile(`Användarnamn: (\S+) Engångskod: (\S+)\. `)

// connect makes a company with a traveler who can buy for 500.
func connect(t *testing.T, b Backend, gateway *inbox) travel.Holder {
	t.Helper()
	ctx := t.Context()
	company, administrator, err := b.Trips.Apply(ctx, travel.Application{
		Name: "Exempelkommunen", OrganizationNumber: "212000-0829", DefaultReference: "10001", AdministratorName: "Ada Ek",
	})
	require.NoError(t, err)
	require.NoError(t, b.Trips.Approve(ctx, travel.OperatorActor("staff-7"), company.ID, ""))
	admin := travel.AdministratorActor(company.ID, administrator.ID)
	number, err := b.Trips.ParseNumber("070-123 45 67")
	require.NoError(t, err)
	anna, err := b.Trips.AddTraveler(ctx, admin, company.ID, number, travel.TravelerDetails{FirstName: "Anna", LastName: "Berg"})
	require.NoError(t, err)
	_, err = b.Trips.Connect(ctx, admin, travel.ConnectRequest{
		Company: company.ID, Traveler: anna.ID, Key: "connect-1", Limit: decimal.NewFromInt(500),
	})
	require.NoError(t, err)
	_, err = b.Post.RunDue(ctx, time.Now())
	require.NoError(t, err)
	typed := credentials.FindStringSubmatch(gateway.text)
	require.NotNil(t, typed)
	method, err := b.Trips.Activate(ctx, travel.ActivateRequest{Username: typed[1], Code: typed[2], Number: number, Device: "phone-1"})
	require.NoError(t, err)
	return travel.Holder{Method: method, Device: "phone-1", Number: number}
}
