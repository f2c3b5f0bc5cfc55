package app

import (
	"context"
	"net/http"
	"time"

	"github.com/tjansteresor/tjansteresor/sms"
)

// inbox is an SMS gateway and the phones behind it: it keeps what is sent, for
// the page that shows it. That the codes can be read in this table is what makes
// it a stand-in: they are nowhere else in clear.
type inbox struct {
	db    *database
	clock *clock
}

var _ sms.Sender = (*inbox)(nil)

// Send implements [sms.Sender]. A message that comes again is there once.
func (i *inbox) Send(ctx context.Context, m sms.Message) (sms.Receipt, error) {
	_, err := i.db.ExecContext(ctx, `INSERT INTO inbox (id, number, sender, content, received_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO NOTHING`, m.ID.String(), m.To.E164(), m.From, m.Text, micros(i.clock.now()))
	return sms.Receipt{Gateway: "inbox", GatewayID: m.ID.String()}, err
}

// received is an SMS in a phone.
type received struct {
	Number, Sender, Text string
	At                   time.Time
}

// list lists up to limit messages, newest first: of one number, or with "" of
// all.
func (i *inbox) list(ctx context.Context, number string, limit, offset int) ([]received, error) {
	rows, err := i.db.QueryContext(ctx, `SELECT number, sender, content, received_at FROM inbox
		WHERE $1 = '' OR number = $1 ORDER BY received_at DESC, id DESC LIMIT $2 OFFSET $3`, number, limit, offset)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []received
	for rows.Next() {
		var r received
		var at int64
		if err := rows.Scan(&r.Number, &r.Sender, &r.Text, &at); err != nil {
			return nil, err
		}
		r.At = instant(at)
		list = append(list, r)
	}
	return list, rows.Err()
}

// showInbox shows the newest messages of all phones, page by page.
func (a *App) showInbox(w http.ResponseWriter, r *http.Request) error {
	const page = 25
	number := atoi(r.URL.Query().Get("page"))
	list, err := a.inbox.list(r.Context(), "", page+1, number*page)
	if err != nil {
		return err
	}
	body := struct {
		List     []received
		Older    int
		Newer    int
		HasNewer bool
	}{List: list, Newer: number - 1, HasNewer: number > 0}
	if len(list) > page {
		body.List, body.Older = list[:page], number+1
	}
	return a.show(w, r, http.StatusOK, "inbox", "SMS-inkorg", body)
}
