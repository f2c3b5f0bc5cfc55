package catalog_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/examples/transitbackend/catalog"
)

func TestR25_R30_FaresAndSellers(t *testing.T) {
	t.Parallel()
	c, err := catalog.Load()
	require.NoError(t, err)
	for name, want := range map[string]struct {
		wish           catalog.Wish
		gross          string
		seller, region string
		vat            int
	}{
		"one zone":            {catalog.Wish{Product: "single", Category: "adult", Zone: "J1"}, "37", "", "jonkoping", 600},
		"one zone, youth":     {catalog.Wish{Product: "single", Category: "youth", Zone: "J1"}, "22", "", "jonkoping", 600},
		"24 hours":            {catalog.Wish{Product: "24h", Category: "adult", Zone: "J2"}, "99", "", "jonkoping", 600},
		"several zones":       {catalog.Wish{Product: "single", Category: "adult", From: "Jönköping resecentrum", To: "Vetlanda resecentrum"}, "109", "", "jonkoping", 600},
		"Kronoberg":           {catalog.Wish{Product: "single", Category: "adult", From: "Jönköping resecentrum", To: "Växjö resecentrum"}, "109", "kronoberg", "kronoberg", 600},
		"home from Kalmar":    {catalog.Wish{Product: "single", Category: "adult", From: "Kalmar centralstation", To: "Jönköping resecentrum"}, "181", "kalmar", "kalmar", 600},
		"Halland":             {catalog.Wish{Product: "single", Category: "adult", From: "Värnamo resecentrum", To: "Halmstad centralstation"}, "181", "halland", "halland", 600},
		"Västra Götaland":     {catalog.Wish{Product: "single", Category: "adult", From: "Jönköping resecentrum", To: "Göteborg centralstation"}, "181", "vastragotaland", "vastragotaland", 600},
		"Blekinge":            {catalog.Wish{Product: "single", Category: "adult", From: "Jönköping resecentrum", To: "Karlskrona centralstation"}, "253", "blekinge", "blekinge", 600},
		"Skåne":               {catalog.Wish{Product: "single", Category: "senior", From: "Jönköping resecentrum", To: "Malmö centralstation"}, "189", "skane", "skane", 600},
		"Copenhagen, no VAT":  {catalog.Wish{Product: "single", Category: "adult", From: "Jönköping resecentrum", To: "København H"}, "325", "skane", "kopenhamn", 0},
		"within another":      {catalog.Wish{Product: "single", Category: "adult", From: "Malmö centralstation", To: "Kristianstad station"}, "109", "skane", "skane", 600},
		"in the same zone":    {catalog.Wish{Product: "single", Category: "adult", From: "Jönköping resecentrum", To: "Huskvarna centrum"}, "37", "", "jonkoping", 600},
		"30 days over border": {catalog.Wish{Product: "30d", Category: "adult", From: "Jönköping resecentrum", To: "Alvesta station"}, "2398", "kronoberg", "kronoberg", 600},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ticket, valid, err := c.Quote(want.wish)
			require.NoError(t, err)
			assert.Equal(t, want.gross, ticket.Gross.String())
			assert.Equal(t, want.seller, ticket.Seller)
			assert.Equal(t, want.region, ticket.Region)
			assert.Equal(t, want.vat, ticket.VATRate)
			assert.Positive(t, valid)
		})
	}
	for name, wish := range map[string]catalog.Wish{
		"product":  {Product: "?", Category: "adult", Zone: "J1"},
		"category": {Product: "single", Category: "?", Zone: "J1"},
		"zone":     {Product: "single", Category: "adult", Zone: "?"},
		"stop":     {Product: "single", Category: "adult", From: "?", To: "Växjö resecentrum"},
		"nowhere":  {Product: "single", Category: "adult", From: "Växjö resecentrum", To: "Växjö resecentrum"},
	} {
		_, _, err := c.Quote(wish)
		assert.ErrorIs(t, err, catalog.ErrUnknown, name)
	}
}

func TestDepartures(t *testing.T) {
	t.Parallel()
	c, err := catalog.Load()
	require.NoError(t, err)
	now := time.Date(2026, 1, 13, 11, 10, 0, 0, time.UTC)
	list, err := c.Departures("Jönköping resecentrum", "Växjö resecentrum", now, 3)
	require.NoError(t, err)
	require.Len(t, list, 3)
	assert.Equal(t, "11:30", list[0].Leaves.Format("15:04"))
	assert.Equal(t, "13:05", list[0].Arrive.Format("15:04"))
	_, err = c.Departures("?", "Växjö resecentrum", now, 3)
	assert.ErrorIs(t, err, catalog.ErrUnknown)
}
