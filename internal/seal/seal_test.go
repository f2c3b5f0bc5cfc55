package seal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func key(id string, fill byte) Key {
	return Key{ID: id, Secret: bytes.Repeat([]byte{fill}, MinSecret)}
}

func ring(t *testing.T, keys ...Key) *Ring {
	t.Helper()
	r, err := NewRing(keys...)
	require.NoError(t, err)
	return r
}

func TestNewRingRefuses(t *testing.T) {
	t.Parallel()
	short := Key{ID: "k9", Secret: []byte("much too short a secret")}
	for name, c := range map[string]struct {
		keys []Key
		want error
		id   string
	}{
		"no key":          {nil, ErrNoKey, ""},
		"empty id":        {[]Key{key("", 'a')}, ErrKeyID, ""},
		"space in id":     {[]Key{key("k 1", 'a')}, ErrKeyID, "k 1"},
		"id of 33":        {[]Key{key(strings.Repeat("k", 33), 'a')}, ErrKeyID, strings.Repeat("k", 33)},
		"31 bytes":        {[]Key{key("k1", 'a'), {ID: "k2", Secret: make([]byte, 31)}}, ErrShortSecret, "k2"},
		"same id twice":   {[]Key{key("k1", 'a'), key("k1", 'b')}, ErrDuplicateKey, "k1"},
		"secret not told": {[]Key{short}, ErrShortSecret, "k9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := NewRing(c.keys...)
			assert.Nil(t, r)
			require.ErrorIs(t, err, c.want)
			var ke *KeyError
			require.ErrorAs(t, err, &ke)
			assert.Equal(t, c.id, ke.ID)
			assert.NotContains(t, err.Error(), string(short.Secret))
		})
	}
}

func TestNewRingCopiesSecrets(t *testing.T) {
	t.Parallel()
	k := key("k1", 'a')
	r := ring(t, k)
	before, err := r.Mac("p", "k1", []byte("data"))
	require.NoError(t, err)
	clear(k.Secret)
	after, err := r.Mac("p", "k1", []byte("data"))
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func TestSealOpens(t *testing.T) {
	t.Parallel()
	r := ring(t, key("k1", 'a'))
	for _, text := range []string{"", "K7QP-3MXW", strings.Repeat("å", 5000)} {
		s, err := r.Seal("sms", []byte(text), []byte("id"), rand.Reader)
		require.NoError(t, err)
		assert.Equal(t, "k1", s.KeyID)
		assert.Len(t, s.Data, len(text)+28)
		got, err := r.Open("sms", s, []byte("id"))
		require.NoError(t, err)
		assert.Equal(t, text, string(got))
	}
}

func TestSealUsesTheGivenRandomness(t *testing.T) {
	t.Parallel()
	r := ring(t, key("k1", 'a'))
	seal := func(nonce string) Sealed {
		s, err := r.Seal("sms", []byte("same"), nil, strings.NewReader(nonce))
		require.NoError(t, err)
		return s
	}
	assert.Equal(t, seal("0123456789ab"), seal("0123456789ab"))
	assert.NotEqual(t, seal("0123456789ab").Data[12:], seal("0123456789ac").Data[12:])

	broken := errors.New("no entropy")
	_, err := r.Seal("sms", []byte("same"), nil, iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	_, err = r.Seal("sms", []byte("same"), nil, strings.NewReader("short"))
	require.Error(t, err)
}

// A rotation moves a new key to the front; what the old one sealed still
// opens, and stops to when the old key leaves the ring.
func TestRotation(t *testing.T) {
	t.Parallel()
	older, newer := key("2026-01", 'a'), key("2026-07", 'b')
	before := ring(t, older)
	s, err := before.Seal("sms", []byte("code"), nil, rand.Reader)
	require.NoError(t, err)
	mac, err := before.Mac("code", before.CurrentID(), []byte("code"))
	require.NoError(t, err)

	during := ring(t, newer, older)
	assert.Equal(t, "2026-07", during.CurrentID())
	got, err := during.Open("sms", s, nil)
	require.NoError(t, err)
	assert.Equal(t, "code", string(got))
	again, err := during.Mac("code", "2026-01", []byte("code"))
	require.NoError(t, err)
	assert.Equal(t, mac, again)
	fresh, err := during.Seal("sms", []byte("code"), nil, rand.Reader)
	require.NoError(t, err)
	assert.Equal(t, "2026-07", fresh.KeyID)

	after := ring(t, newer)
	_, err = after.Open("sms", s, nil)
	require.ErrorIs(t, err, ErrUnknownKey)
	assert.ErrorContains(t, err, "2026-01")
	_, err = after.Mac("code", "2026-01", []byte("code"))
	require.ErrorIs(t, err, ErrUnknownKey)
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	r := ring(t, key("k1", 'a'), key("k2", 'b'))
	s, err := r.Seal("sms", []byte("K7QP-3MXW"), []byte("message 1"), rand.Reader)
	require.NoError(t, err)

	for name, c := range map[string]struct {
		purpose, aad string
		s            Sealed
		want         error
	}{
		"another purpose":  {"code", "message 1", s, ErrOpen},
		"another message":  {"sms", "message 2", s, ErrOpen},
		"no message":       {"sms", "", s, ErrOpen},
		"another key":      {"sms", "message 1", Sealed{KeyID: "k2", Data: s.Data}, ErrOpen},
		"a key of no ring": {"sms", "message 1", Sealed{KeyID: "k3", Data: s.Data}, ErrUnknownKey},
		"nothing":          {"sms", "message 1", Sealed{}, ErrUnknownKey},
		"no data":          {"sms", "message 1", Sealed{KeyID: "k1"}, ErrOpen},
		"a nonce only":     {"sms", "message 1", Sealed{KeyID: "k1", Data: s.Data[:12]}, ErrOpen},
		"one byte more":    {"sms", "message 1", Sealed{KeyID: "k1", Data: append(bytes.Clone(s.Data), 0)}, ErrOpen},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := r.Open(c.purpose, c.s, []byte(c.aad))
			require.ErrorIs(t, err, c.want)
			assert.Nil(t, got)
		})
	}
	t.Run("any bit flipped", func(t *testing.T) {
		t.Parallel()
		for bit := range len(s.Data) * 8 {
			data := bytes.Clone(s.Data)
			data[bit/8] ^= 1 << (bit % 8)
			_, err := r.Open("sms", Sealed{KeyID: "k1", Data: data}, []byte("message 1"))
			require.ErrorIs(t, err, ErrOpen, "bit %d", bit)
		}
	})
}

