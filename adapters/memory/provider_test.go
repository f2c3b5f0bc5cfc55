package memory_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

func charge(n byte) travel.Charge {
	return travel.Charge{ID: travel.AuthorizationID{n}, Company: travel.CompanyID{1}, Amount: 250_00, Month: 24312}
}

func refund(n, of byte, kronor credit.Amount) travel.ProviderRefund {
	return travel.ProviderRefund{
		ID: travel.RefundID{n}, Charge: travel.AuthorizationID{of}, Company: travel.CompanyID{1}, Amount: kronor * 100,
	}
}

func TestProviderOutcomes(t *testing.T) {
	t.Parallel()
	approved := travel.ProviderAnswer{Approved: true}
	refused := travel.ProviderAnswer{Reason: "no_funds"}
	for name, c := range map[string]struct {
		script  []memory.Outcome
		answers []any
		charged int
	}{
		"no script":            {nil, []any{approved, approved}, 1},
		"approves":             {[]memory.Outcome{memory.Approve()}, []any{approved, approved}, 1},
		"refuses":              {[]memory.Outcome{memory.Refuse("no_funds")}, []any{refused, refused}, 0},
		"refuses for nothing":  {[]memory.Outcome{memory.Refuse("")}, []any{travel.ProviderAnswer{}, travel.ProviderAnswer{}}, 0},
		"silent, then answers": {[]memory.Outcome{memory.Silent()}, []any{memory.ErrSilent, approved}, 1},
		"silent twice":         {[]memory.Outcome{memory.Silent(), memory.Silent()}, []any{memory.ErrSilent, memory.ErrSilent}, 0},
		"silent, then refuses": {[]memory.Outcome{memory.Silent(), memory.Refuse("no_funds")}, []any{memory.ErrSilent, refused}, 0},
		"dies":                 {[]memory.Outcome{memory.Die()}, []any{memory.ErrSilent, approved}, 1},
		"dies, then is silent": {[]memory.Outcome{memory.Die(), memory.Silent()}, []any{memory.ErrSilent, memory.ErrSilent, approved}, 1},
		"cannot change": {
			[]memory.Outcome{memory.Refuse("no_funds"), memory.Approve()}, []any{refused, refused}, 0,
		},
		"cannot change after it died": {
			[]memory.Outcome{memory.Die(), memory.Refuse("no_funds")}, []any{memory.ErrSilent, approved}, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var p memory.Provider
			p.Next(c.script...)
			for i, want := range c.answers {
				answer, err := p.Charge(t.Context(), charge(1))
				if failure, ok := want.(error); ok {
					require.ErrorIs(t, err, failure, "call %d", i+1)
					require.Zero(t, answer)
					continue
				}
				require.NoError(t, err, "call %d", i+1)
				assert.Equal(t, want, answer, "call %d", i+1)
			}
			assert.Equal(t, len(c.answers), p.Calls())
			assert.Len(t, p.Charged(), c.charged)
		})
	}
}

func TestProviderContent(t *testing.T) {
	t.Parallel()
	var p memory.Provider
	_, err := p.Charge(t.Context(), charge(1))
	require.NoError(t, err)
	other := charge(1)
	other.Amount++
	_, err = p.Charge(t.Context(), other)
	require.ErrorIs(t, err, memory.ErrContent)
	assert.Equal(t, []travel.Charge{charge(1)}, p.Charged())
}

func TestProviderRefunds(t *testing.T) {
	t.Parallel()
	var p memory.Provider
	p.Next(memory.Approve(), memory.Refuse("no_funds"))
	for n := range byte(2) {
		_, err := p.Charge(t.Context(), charge(n))
		require.NoError(t, err)
	}
	for _, step := range []struct {
		name   string
		refund travel.ProviderRefund
		want   travel.ProviderAnswer
	}{
		{"a part", refund(1, 0, 200), travel.ProviderAnswer{Approved: true}},
		{"the part again", refund(1, 0, 200), travel.ProviderAnswer{Approved: true}},
		{"more than the rest", refund(2, 0, 51), travel.ProviderAnswer{Reason: memory.ReasonExceedsCharge}},
		{"the rest", refund(3, 0, 50), travel.ProviderAnswer{Approved: true}},
		{"the part after the rest", refund(1, 0, 200), travel.ProviderAnswer{Approved: true}},
		{"a refused charge", refund(4, 1, 1), travel.ProviderAnswer{Reason: memory.ReasonNotCharged}},
		{"an unknown charge", refund(5, 9, 1), travel.ProviderAnswer{Reason: memory.ReasonNotCharged}},
	} {
		answer, err := p.Refund(t.Context(), step.refund)
		require.NoError(t, err, step.name)
		assert.Equal(t, step.want, answer, step.name)
	}
	assert.Equal(t, []travel.ProviderRefund{refund(1, 0, 200), refund(3, 0, 50)}, p.Refunded())
}

func TestProviderAtOnce(t *testing.T) {
	t.Parallel()
	var p memory.Provider
	p.Next(memory.Silent(), memory.Die(), memory.Die())
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 10 {
				_, _ = p.Charge(t.Context(), charge(1))
			}
		})
	}
	group.Wait()
	assert.Equal(t, 80, p.Calls())
	assert.Equal(t, []travel.Charge{charge(1)}, p.Charged())

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := p.Charge(ended, charge(2))
	require.ErrorIs(t, err, context.Canceled)
	assert.Len(t, p.Charged(), 1)
}
