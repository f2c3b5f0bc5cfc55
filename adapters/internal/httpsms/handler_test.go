package httpsms

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/sms"
)

type receiver func(sms.DeliveryReport) error

func (r receiver) ReceiveReport(_ context.Context, report sms.DeliveryReport) error { return r(report) }

const gatewayID = "SM0123456789abcdef"

func TestHandler(t *testing.T) {
	t.Parallel()
	fails := func(err error) func(*http.Request, []byte) (sms.DeliveryReport, error) {
		return func(*http.Request, []byte) (sms.DeliveryReport, error) { return sms.DeliveryReport{}, err }
	}
	good := func(*http.Request, []byte) (sms.DeliveryReport, error) {
		return Report(reference, gatewayID, sms.StateFailed, "30005")
	}
	body := strings.NewReader("to=+46701234567")
	for name, c := range map[string]struct {
		method string
		body   io.Reader
		read   func(*http.Request, []byte) (sms.DeliveryReport, error)
		saves  error
		status int
		header [2]string
		logs   string
	}{
		"saved":           {"POST", body, good, nil, 204, [2]string{}, ""},
		"unknown message": {"POST", body, good, fmt.Errorf("store: %w", sms.ErrUnknownMessage), 503, [2]string{}, "level=WARN"},
		"store fails":     {"POST", body, good, errors.New("disk full"), 500, [2]string{}, "disk full"},
		"forbidden":       {"POST", body, fails(ErrForbidden), nil, 403, [2]string{}, "status=403"},
		"unauthorized":    {"POST", body, fails(ErrUnauthorized), nil, 401, [2]string{"WWW-Authenticate", `Basic realm="receipts"`}, "status=401"},
		"bad form":        {"POST", body, fails(ErrForm), nil, 400, [2]string{}, "status=400"},
		"too large":       {"POST", bytes.NewReader(make([]byte, maxReceipt+1)), good, nil, 413, [2]string{}, "status=413"},
		"breaks off":      {"POST", failingReader{io.ErrUnexpectedEOF}, good, nil, 400, [2]string{}, "status=400"},
		"GET":             {"GET", nil, good, nil, 405, [2]string{"Allow", "POST"}, ""},
		"HEAD":            {"HEAD", nil, good, nil, 405, [2]string{"Allow", "POST"}, ""},
		"PUT":             {"PUT", body, good, nil, 405, [2]string{"Allow", "POST"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []sms.DeliveryReport
			var log bytes.Buffer
			h, err := NewHandler("fake", receiver(func(r sms.DeliveryReport) error {
				got = append(got, r)
				return c.saves
			}), clock, slog.New(slog.NewTextHandler(&log, nil)), c.read)
			require.NoError(t, err)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest(c.method, "/receipts?token=secret", c.body))
			assert.Equal(t, c.status, w.Code)
			assert.Empty(t, w.Body.String())
			if c.header[0] != "" {
				assert.Equal(t, c.header[1], w.Header().Get(c.header[0]))
			}
			switch c.status {
			case 204, 500, 503:
				assert.Equal(t, []sms.DeliveryReport{{
					Company: reference.Company, ID: reference.ID, Gateway: "fake", GatewayID: gatewayID,
					State: sms.StateFailed, ErrorCode: "30005", At: now,
				}}, got)
			default:
				assert.Empty(t, got)
			}
			assert.Contains(t, log.String(), c.logs)
			assert.Equal(t, c.logs == "", log.Len() == 0, log.String())
			for _, secret := range []string{"701234567", "secret", "192.0.2.1"} {
				assert.NotContains(t, log.String(), secret)
			}
		})
	}
}

func TestHandlerNeedsAReceiver(t *testing.T) {
	t.Parallel()
	_, err := NewHandler("fake", nil, nil, nil, nil)
	require.ErrorIs(t, err, sms.ErrOption)
}

func TestReport(t *testing.T) {
	t.Parallel()
	for state, want := range map[sms.State]string{
		sms.StateSent: "", sms.StateDelivered: "", sms.StateUnknown: "30005", sms.StateFailed: "30005",
	} {
		got, err := Report(reference, gatewayID, state, "30005")
		require.NoError(t, err)
		assert.Equal(t, want, got.ErrorCode, state)
	}
	got, err := Report(reference, gatewayID, sms.StateFailed, "number 46701234567")
	require.NoError(t, err)
	assert.Empty(t, got.ErrorCode)
	_, err = Report(reference, "46701234567", sms.StateSent, "")
	require.ErrorIs(t, err, ErrForm)
}

func TestForm(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		media, body string
		err         error
	}{
		"form":                {TypeForm, "a=b", nil},
		"form with a charset": {TypeForm + "; charset=UTF-8", "a=b", nil},
		"something else":      {"text/plain", "a=b", ErrForm},
		"nothing":             {"", "a=b", ErrForm},
		"not encoded":         {TypeForm, "a=%zz", ErrForm},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("POST", "/", nil)
			r.Header.Set("Content-Type", c.media)
			form, err := Form(r, []byte(c.body))
			if c.err != nil {
				require.ErrorIs(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "b", form.Get("a"))
		})
	}
}