// Stored values must stay readable by later versions: these bytes were written
// by the first one.
func TestStoredFormIsFixed(t *testing.T) {
	t.Parallel()
	r := ring(t, key("k1", 'a'))
	s, err := r.Seal("sms", []byte("K7QP-3MXW"), []byte("id"), strings.NewReader("0123456789ab"))
	require.NoError(t, err)
	assert.Equal(t, "303132333435363738396162d40404b179efc69a0ea0527dc8dfe220fec691ab5e4c88102f", hex.EncodeToString(s.Data))
	mac, err := r.Mac("code", "k1", []byte("K7QP3MXW"))
	require.NoError(t, err)
	assert.Equal(t, "97c1ff8c06ee4339aeb5d6e55da32f74782617a68575c6f757ba0384fbb61441", hex.EncodeToString(mac))
}

func TestMacDependsOnEverything(t *testing.T) {
	t.Parallel()
	r := ring(t, key("k1", 'a'), key("k2", 'b'))
	seen := map[string]string{}
	for _, purpose := range []string{"code", "device"} {
		for _, id := range []string{"k1", "k2"} {
			for _, data := range []string{"", "K7QP3MXW", "K7QP3MXX"} {
				mac, err := r.Mac(purpose, id, []byte(data))
				require.NoError(t, err)
				assert.Len(t, mac, 32)
				call := fmt.Sprint(purpose, id, data)
				assert.Empty(t, seen[string(mac)], call)
				seen[string(mac)] = call
			}
		}
	}
}

func TestI7NothingPrintsASecret(t *testing.T) {
	t.Parallel()
	const secret = "this-is-the-secret-of-the-host-0"
	k := Key{ID: "k1", Secret: []byte(secret)}
	r := ring(t, k)
	sealed, err := r.Seal("sms", []byte("plain"), nil, rand.Reader)
	require.NoError(t, err)
	config := struct {
		Key  Key
		Ring *Ring
		Copy Ring
		ring *Ring
		copy Ring
	}{k, r, *r, r, *r}

	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		for _, v := range []any{k, &k, r, *r, config, []Key{k}, map[string]Key{"k": k}, sealed} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	log := slog.New(slog.NewTextHandler(&out, nil))
	log.Info("all", "key", k, "ring", r, "copy", *r, "sealed", sealed)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("all", "key", k, "ring", r, "config", config)
	data, err := json.Marshal(config)
	require.NoError(t, err)
	out.Write(data)

	for _, leak := range []string{
		secret, hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
		base64.StdEncoding.EncodeToString([]byte(secret)), strings.Trim(fmt.Sprint([]byte(secret)), "[]"), "plain",
		strings.Trim(fmt.Sprint(sealed.Data), "[]"),
	} {
		assert.NotContains(t, out.String(), leak)
	}
	assert.Contains(t, out.String(), `key "k1" (redacted)`)
	assert.Contains(t, out.String(), `key ring of 1, current "k1" (redacted)`)
}
