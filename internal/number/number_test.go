package number

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		check func(string) (string, error)
		good  map[string]string
		bad   map[string]error
	}{
		"organization": {Organization,
			map[string]string{"212000-0829": "2120000829", "2120000829": "2120000829", " 16212000-0829 ": "2120000829", "556036-0793": "5560360793"},
			map[string]error{"212000-0828": ErrCheck, "212000-829": ErrForm, "": ErrForm, "21200O-0829": ErrForm, "99212000-0829": ErrForm}},
		"VAT": {VAT,
			map[string]string{"SE212000082901": "SE212000082901", "se 212000-0829 01": "SE212000082901", "DK13585628": "DK13585628"},
			map[string]error{"SE2120000829": ErrForm, "SE212000082801": ErrCheck, "212000082901": ErrForm, "SE": ErrForm, "DK1358562!": ErrForm}},
		"bankgiro": {Bankgiro,
			map[string]string{"5050-1055": "50501055", "991-2346": "9912346"},
			map[string]error{"5050-1054": ErrCheck, "505010": ErrForm, "505010551": ErrForm, "bg 5050-1055": ErrForm}},
		"plusgiro": {Plusgiro,
			map[string]string{"28 65 43-4": "2865434", "1-8": "18"},
			map[string]error{"28 65 43-5": ErrCheck, "8": ErrForm, "123456789": ErrForm}},
		"IBAN": {IBAN,
			map[string]string{"SE45 5000 0000 0583 9825 7466": "SE4550000000058398257466", "no9386011117947": "NO9386011117947"},
			map[string]error{"SE45 5000 0000 0583 9825 7467": ErrCheck, "SE45": ErrForm, "4550000000058398257466": ErrForm, "SEX550000000058398257466": ErrForm}},
		"participant": {Participant,
			map[string]string{"0007:212000-0829": "0007:2120000829", " 0088:7300010000001": "0088:7300010000001", "0192:991825827": "0192:991825827"},
			map[string]error{"0007:2120000828": ErrCheck, "0088:7300010000002": ErrCheck, "0088:730001000000": ErrForm, "2120000829": ErrForm, "7:2120000829": ErrForm, "0007:": ErrForm, "0192:99 18": ErrForm}},
	} {
		for in, want := range c.good {
			got, err := c.check(in)
			require.NoError(t, err, "%s %q", name, in)
			assert.Equal(t, want, got, "%s %q", name, in)
		}
		for in, want := range c.bad {
			_, err := c.check(in)
			assert.ErrorIs(t, err, want, "%s %q", name, in)
		}
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "212000-0829", ShowOrganization("2120000829"))
	assert.Equal(t, "974760673", ShowOrganization("974760673"))
	assert.Equal(t, "HRB 123456", ShowOrganization("HRB 123456"))
	assert.Equal(t, []string{"5050-1055", "286543-4", "8", ""}, []string{Dashed("50501055", 4), Dashed("2865434", 1), Dashed("8", 1), Dashed("", 4)})
}

func TestOCR(t *testing.T) {
	t.Parallel()
	plain, err := OCR("1234", false)
	require.NoError(t, err)
	assert.Equal(t, "12344", plain)
	long, err := OCR("1234", true)
	require.NoError(t, err)
	assert.Equal(t, "123463", long, "six digits in all")
	for _, bad := range []string{"", "12a", strings.Repeat("1", 25)} {
		_, err := OCR(bad, false)
		assert.ErrorIs(t, err, ErrForm, bad)
	}
	require.NoError(t, CheckOCR("1234 63", true))
	assert.ErrorIs(t, CheckOCR("12344", true), ErrCheck, "the length is another")
	assert.ErrorIs(t, CheckOCR("123470", true), ErrCheck)
}

// Whatever digit is mistyped, and whatever neighbors are exchanged but 0 and 9,
// an OCR reference shows it.
func FuzzOCR(f *testing.F) {
	f.Add("20260001", true, 3, 4)
	f.Fuzz(func(t *testing.T, body string, length bool, at, by int) {
		ocr, err := OCR(body, length)
		if err != nil {
			return
		}
		require.NoError(t, CheckOCR(ocr, length))
		if at < 0 || at >= len(ocr) || by%10 == 0 {
			return
		}
		wrong := []byte(ocr)
		wrong[at] = '0' + byte((int(wrong[at]-'0')+by%10+10)%10)
		assert.Error(t, CheckOCR(string(wrong), length), "%s for %s", wrong, ocr)
	})
}

func TestHasIdentity(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"811218-9876", "198112189876", "19811218-9876", "möte med 8112189876 i Växjö", "811218+9876", "811278-9873",
		"2026 och 811218 9876", "1111111111 811218-9876",
	} {
		assert.True(t, HasIdentity(text), text)
	}
	for _, text := range []string{
		"", "Möte 2026-01-13 kl 14", "811218-9875", "Ärende 1234567890", "order 811318-9876", "5811218-98761", "070-174 06 05", "212000-0829",
	} {
		assert.False(t, HasIdentity(text), text)
	}
}
