package smslog_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/smslog"
	"github.com/tjansteresor/tjansteresor/sms"
)

func message(text string) sms.Message {
	to, err := sms.PhoneNumberFromE164("+46701234567")
	if err != nil {
		panic(err)
	}
	return sms.Message{
		ID: sms.MessageID{6: 0x70, 8: 0x80, 15: 1}, To: to, From: "Resor", Text: text,
		Expires: time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC),
	}
}

func Example() {
	gateway := smslog.New(os.Stdout) // development only: it prints codes
	_, _ = gateway.Send(context.Background(), message("Öppna appen: Mer > Min profil > Betalmedel > "+
		"Andra betalmedel > Lägg till Faktura via Allpay. Användarnamn: resa4711 Engångskod: K7QP-3MXW. Gäller 7 dagar."))
	// Output:
	// ┌──────────────────────────────────────────┐
	// │ Resor → +4670*****67                     │
	// ├──────────────────────────────────────────┤
	// │ Öppna appen: Mer > Min profil >          │
	// │ Betalmedel > Andra betalmedel > Lägg     │
	// │ till Faktura via Allpay. Användarnamn:   │
	// │ resa4711 Engångskod: K7QP-3MXW. Gäller 7 │
	// │ dagar.                                   │
	// └──────────────────────────────────────────┘
}

func TestDrawing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty":               {"", []string{""}},
		"one word":            {"Hej", []string{"Hej"}},
		"paragraphs":          {"Hej\n\nK7QP", []string{"Hej", "", "K7QP"}},
		"carriage return":     {"Hej\r\nK7QP", []string{"Hej", "K7QP"}},
		"a line that fits":    {strings.Repeat("å", 38) + " b", []string{strings.Repeat("å", 38) + " b"}},
		"one too many":        {strings.Repeat("å", 39) + " b", []string{strings.Repeat("å", 39), "b"}},
		"a word too long":     {"a " + strings.Repeat("b", 85), []string{"a", strings.Repeat("b", 40), strings.Repeat("b", 40), "bbbbb"}},
		"a word of one line":  {strings.Repeat("b", 40) + " c", []string{strings.Repeat("b", 40), "c"}},
		"terminal sequences":  {"a\x1b[2Jb\u009bc", []string{"a\uFFFD[2Jb\uFFFDc"}},
		"spaces are not kept": {"  a   b\tc ", []string{"a b c"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			_, err := smslog.New(&out).Send(t.Context(), message(c.text))
			require.NoError(t, err)
			lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
			var got []string
			for i, l := range lines {
				assert.Equal(t, 44, utf8.RuneCountInString(l), "line %d: %s", i, l)
				if i >= 3 && i < len(lines)-1 {
					got = append(got, strings.TrimRight(strings.Trim(l, "│")[1:], " "))
				}
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	t.Run("receipt", func(t *testing.T) {
		t.Parallel()
		var first, second bytes.Buffer
		receipt, err := smslog.New(&first).Send(t.Context(), message("K7QP-3MXW"))
		require.NoError(t, err)
		assert.Equal(t, sms.Receipt{Gateway: "smslog", GatewayID: message("").ID.String()}, receipt)
		_, err = smslog.New(&second).Send(t.Context(), message("K7QP-3MXW"))
		require.NoError(t, err)
		assert.Equal(t, first.String(), second.String(), "the same message is drawn the same")
	})
	t.Run("I7 number masked", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		_, err := smslog.New(&out).Send(t.Context(), message("x"))
		require.NoError(t, err)
		assert.NotContains(t, out.String(), "701234567")
	})
	t.Run("host is stopping", func(t *testing.T) {
		t.Parallel()
		ctx, stop := context.WithCancel(t.Context())
		stop()
		var out bytes.Buffer
		_, err := smslog.New(&out).Send(ctx, message("K7QP-3MXW"))
		require.ErrorIs(t, err, sms.ErrTemporary)
		require.ErrorIs(t, err, context.Canceled)
		assert.Empty(t, out.String())
	})
	t.Run("writer fails", func(t *testing.T) {
		t.Parallel()
		full := errors.New("disk full")
		_, err := smslog.New(failing{full}).Send(t.Context(), message("K7QP-3MXW"))
		require.ErrorIs(t, err, sms.ErrUnknown)
		require.ErrorIs(t, err, full)
		assert.NotContains(t, err.Error(), "K7QP")
	})
	t.Run("many at once stay whole", func(t *testing.T) {
		t.Parallel()
		var out, one bytes.Buffer
		gateway := smslog.New(&out)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, err := gateway.Send(t.Context(), message("K7QP-3MXW"))
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		_, err := smslog.New(&one).Send(t.Context(), message("K7QP-3MXW"))
		require.NoError(t, err)
		assert.Equal(t, strings.Repeat(one.String(), 20), out.String())
	})
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
