package invoice_test

import (
	"context"
	"errors"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// postman is a deliverer that answers as it is told, and counts.
type postman struct {
	mu       sync.Mutex
	answer   func(ctx context.Context, d invoice.Document) (invoice.Delivery, error)
	attempts map[invoice.DocumentID]int
	lines    int
}

func (p *postman) Deliver(ctx context.Context, d invoice.Document, lines iter.Seq2[invoice.Line, error]) (invoice.Delivery, error) {
	n := 0
	for _, err := range lines {
		if err != nil {
			return invoice.Delivery{}, err
		}
		n++
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.attempts == nil {
		p.attempts = map[invoice.DocumentID]int{}
	}
	p.attempts[d.ID]++
	p.lines += n
	return p.answer(ctx, d)
}

func accepts(context.Context, invoice.Document) (invoice.Delivery, error) {
	return invoice.Delivery{Accepted: true, Reference: "AP-1"}, nil
}

var errSilence = errors.New("no answer")

func unheard(context.Context, invoice.Document) (invoice.Delivery, error) {
	return invoice.Delivery{}, errSilence
}

// delivering is a kit with a postman whose waits are as long as they can be.
func delivering(t testing.TB, p *postman) *kit {
	return setup(t, func(c *invoice.Config) {
		c.Deliverer, c.Jitter = p, func(limit time.Duration) time.Duration { return limit }
	})
}

// delivered runs what is due and asserts what became of it.
func (k *kit) delivered(want invoice.DeliverReport) {
	k.Helper()
	got, err := k.DeliverDue(k.ctx)
	if want.Silent == 0 {
		require.NoError(k, err)
	}
	assert.Equal(k, want, got)
}

func (k *kit) log(d invoice.Document) invoice.DeliveryRecord {
	k.Helper()
	r, err := k.Delivery(k.ctx, k.admin, k.company, d.ID)
	require.NoError(k, err)
	return r
}

func TestIssuedDocumentsAreDelivered(t *testing.T) {
	t.Parallel()
	p := &postman{answer: accepts}
	k := delivering(t, p)
	k.buy(37_00)
	k.buy(41_00, soldBy("other"))
	k.delivered(invoice.DeliverReport{})
	issued := k.closed(january)
	require.Len(t, issued, 2)
	assert.Equal(t, invoice.DeliveryWaiting, k.log(issued[0]).State)
	k.delivered(invoice.DeliverReport{Accepted: 2})
	k.delivered(invoice.DeliverReport{})
	assert.Equal(t, map[invoice.DocumentID]int{issued[0].ID: 1, issued[1].ID: 1}, p.attempts)
	assert.Equal(t, 2, p.lines)
	r := k.log(issued[0])
	assert.Equal(t, invoice.DeliveryAccepted, r.State)
	assert.Equal(t, "AP-1", r.Reference)
	assert.Equal(t, []invoice.DeliveryAttempt{{At: k.clock.Now(), State: invoice.DeliveryAccepted}}, r.Log)
}

func TestSilenceIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := &postman{answer: unheard}
	k := delivering(t, p)
	k.buy(37_00)
	d := k.closed(january)[0]
	_, err := k.DeliverDue(k.ctx)
	var failed *invoice.DeliveryError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, errSilence)
	assert.Equal(t, d.ID, failed.Document)
	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
		assert.Equal(t, k.clock.Now().Add(wait), k.log(d).NextAt)
		k.clock.Add(wait - time.Microsecond)
		k.delivered(invoice.DeliverReport{})
		k.clock.Add(time.Microsecond)
		k.delivered(invoice.DeliverReport{Silent: 1})
	}
	for range 30 {
		k.clock.Add(6 * time.Hour)
		k.delivered(invoice.DeliverReport{Silent: 1})
	}
	r := k.log(d)
	assert.Equal(t, 34, r.Attempts)
	assert.Len(t, r.Log, invoice.DeliveryLogLength)
	assert.Equal(t, k.clock.Now().Add(6*time.Hour), r.NextAt)
	p.answer = accepts
	k.clock.Add(6 * time.Hour)
	k.delivered(invoice.DeliverReport{Accepted: 1})
}

func TestARefusalWaitsForTheOperator(t *testing.T) {
	t.Parallel()
	p := &postman{answer: func(context.Context, invoice.Document) (invoice.Delivery, error) {
		return invoice.Delivery{Reason: "PEPPOL-EN16931-R010"}, nil
	}}
	k := delivering(t, p)
	k.buy(37_00)
	d := k.closed(january)[0]
	k.delivered(invoice.DeliverReport{Refused: 1})
	k.clock.Add(24 * time.Hour)
	k.delivered(invoice.DeliverReport{})
	refused, err := k.Deliveries(k.ctx, k.operator, invoice.DeliveryRefused, invoice.DocumentID{}, 0)
	require.NoError(t, err)
	require.Len(t, refused, 1)
	assert.Equal(t, []string{d.ID.String(), "PEPPOL-EN16931-R010"}, []string{refused[0].Document.String(), refused[0].Reason})

	require.ErrorIs(t, k.Redeliver(k.ctx, k.admin, k.company, d.ID), travel.ErrForbidden)
	require.NoError(t, k.Redeliver(k.ctx, k.operator, k.company, d.ID))
	p.answer = accepts
	k.delivered(invoice.DeliverReport{Accepted: 1})
	assert.Equal(t, 2, k.log(d).Attempts)
}

