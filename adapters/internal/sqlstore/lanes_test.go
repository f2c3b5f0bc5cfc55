package sqlstore

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/travel"
)

// bench is a lane whose groups wait until they are let go.
type bench struct {
	*lanes
	groups chan []*request
	let    chan struct{}
	sent   byte
}

func newBench(n int) *bench {
	b := &bench{groups: make(chan []*request, 100), let: make(chan struct{}, 100)}
	b.lanes = newLanes(n, false, func(ctx context.Context, group []*request) {
		b.groups <- group
		select {
		case <-b.let:
		case <-ctx.Done():
		}
		for _, r := range group {
			r.run(travel.State{})
		}
	})
	return b
}

var errDecided = errors.New("decided")

// send sends n requests that end with errDecided, one after the other.
func (b *bench) send(ctx context.Context, n int) (results chan error, sent []*request) {
	results = make(chan error, n)
	for range n {
		b.sent++
		r := &request{ctx: ctx, decide: func(travel.State) (travel.Change, error) { return travel.Change{}, errDecided }}
		r.query.Traveler = travel.TravelerID{b.sent}
		sent = append(sent, r)
		go func() { results <- b.do(r) }()
		synctest.Wait()
	}
	return results, sent
}

func TestLanesGroupWhatArrivesMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(2)
		_, first := b.send(t.Context(), 1)
		assert.Equal(t, first, <-b.groups, "a lone decision waits for nobody")
		_, second := b.send(t.Context(), 1)
		assert.Equal(t, second, <-b.groups, "there is another lane")
		results, waiting := b.send(t.Context(), most+3)
		assert.Empty(t, b.groups)
		b.let <- struct{}{}
		assert.Equal(t, waiting[:most], <-b.groups, "in the order of arrival")
		b.let <- struct{}{}
		assert.Equal(t, waiting[most:], <-b.groups)
		b.let <- struct{}{}
		b.let <- struct{}{}
		for range most + 3 {
			assert.ErrorIs(t, <-results, errDecided)
		}
		// The bubble fails the test if a lane lives on.
	})
}

func TestLanesKeepATravelerInOneLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(2)
		_, first := b.send(t.Context(), 1)
		<-b.groups
		b.sent--
		same, again := b.send(t.Context(), 1)
		assert.Empty(t, b.groups, "it would wait for the lock")
		other, others := b.send(t.Context(), 1)
		assert.Equal(t, others, <-b.groups, "which is no reason for others to wait")
		b.let <- struct{}{}
		b.let <- struct{}{}
		b.let <- struct{}{}
		assert.Equal(t, again, <-b.groups)
		assert.ErrorIs(t, <-same, errDecided)
		assert.ErrorIs(t, <-other, errDecided)
		assert.Equal(t, first[0].traveler(), again[0].traveler())
	})
}

func TestLanesKeepCompaniesApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(1)
		b.apart = true
		_, first := b.send(t.Context(), 1)
		assert.Equal(t, first, <-b.groups)
		var sent []*request
		var results []chan error
		for i := range byte(4) {
			r := &request{ctx: t.Context(), decide: func(travel.State) (travel.Change, error) { return travel.Change{}, errDecided }}
			r.query.Company, r.query.Traveler = travel.CompanyID{1 + i%2}, travel.TravelerID{100 + i}
			sent = append(sent, r)
			result := make(chan error, 1)
			results = append(results, result)
			go func() { result <- b.do(r) }()
			synctest.Wait()
		}
		for range 3 {
			b.let <- struct{}{}
		}
		assert.Equal(t, []*request{sent[0], sent[2]}, <-b.groups)
		assert.Equal(t, []*request{sent[1], sent[3]}, <-b.groups)
		for _, result := range results {
			assert.ErrorIs(t, <-result, errDecided)
		}
	})
}

func TestLanesHonorContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(1)
		busy, _ := b.send(t.Context(), 1)
		ctx, cancel := context.WithCancel(t.Context())
		decided := false
		left := make(chan error)
		go func() {
			left <- b.do(&request{ctx: ctx, decide: func(travel.State) (travel.Change, error) {
				decided = true
				return travel.Change{}, nil
			}})
		}()
		others, _ := b.send(t.Context(), 1)
		cancel()
		assert.Equal(t, context.Canceled, <-left, "it has not begun")
		b.let <- struct{}{}
		b.let <- struct{}{}
		assert.ErrorIs(t, <-busy, errDecided)
		assert.ErrorIs(t, <-others, errDecided, "those in the same group do not suffer")
		assert.False(t, decided)
	})
}

func TestI3LanesSayWhenTheOutcomeIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var ended bool
		l := newLanes(1, false, func(group context.Context, requests []*request) {
			_, ok := requests[0].run(travel.State{})
			assert.True(t, ok)
			<-group.Done() // the commit is under way when the last caller leaves
			ended = true
		})
		result := make(chan error)
		go func() {
			result <- l.do(&request{ctx: ctx, decide: func(travel.State) (travel.Change, error) { return travel.Change{}, nil }})
		}()
		synctest.Wait()
		cancel()
		err := <-result
		require.ErrorIs(t, err, travel.ErrUnknownOutcome)
		require.ErrorIs(t, err, context.Canceled)
		require.NoError(t, l.close())
		assert.True(t, ended)
	})
}

func TestLanesGiveAPanicToItsCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(1)
		busy, _ := b.send(t.Context(), 1)
		panicked := make(chan any)
		go func() {
			defer func() { panicked <- recover() }()
			_ = b.do(&request{ctx: t.Context(), decide: func(travel.State) (travel.Change, error) { panic("mistake") }})
		}()
		synctest.Wait()
		others, _ := b.send(t.Context(), 1)
		b.let <- struct{}{}
		b.let <- struct{}{}
		assert.Equal(t, "mistake", <-panicked)
		assert.ErrorIs(t, <-busy, errDecided)
		assert.ErrorIs(t, <-others, errDecided)
	})
}

func TestLanesDrainWhenClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(1)
		results, _ := b.send(t.Context(), 3)
		var closing sync.WaitGroup
		closing.Go(func() { assert.NoError(t, b.close()) })
		synctest.Wait()
		assert.ErrorIs(t, b.do(&request{ctx: t.Context()}), ErrClosed)
		b.let <- struct{}{}
		b.let <- struct{}{}
		closing.Wait()
		for range 3 {
			assert.ErrorIs(t, <-results, errDecided, "what was accepted is decided")
		}
	})
}
