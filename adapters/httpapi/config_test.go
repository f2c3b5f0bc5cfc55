package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/httpapi"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

func TestConfigurationNamesTheField(t *testing.T) {
	t.Parallel()
	w := setup(t)
	phone := func(*http.Request) (httpapi.Phone, error) { return w.anna.phone, nil }
	staff := func(*http.Request) (httpapi.Employee, error) { return httpapi.Employee{ID: "1"}, nil }
	app := func(o httpapi.Options) error {
		_, err := httpapi.NewApp(httpapi.AppConfig{Travel: w.travel, Authenticate: phone, Price: httpapi.PricedByCaller, Options: o})
		return err
	}
	office := func(r map[string]invoice.Renderer) error {
		_, err := httpapi.NewOffice(httpapi.OfficeConfig{Travel: w.travel, Invoices: w.invoices, Authenticate: staff, Renderers: r})
		return err
	}
	second := func(_ http.Handler, err error) error { return err }
	require.NoError(t, app(httpapi.Options{}))
	require.NoError(t, office(nil))
	for field, err := range map[string]error{
		"Travel":            second(httpapi.NewApp(httpapi.AppConfig{Authenticate: phone, Price: httpapi.PricedByCaller})),
		"Authenticate":      second(httpapi.NewApp(httpapi.AppConfig{Travel: w.travel, Price: httpapi.PricedByCaller})),
		"Price":             second(httpapi.NewApp(httpapi.AppConfig{Travel: w.travel, Authenticate: phone})),
		"Invoices":          second(httpapi.NewOffice(httpapi.OfficeConfig{Travel: w.travel, Authenticate: staff})),
		"Renderers":         office(map[string]invoice.Renderer{"../x": w.invoices.CSV(swedish)}),
		"MaxBody":           app(httpapi.Options{MaxBody: -1}),
		"Timeout":           app(httpapi.Options{Timeout: -1}),
		"Remembered":        app(httpapi.Options{Remembered: -1}),
		"PerIdentity.Burst": app(httpapi.Options{PerIdentity: httpapi.Rate{Every: time.Second}}),
		"PerAddress.Every":  app(httpapi.Options{PerAddress: httpapi.Rate{Burst: 1}}),
	} {
		var input *travel.InputError
		require.ErrorAs(t, err, &input, field)
		assert.Equal(t, field, input.Field)
	}
	assert.Error(t, office(map[string]invoice.Renderer{"pdf": nil}))
}
