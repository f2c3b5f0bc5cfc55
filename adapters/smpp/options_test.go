package smpp_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/smpp"
	"github.com/tjansteresor/tjansteresor/sms"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	good := smpp.Options{Addr: "smsc:2775", SystemID: "resor", Password: password, Reports: newReports()}
	_, err := smpp.New(good)
	require.NoError(t, err)
	for name, change := range map[string]func(o *smpp.Options){
		"Addr":            func(o *smpp.Options) { o.Addr = "" },
		"SystemID":        func(o *smpp.Options) { o.SystemID = "" },
		"Reports":         func(o *smpp.Options) { o.Reports = nil },
		"Password":        func(o *smpp.Options) { o.Password += "\x00" },
		"SystemType":      func(o *smpp.Options) { o.SystemType = "a\x00b" },
		"MaxPending":      func(o *smpp.Options) { o.MaxPending = -1 },
		"EnquireLink":     func(o *smpp.Options) { o.EnquireLink = -time.Second },
		"ResponseTimeout": func(o *smpp.Options) { o.ResponseTimeout = -1 },
		"ThrottleWait":    func(o *smpp.Options) { o.ThrottleWait = -1 },
		"Backoff":         func(o *smpp.Options) { o.Backoff = -1 },
		"MaxBackoff":      func(o *smpp.Options) { o.MaxBackoff = -1 },
	} {
		bad := good
		change(&bad)
		_, err := smpp.New(bad)
		require.ErrorIs(t, err, sms.ErrOption, name)
		assert.Contains(t, err.Error(), name)
		assert.NotContains(t, err.Error(), password)
	}
}

func TestI7PasswordIsNotPrinted(t *testing.T) {
	t.Parallel()
	o := smpp.Options{Addr: "smsc:2775", SystemID: "resor", Password: password, Reports: newReports()}
	c, err := smpp.New(o)
	require.NoError(t, err)
	for _, v := range []any{o, &o, c} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			assert.Equal(t, "SMPP to smsc:2775", fmt.Sprintf(verb, v))
		}
		var text, json bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&json, nil)).Info("x", "v", v)
		assert.NotContains(t, text.String()+json.String(), password)
	}
}
