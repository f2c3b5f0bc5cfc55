package sms_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/sms"
)

func TestCheckSender(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"JLT", "Resor", "Tjansteres1", "a1b2c3d4e5f"} {
		assert.NoError(t, sms.CheckSender(good), good)
	}
	for _, bad := range []string{
		"", "JL", "Tjansteresor", "1JLT", "46701234567", "J-LT", "J LT", "Tåg", "Resor\n", "Resor\x00", "Ｒesor", "+46",
	} {
		err := sms.CheckSender(bad)
		assert.ErrorIs(t, err, sms.ErrSenderName, bad)
		assert.ErrorContains(t, err, fmt.Sprintf("%q", bad))
	}
}

func TestMessageID(t *testing.T) {
	t.Parallel()
	id, err := sms.ParseMessageID("0190163d-8694-739b-aea5-966c26f8ad90")
	require.NoError(t, err)
	assert.Equal(t, "0190163d-8694-739b-aea5-966c26f8ad90", id.String())
	_, err = sms.ParseMessageID("0190163d")
	require.Error(t, err)
}

func TestSealedTextOpensForItsMessageOnly(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	s, err := sms.SealText(ring, rand.Reader, messageID(1), "A\u030angstro\u0308m")
	require.NoError(t, err)
	got, err := sms.OpenText(ring, messageID(1), s)
	require.NoError(t, err)
	assert.Equal(t, "Ångström", got, "in NFC")
	_, err = sms.OpenText(ring, messageID(2), s)
	require.Error(t, err)
	assert.ErrorContains(t, err, messageID(2).String())
	_, err = sms.SealText(ring, strings.NewReader(""), messageID(1), text)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), code)
}

func TestSendErrorKinds(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	sentinels := []error{sms.ErrUnknown, sms.ErrTemporary, sms.ErrPermanent}
	for i, kind := range []sms.Kind{sms.KindUnknown, sms.KindTemporary, sms.KindPermanent} {
		err := fmt.Errorf("elks: %w", &sms.SendError{Kind: kind, Code: "c7", Err: cause})
		for j, sentinel := range sentinels {
			assert.Equal(t, i == j, errors.Is(err, sentinel), "%s is %v", kind, sentinel)
		}
		require.ErrorIs(t, err, cause)
		assert.EqualError(t, err, fmt.Sprintf("elks: %v (c7): connection refused", sentinels[i]))
	}
	assert.EqualError(t, &sms.SendError{}, "outcome unknown")
}

// However a value is printed, it shows neither number nor text nor code.
func TestI7NothingPrintsNumberOrText(t *testing.T) {
	t.Parallel()
	to, err := sms.PhoneNumberFromE164(number)
	require.NoError(t, err)
	m := sms.Message{ID: messageID(1), To: to, From: "Resor", Text: text, Expires: start}
	c := sms.Credentials{Username: "resa4711", Code: code, ValidDays: 7, Until: start}
	q := waiting(t, 1)
	templates, err := sms.NewTemplates(sms.TemplateOptions{})
	require.NoError(t, err)
	long := c
	long.Username = strings.Repeat("resa4711", 20)
	_, tooLong := templates.Credentials(language(t, "sv"), long)
	require.Error(t, tooLong)

	values := []any{m, &m, c, &c, q, &q, tooLong, []sms.Message{m}, struct {
		M sms.Message
		C sms.Credentials
		Q sms.Queued
	}{m, c, q}}
	var out bytes.Buffer
	for _, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		data, err := json.Marshal(v)
		require.NoError(t, err)
		out.Write(data)
		slog.New(slog.NewTextHandler(&out, nil)).Info("value", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("value", "v", v)
	}
	for _, secret := range []string{number, "701234567", code, "resa4711", "Engångskod: " + code} {
		assert.NotContains(t, out.String(), secret)
		assert.NotContains(t, out.String(), fmt.Sprintf("%x", secret))
	}
	assert.Contains(t, out.String(), "to +4670*****67 from Resor")
}
