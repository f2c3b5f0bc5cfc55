package webhooksql

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/adapters/webhook"
	"github.com/tjansteresor/tjansteresor/travel"
)

// Store is a webhook.Store in an SQL database. It is safe for concurrent use.
type Store struct {
	db      *sql.DB
	options Options
}

var _ webhook.Store = (*Store)(nil)

// New returns a store on tables that [Migrate] has made. It keeps nothing open.
// The error wraps [ErrOption].
func New(db *sql.DB, o Options) (*Store, error) {
	if db == nil {
		return nil, fmt.Errorf("%w: db is required", ErrOption)
	}
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	return &Store{db: db, options: o}, nil
}

// executor is a database or a transaction.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// run runs a statement and says how many rows it has changed.
func (s *Store) run(ctx context.Context, on executor, statement string, args ...any) (int, error) {
	result, err := on.ExecContext(ctx, s.options.text(statement), args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// transact runs do in a transaction, whose first statement writes: so SQLite
// waits for its turn there and nowhere else.
func (s *Store) transact(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// failed says what could not be done.
func failed(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("webhook: %s: %w", what, err)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(v int64) time.Time {
	if v == 0 {
		return time.Time{}
	}
	return time.UnixMicro(v).UTC()
}

const (
	columns = "endpoint, event, type, company, at, body, state, attempts, next_at, give_up_at, settled_at, code, " +
		"lease_owner, lease_until, lease_token"
	width = 15
)

func values(d *webhook.Delivery) []any {
	return []any{
		d.Endpoint, d.Event.String(), string(d.Type), d.Company.String(), micros(d.At), string(d.Body), string(d.State), d.Attempts,
		micros(d.NextAt), micros(d.GiveUpAt), micros(d.SettledAt), d.Code, d.LeaseOwner, micros(d.LeaseUntil), d.LeaseToken,
	}
}

func scan(rows *sql.Rows) (d webhook.Delivery, err error) {
	var event, company string
	var at, nextAt, giveUpAt, settledAt, leaseUntil int64
	err = rows.Scan(&d.Endpoint, &event, &d.Type, &company, &at, &d.Body, &d.State, &d.Attempts,
		&nextAt, &giveUpAt, &settledAt, &d.Code, &d.LeaseOwner, &leaseUntil, &d.LeaseToken)
	if err != nil {
		return d, err
	}
	d.At, d.NextAt, d.GiveUpAt = instant(at), instant(nextAt), instant(giveUpAt)
	d.SettledAt, d.LeaseUntil = instant(settledAt), instant(leaseUntil)
	if d.Event, err = travel.ParseID[travel.EventID](event); err != nil {
		return d, err
	}
	d.Company, err = travel.ParseID[travel.CompanyID](company)
	return d, err
}

// list reads deliveries; the statement goes on after FROM.
func (s *Store) list(ctx context.Context, where string, args ...any) (list []webhook.Delivery, err error) {
	rows, err := s.db.QueryContext(ctx, s.options.text("SELECT "+columns+" FROM {delivery} "+where), args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		d, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

// insertRows is how many deliveries go into one statement.
const insertRows = 100

// Enqueue implements webhook.Store.
func (s *Store) Enqueue(ctx context.Context, deliveries ...webhook.Delivery) error {
	if len(deliveries) == 0 {
		return nil
	}
	// In order, so that nobody waits in a circle.
	deliveries = slices.SortedFunc(slices.Values(deliveries), byKey)
	return failed("enqueue", s.transact(ctx, func(tx *sql.Tx) error {
		for part := range slices.Chunk(deliveries, insertRows) {
			var args []any
			for i := range part {
				args = append(args, values(&part[i])...)
			}
			_, err := s.run(ctx, tx, "INSERT INTO {delivery} ("+columns+") VALUES "+rowsOf(len(part))+" ON CONFLICT DO NOTHING", args...)
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func byKey(a, b webhook.Delivery) int { return a.Key().Compare(b.Key()) }

// rowsOf is the parameters of n deliveries.
func rowsOf(n int) string {
	var b strings.Builder
	for i := range n {
		for j := range width {
			switch {
			case j > 0:
				b.WriteString(", ")
			case i > 0:
				b.WriteString("), (")
			default:
				b.WriteString("(")
			}
			b.WriteString("$" + strconv.Itoa(i*width+j+1))
		}
	}
	return b.String() + ")"
}

// Lease implements webhook.Store. Deliveries are looked for without a lock, and
// each is leased if it is as it was: another process may have been faster. When
// it was so with all of them there may be more to look for.
func (s *Store) Lease(ctx context.Context, r webhook.LeaseRequest) ([]webhook.Delivery, error) {
	for {
		due, err := s.list(ctx, "WHERE endpoint = $1 AND state = 'waiting' AND next_at <= $2 AND lease_until <= $2 "+
			"ORDER BY next_at, event LIMIT $3", r.Endpoint, micros(r.Now), max(r.Limit, 0))
		if err != nil || len(due) == 0 {
			return nil, failed("lease", err)
		}
		leased, err := s.take(ctx, r, due)
		if err != nil || len(leased) > 0 {
			return leased, failed("lease", err)
		}
	}
}

// take leases those that are as they were found.
func (s *Store) take(ctx context.Context, r webhook.LeaseRequest, due []webhook.Delivery) (leased []webhook.Delivery, err error) {
	order := slices.Clone(due)
	slices.SortFunc(order, byKey)
	taken := map[webhook.Key]bool{}
	err = s.transact(ctx, func(tx *sql.Tx) error {
		for _, d := range order {
			next, ok := d.Leased(r)
			if !ok {
				continue
			}
			n, err := s.run(ctx, tx, "UPDATE {delivery} SET lease_owner = $1, lease_until = $2, lease_token = $3 "+
				"WHERE event = $4 AND endpoint = $5 AND state = 'waiting' AND next_at = $6 AND lease_token = $7",
				next.LeaseOwner, micros(next.LeaseUntil), next.LeaseToken, d.Event.String(), d.Endpoint, micros(d.NextAt), d.LeaseToken)
			if err != nil {
				return err
			}
			taken[d.Key()] = n > 0
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, d := range due {
		if taken[d.Key()] {
			d, _ = d.Leased(r)
			leased = append(leased, d)
		}
	}
	return leased, nil
}

// Settle implements webhook.Store.
func (s *Store) Settle(ctx context.Context, r webhook.Settlement) error {
	found, err := s.list(ctx, "WHERE event = $1 AND endpoint = $2", r.Event.String(), r.Endpoint)
	if err != nil {
		return failed("settle", err)
	}
	if len(found) == 0 {
		return travel.ErrLeaseLost
	}
	d, line, err := found[0].Settled(r)
	if err != nil {
		return err
	}
	return failed("settle", s.transact(ctx, func(tx *sql.Tx) error {
		n, err := s.run(ctx, tx, "UPDATE {delivery} SET state = $1, attempts = $2, next_at = $3, settled_at = $4, code = $5, "+
			"lease_owner = '', lease_until = 0 WHERE event = $6 AND endpoint = $7 AND lease_token = $8 AND lease_until <> 0",
			string(d.State), d.Attempts, micros(d.NextAt), micros(d.SettledAt), d.Code, d.Event.String(), d.Endpoint, d.LeaseToken)
		if err == nil && n == 0 {
			err = travel.ErrLeaseLost
		}
		if err != nil {
			return err
		}
		_, err = s.run(ctx, tx, "INSERT INTO {attempt} (event, endpoint, number, at, took, status, code) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			line.Event.String(), line.Endpoint, line.Number, micros(line.At), int64(line.Took), line.Status, line.Code)
		return err
	}))
}

// condition collects what a list is bounded by.
type condition struct {
	parts []string
	args  []any
}

// and adds a part, in which ? is the value.
func (c *condition) and(part string, value any) {
	c.args = append(c.args, value)
	c.parts = append(c.parts, strings.ReplaceAll(part, "?", "$"+strconv.Itoa(len(c.args))))
}

func (c *condition) selection(s webhook.Selection) {
	if s.Endpoint != "" {
		c.and("endpoint = ?", s.Endpoint)
	}
	if s.State != "" {
		c.and("state = ?", string(s.State))
	}
	if !s.From.IsZero() {
		c.and("at >= ?", micros(s.From))
	}
	if !s.To.IsZero() {
		c.and("at < ?", micros(s.To))
	}
	if len(s.Events) > 0 {
		var list []string
		for _, e := range s.Events {
			c.args = append(c.args, e.String())
			list = append(list, "$"+strconv.Itoa(len(c.args)))
		}
		c.parts = append(c.parts, "event IN ("+strings.Join(list, ", ")+")")
	}
}

func (c *condition) where() string {
	if len(c.parts) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(c.parts, " AND ")
}

// Requeue implements webhook.Store.
func (s *Store) Requeue(ctx context.Context, r webhook.RequeueRequest) (int, error) {
	want := webhook.Delivery{}.Requeued(r)
	c := condition{args: []any{string(want.State), want.Attempts, micros(want.NextAt), micros(want.GiveUpAt)}}
	c.selection(r.Selection)
	n, err := s.run(ctx, s.db, "UPDATE {delivery} SET state = $1, attempts = $2, next_at = $3, give_up_at = $4 "+c.where(), c.args...)
	return n, failed("requeue", err)
}

// endpoint reads what is known, and its version; 0 when nothing is.
func (s *Store) endpoint(ctx context.Context, id string) (webhook.EndpointState, int64, error) {
	state := webhook.EndpointState{ID: id}
	var disabledAt, failingSince, pausedUntil, version int64
	err := s.db.QueryRowContext(ctx, s.options.text("SELECT disabled_at, failures, failing_since, paused_until, version FROM {endpoint} WHERE id = $1"), id).
		Scan(&disabledAt, &state.Failures, &failingSince, &pausedUntil, &version)
	if errors.Is(err, sql.ErrNoRows) {
		return state, 0, nil
	}
	state.DisabledAt, state.FailingSince, state.PausedUntil = instant(disabledAt), instant(failingSince), instant(pausedUntil)
	return state, version, err
}

// Endpoint implements webhook.Store.
func (s *Store) Endpoint(ctx context.Context, id string) (webhook.EndpointState, error) {
	state, _, err := s.endpoint(ctx, id)
	return state, failed("endpoint", err)
}

// UpdateEndpoint implements webhook.Store.
func (s *Store) UpdateEndpoint(ctx context.Context, id string, change func(webhook.EndpointState) webhook.EndpointState) error {
	for {
		state, version, err := s.endpoint(ctx, id)
		if err != nil {
			return failed("update endpoint", err)
		}
		state = change(state)
		statement := "UPDATE {endpoint} SET disabled_at = $2, failures = $3, failing_since = $4, paused_until = $5, " +
			"version = version + 1 WHERE id = $1 AND version = $6"
		if version == 0 {
			statement = "INSERT INTO {endpoint} (id, disabled_at, failures, failing_since, paused_until, version) " +
				"VALUES ($1, $2, $3, $4, $5, $6 + 1) ON CONFLICT DO NOTHING"
		}
		n, err := s.run(ctx, s.db, statement, id, micros(state.DisabledAt), state.Failures, micros(state.FailingSince),
			micros(state.PausedUntil), version)
		if err != nil || n > 0 {
			return failed("update endpoint", err)
		}
	}
}

// Deliveries implements webhook.Store.
func (s *Store) Deliveries(ctx context.Context, q webhook.DeliveryQuery) ([]webhook.Delivery, error) {
	var c condition
	c.selection(q.Selection)
	if !q.Company.IsZero() {
		c.and("company = ?", q.Company.String())
	}
	if q.After != (webhook.Key{}) {
		c.args = append(c.args, q.After.Event.String(), q.After.Endpoint)
		c.parts = append(c.parts, fmt.Sprintf("(event, endpoint) > ($%d, $%d)", len(c.args)-1, len(c.args)))
	}
	where := c.where() + " ORDER BY event, endpoint"
	if q.Limit > 0 {
		where += " LIMIT " + strconv.Itoa(q.Limit)
	}
	list, err := s.list(ctx, where, c.args...)
	return list, failed("list deliveries", err)
}

// Attempts implements webhook.Store.
func (s *Store) Attempts(ctx context.Context, endpoint string, event travel.EventID) (list []webhook.Attempt, err error) {
	defer func() { err = failed("list attempts", err) }()
	rows, err := s.db.QueryContext(ctx, s.options.text(
		"SELECT number, at, took, status, code FROM {attempt} WHERE event = $1 AND endpoint = $2 ORDER BY number"), event.String(), endpoint)
	if err != nil {
		return nil, err
	}
	defer func() { err = cmp.Or(err, rows.Close()) }()
	for rows.Next() {
		a := webhook.Attempt{Endpoint: endpoint, Event: event}
		var at int64
		if err := rows.Scan(&a.Number, &at, &a.Took, &a.Status, &a.Code); err != nil {
			return nil, err
		}
		a.At = instant(at)
		list = append(list, a)
	}
	return list, rows.Err()
}

// Backlog implements webhook.Store.
func (s *Store) Backlog(ctx context.Context, endpoint string) (b webhook.Backlog, err error) {
	var oldest int64
	err = s.db.QueryRowContext(ctx, s.options.text(
		"SELECT count(*), coalesce(min(at), 0) FROM {delivery} WHERE endpoint = $1 AND state = 'waiting'"), endpoint).Scan(&b.Count, &oldest)
	b.Oldest = instant(oldest)
	return b, failed("backlog", err)
}

// Prune implements webhook.Store.
func (s *Store) Prune(ctx context.Context, r webhook.PruneRequest) (n int, err error) {
	const over = "at < $1 AND (state <> 'waiting' OR give_up_at < $2)"
	before, now := micros(r.Before), micros(r.Now)
	err = s.transact(ctx, func(tx *sql.Tx) (err error) {
		_, err = s.run(ctx, tx, "DELETE FROM {attempt} WHERE (event, endpoint) IN (SELECT event, endpoint FROM {delivery} WHERE "+over+")", before, now)
		if err == nil {
			n, err = s.run(ctx, tx, "DELETE FROM {delivery} WHERE "+over, before, now)
		}
		return err
	})
	return n, failed("prune", err)
}
