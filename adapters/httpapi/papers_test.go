package httpapi_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/httpapi"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/invoice"
)

func TestR34Files(t *testing.T) {
	t.Parallel()
	w := setup(t)
	out := send(w.office, call{method: "GET", path: w.paper(w.habo, "/files/csv"), who: "staff"})
	require.Equal(t, 200, out.Code)
	assert.Contains(t, out.Header().Get("Content-Type"), "text/csv")
	assert.Equal(t, `attachment; filename="JLT-1.csv"`, out.Header().Get("Content-Disposition"))
	assert.Contains(t, out.Body.String(), "January", "the purpose")
	for _, format := range []string{"pdf", "CSV", "..", ""} {
		refused(t, send(w.office, call{method: "GET", path: w.paper(w.habo, "/files/"+format), who: "staff"}), 404, "not_found")
	}
}

// broken is a renderer that writes something, and fails.
type broken struct{ size int }

func (broken) Format() invoice.Format {
	return invoice.Format{Name: "broken", MediaType: "text/plain", Extension: ".t\"x\r\nt"}
}

func (b broken) Render(_ context.Context, out io.Writer, _ invoice.Document, _ iter.Seq2[invoice.Line, error]) error {
	for range b.size {
		if _, err := io.WriteString(out, strings.Repeat("x", 1024)); err != nil {
			return err
		}
	}
	if b.size == 3000 {
		return nil
	}
	return errors.New("printer on fire")
}

// Half a file is never taken for a whole one: it is a problem, or the
// connection is cut.
func TestFilesAreWholeOrNot(t *testing.T) {
	t.Parallel()
	w := setup(t, func(_ *world, _ *httpapi.AppConfig, o *httpapi.OfficeConfig) {
		o.Renderers = map[string]invoice.Renderer{"small": broken{1}, "large": broken{2000}, "whole": broken{3000}}
	})
	get := func(format string) call {
		return call{method: "GET", path: w.paper(w.habo, "/files/"+format), who: "staff"}
	}
	out := send(w.office, get("small"))
	refused(t, out, 500, "internal")
	assert.Empty(t, out.Header().Get("Content-Disposition"))
	assert.NotContains(t, out.Body.String(), "fire")
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { send(w.office, get("large")) })
	whole := send(w.office, get("whole"))
	assert.Equal(t, 3000*1024, whole.Body.Len())
	assert.Equal(t, `attachment; filename="JLT-1.t_x__t"`, whole.Header().Get("Content-Disposition"))
	head := get("whole")
	head.method = "HEAD"
	assert.Zero(t, send(w.office, head).Body.Len())
}

func TestR35MonthClose(t *testing.T) {
	t.Parallel()
	w := setup(t)
	february := credit.NewMonth(2026, 2)
	type report struct {
		Issued, Skipped, Aside []struct {
			Company, State string
			Documents      []string
			Problem        *struct{ Reason, Text string }
		}
		Failed []struct{ Company string }
	}
	set := send(w.office, call{method: "POST", path: company(w.ydre) + "/months/2026-02/set-aside", who: "staff", body: `{"note":"waits for a signature"}`})
	require.Equal(t, 200, set.Code)
	type previews struct {
		Previews []struct {
			Company   string
			Documents []struct{ ID, Gross, Net, VAT string }
		}
	}
	dry := read[previews](t, send(w.office, call{method: "GET", path: "/months/2026-02/preview", who: "staff"}))
	require.Len(t, dry.Previews, 2)
	assert.Equal(t, "106.00", dry.Previews[0].Documents[0].Gross)
	assert.Equal(t, "100.00", dry.Previews[0].Documents[0].Net)
	assert.Equal(t, "6.00", dry.Previews[0].Documents[0].VAT)
	assert.Empty(t, dry.Previews[0].Documents[0].ID, "nothing is issued by looking")

	w.clock.Set(february.End(w.travel.Rules().Zone).AddDate(0, 0, 3))
	closing := call{method: "POST", path: "/months/2026-02/close", who: "staff", body: `{}`}.with("Accept-Language", "en")
	first := read[report](t, send(w.office, closing))
	require.Len(t, first.Issued, 1)
	assert.Equal(t, w.habo.id.String(), first.Issued[0].Company)
	assert.Len(t, first.Issued[0].Documents, 1)
	require.Len(t, first.Aside, 1)
	assert.Equal(t, "held", first.Aside[0].Problem.Reason)
	assert.Equal(t, "The month is set aside for the time being: waits for a signature.", first.Aside[0].Problem.Text)
	again := read[report](t, send(w.office, closing))
	assert.Empty(t, again.Issued)
	assert.NotEmpty(t, again.Skipped)

	require.Equal(t, 200, send(w.office, call{method: "POST", path: company(w.ydre) + "/months/2026-02/release", who: "staff", body: `{}`}).Code)
	w.store.fault(func(context.Context) error { return errors.New("disk full") })
	failed := send(w.office, closing)
	assert.Len(t, read[report](t, failed).Failed, 1)
	assert.Equal(t, w.ydre.id.String(), read[report](t, failed).Failed[0].Company)
	assert.NotContains(t, failed.Body.String(), "disk")
	assert.Contains(t, w.logged.String(), "disk full", "the host is told")
	gone, cancel := context.WithCancel(t.Context())
	w.store.fault(func(context.Context) error {
		cancel()
		return context.Canceled
	})
	refused(t, serve(w.office, closing.request().WithContext(gone)), 503, "timeout")
	w.store.fault(nil)
	last := read[report](t, send(w.office, closing))
	require.Len(t, last.Issued, 1)
	assert.Equal(t, w.ydre.id.String(), last.Issued[0].Company)

	audit := send(w.office, call{method: "GET", path: "/audit", who: "staff"})
	assert.JSONEq(t, `{"drifts":[]}`, audit.Body.String())
}

// Pages join without a gap and without a double.
func TestPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for path, name := range map[string]string{
		"/companies?limit=1": "companies", company(w.habo) + "/audit-log?limit=1": "records", "/deliveries?state=waiting&limit=1": "deliveries",
	} {
		whole := pages(t, w.office, "staff", strings.Replace(path, "limit=1", "limit=200", 1), "after", name)
		single := pages(t, w.office, "staff", path, "after", name)
		require.Greater(t, len(whole), 1, path)
		assert.Equal(t, whole, single)
	}
	whole := pages(t, w.app, "anna", method(w.anna)+"/purchases?limit=100", "before", "purchases")
	single := pages(t, w.app, "anna", method(w.anna)+"/purchases?limit=1", "before", "purchases")
	require.Len(t, whole, 4)
	assert.Equal(t, whole, single)
}
