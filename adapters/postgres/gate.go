package postgres

import (
	"context"
	"sync"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
)

// gate is a driver that can be closed: it knows the transactions that are open.
type gate struct {
	sqlstore.Driver

	mu     sync.Mutex
	closed bool
	open   sync.WaitGroup
}

// close refuses new transactions and waits for the others to end.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.open.Wait()
}

func (g *gate) enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return ErrClosed
	}
	g.open.Add(1)
	return nil
}

// Begin implements sqlstore.Driver.
func (g *gate) Begin(ctx context.Context, mode sqlstore.Mode, first ...sqlstore.Statement) (sqlstore.Transaction, error) {
	if err := g.enter(); err != nil {
		return nil, err
	}
	t, err := g.Driver.Begin(ctx, mode, first...)
	if err != nil {
		g.open.Done()
		return nil, err
	}
	return &passed{Transaction: t, out: sync.OnceFunc(g.open.Done)}, nil
}

// passed is a transaction that came through the gate.
type passed struct {
	sqlstore.Transaction
	out func()
}

// Commit implements sqlstore.Transaction.
func (p *passed) Commit(ctx context.Context, last ...sqlstore.Statement) error {
	defer p.out()
	return p.Transaction.Commit(ctx, last...)
}

// Rollback implements sqlstore.Transaction.
func (p *passed) Rollback() {
	defer p.out()
	p.Transaction.Rollback()
}