func TestDeliveryIsTakenByOne(t *testing.T) {
	t.Parallel()
	p := &postman{answer: accepts}
	k := delivering(t, p)
	for i := range 20 {
		department := k.department("D"+string(rune('a'+i)), "ref "+string(rune('a'+i)))
		k.buy(37_00, in(department))
	}
	require.Len(t, k.closed(january), 20)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			_, err := k.DeliverDue(k.ctx)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	assert.Len(t, p.attempts, 20)
	for id, n := range p.attempts {
		assert.Equal(t, 1, n, "document %s", id)
	}
}

// A process that dies while it delivers leaves a lease; when that has ended
// another delivers. What the first one says after that is not counted.
func TestADeliveryThatDiesIsTakenOver(t *testing.T) {
	t.Parallel()
	p := &postman{}
	k := delivering(t, p)
	k.buy(37_00)
	d := k.closed(january)[0]
	p.answer = func(context.Context, invoice.Document) (invoice.Delivery, error) {
		p.mu.Unlock()
		defer p.mu.Lock()
		p.answer = accepts
		k.delivered(invoice.DeliverReport{})
		k.clock.Add(3*time.Minute - time.Microsecond)
		k.delivered(invoice.DeliverReport{})
		k.clock.Add(time.Microsecond)
		k.delivered(invoice.DeliverReport{Accepted: 1})
		return invoice.Delivery{Reason: "too late"}, nil
	}
	k.delivered(invoice.DeliverReport{})
	r := k.log(d)
	assert.Equal(t, invoice.DeliveryAccepted, r.State)
	assert.Empty(t, r.Reason)
	assert.Equal(t, 2, r.Attempts)
}

func TestDeliveryIsBoundedInTime(t *testing.T) {
	t.Parallel()
	p := &postman{answer: func(ctx context.Context, _ invoice.Document) (invoice.Delivery, error) {
		<-ctx.Done()
		return invoice.Delivery{}, ctx.Err()
	}}
	k := setup(t, func(c *invoice.Config) { c.Deliverer, c.DeliveryTimeout = p, time.Millisecond })
	k.buy(37_00)
	k.closed(january)
	_, err := k.DeliverDue(k.ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// When the host stops while a document is delivered, the answer is kept.
func TestAnAnswerOutlivesTheHost(t *testing.T) {
	t.Parallel()
	p := &postman{}
	k := delivering(t, p)
	k.buy(37_00)
	d := k.closed(january)[0]
	ctx, stop := context.WithCancel(k.ctx)
	p.answer = func(ctx context.Context, d invoice.Document) (invoice.Delivery, error) {
		stop()
		return accepts(ctx, d)
	}
	report, err := k.DeliverDue(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, report.Accepted)
	assert.Equal(t, invoice.DeliveryAccepted, k.log(d).State)
}

func TestDeliveryNeedsADeliverer(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.buy(37_00)
	d := k.closed(january)[0]
	_, err := k.DeliverDue(k.ctx)
	require.ErrorIs(t, err, travel.ErrInvalid)
	_, err = k.Delivery(k.ctx, k.admin, k.company, d.ID)
	require.ErrorIs(t, err, travel.ErrNotFound, "nothing waits that nobody delivers")

	p := &postman{answer: accepts}
	config := k.config
	config.Deliverer = p
	k.Service, err = invoice.New(config)
	require.NoError(t, err)
	k.delivered(invoice.DeliverReport{})
	require.NoError(t, k.Redeliver(k.ctx, k.operator, k.company, d.ID), "what was issued before can be delivered too")
	k.delivered(invoice.DeliverReport{Accepted: 1})
}

func TestABasisIsNotDelivered(t *testing.T) {
	t.Parallel()
	p := &postman{answer: accepts}
	k := setup(t, func(c *invoice.Config) { c.Deliverer, c.ProviderBills = p, true })
	k.buy(37_00)
	d := k.closed(january)[0]
	k.delivered(invoice.DeliverReport{})
	require.ErrorIs(t, k.Redeliver(k.ctx, k.operator, k.company, d.ID), travel.ErrConflict)
	_, err := k.Reissue(k.ctx, k.operator, invoice.ReissueRequest{Company: k.company, Document: d.ID, Reason: "fel"})
	require.ErrorIs(t, err, travel.ErrConflict)
}

func TestR40_WhoSeesDeliveries(t *testing.T) {
	t.Parallel()
	k := delivering(t, &postman{answer: accepts})
	k.buy(37_00)
	d := k.closed(january)[0]
	_, stranger := k.newCompany("Mullsjö kommun", "1", billing)
	_, err := k.Delivery(k.ctx, stranger, k.company, d.ID)
	require.ErrorIs(t, err, travel.ErrNotFound)
	_, err = k.Deliveries(k.ctx, k.admin, invoice.DeliveryWaiting, invoice.DocumentID{}, 0)
	require.ErrorIs(t, err, travel.ErrForbidden)
	_, err = k.Deliveries(k.ctx, k.operator, invoice.DeliveryWaiting, invoice.DocumentID{}, 201)
	require.ErrorIs(t, err, travel.ErrInvalid)
}

// A receiver that does not know an invoice can do nothing with its credit note.
func TestACreditNoteWaitsForItsInvoice(t *testing.T) {
	t.Parallel()
	p := &postman{answer: unheard}
	k := delivering(t, p)
	k.buy(37_00)
	d := k.closed(january)[0]
	k.delivered(invoice.DeliverReport{Silent: 1})
	r := k.reissued(d)
	p.answer = accepts
	k.delivered(invoice.DeliverReport{})
	assert.Zero(t, k.log(r.CreditNotes[0]).Attempts)
	k.clock.Add(time.Minute)
	k.delivered(invoice.DeliverReport{Accepted: 3})
}
