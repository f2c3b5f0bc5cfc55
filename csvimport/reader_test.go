package csvimport

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"MaxBytes":    {MaxBytes: -1},
		"MaxRows":     {MaxRows: -1},
		"MaxField":    {MaxField: -1},
		"MaxErrors":   {MaxErrors: -1},
		"MaxLimit":    {MaxLimit: decimal.New(-1, 0)},
		"HomeCountry": {HomeCountry: "se"},
		"Countries":   {Countries: []string{"SE", "XX"}},
	} {
		_, err := Read(strings.NewReader(head), o)
		assert.ErrorIs(t, err, ErrOptions, name)
		assert.ErrorContains(t, err, name)
	}
	o, err := Options{}.withDefaults()
	require.NoError(t, err)
	assert.Equal(t, Options{HomeCountry: "SE", MaxBytes: 5 << 20, MaxRows: 10_000, MaxField: 1024, MaxErrors: 1000}, o)
}

func TestOptionsAreCopied(t *testing.T) {
	t.Parallel()
	o := Options{Countries: []string{"SE"}}
	r, err := NewReader(strings.NewReader(head+"A;A;0701234561;;;;;\n"), o)
	require.NoError(t, err)
	o.Countries[0] = "NO"
	_, errs, err := r.Next()
	require.NoError(t, err)
	assert.Empty(t, errs)
}

func TestMaxBytes(t *testing.T) {
	t.Parallel()
	file := head + "A;A;0701234561;;;;;\n"
	for _, r := range []func() io.Reader{
		func() io.Reader { return strings.NewReader(file) },
		func() io.Reader { return iotest.OneByteReader(strings.NewReader(file)) },
		func() io.Reader { return iotest.DataErrReader(strings.NewReader(file)) },
	} {
		result, err := Read(r(), Options{MaxBytes: int64(len(file))})
		require.NoError(t, err)
		assert.Len(t, result.Rows, 1)

		_, err = Read(r(), Options{MaxBytes: int64(len(file)) - 1})
		var e *FileError
		require.ErrorAs(t, err, &e)
		assert.ErrorIs(t, err, ErrTooLarge)
		assert.Equal(t, int64(len(file))-1, e.Limit)
		assert.Contains(t, e.Text(language.Swedish), fmt.Sprint(len(file)-1))
	}
	_, err := Read(io.MultiReader(strings.NewReader(head), endless{}), Options{})
	assert.ErrorIs(t, err, ErrTooLarge, "5 MB, however long the file is")
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestReadErrorsOfTheSource(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	_, err := Read(io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken)), Options{})
	assert.ErrorIs(t, err, broken)
	_, err = Read(io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken)), Options{MaxBytes: int64(len(head))})
	assert.ErrorIs(t, err, broken, "just at the limit")
}

func TestMaxRows(t *testing.T) {
	t.Parallel()
	file := head + "A;A;0701234561;;;;;\n\n;;;;;;;\nB;B;x;;;;;\n"
	result, err := Read(strings.NewReader(file), Options{MaxRows: 2})
	require.NoError(t, err, "empty lines do not count")
	assert.Len(t, result.Rows, 1)
	assert.Equal(t, 1, result.ErrorCount)

	result, err = Read(strings.NewReader(file+"C;C;0701234563;;;;;\n"), Options{MaxRows: 2})
	var e *FileError
	require.ErrorAs(t, err, &e)
	assert.Equal(t, &FileError{Kind: ErrTooManyRows, Line: 6, Limit: 2}, e)
	assert.Contains(t, e.Text(language.Swedish), "högst 2")
	assert.Equal(t, Result{}, result)
}

func TestMaxErrors(t *testing.T) {
	t.Parallel()
	file := head + strings.Repeat(";;08-1;;;;;\n", 5)
	result, err := Read(strings.NewReader(file), Options{MaxErrors: 4})
	require.NoError(t, err)
	assert.Len(t, result.Errors, 4)
	assert.Equal(t, 15, result.ErrorCount)
}

func TestNextGoesRowByRow(t *testing.T) {
	t.Parallel()
	r, err := NewReader(strings.NewReader("Förnamn,Efternamn,Mobil,Titel\nA,A,0701234561,x\n,B,08-1,x\nC,C,0701234563,x\n"), Options{})
	require.NoError(t, err)
	assert.Equal(t, UTF8, r.Encoding())
	assert.Equal(t, ",", string(r.Separator()))
	assert.Equal(t, []string{"Titel"}, r.Ignored())

	row, errs, err := r.Next()
	require.NoError(t, err)
	assert.Empty(t, errs)
	assert.Equal(t, 2, row.Line)
	assert.Equal(t, []string{"A", "A", "0701234561", "x"}, row.Record())

	row, errs, err = r.Next()
	require.NoError(t, err)
	assert.Len(t, errs, 2)
	assert.Equal(t, Row{}, row)

	row, _, err = r.Next()
	require.NoError(t, err)
	assert.Equal(t, "C", row.FirstName)

	for range 2 {
		row, errs, err = r.Next()
		assert.ErrorIs(t, err, io.EOF)
		assert.Empty(t, errs)
		assert.Equal(t, Row{}, row)
	}

	r, err = NewReader(strings.NewReader("Förnamn,Efternamn,Mobil\nA,A,0701234561\nB,B,0701234562\n"), Options{MaxRows: 1})
	require.NoError(t, err)
	_, _, err = r.Next()
	require.NoError(t, err)
	for range 2 {
		_, _, err = r.Next()
		assert.ErrorIs(t, err, ErrTooManyRows, "and so it stays")
	}
}
