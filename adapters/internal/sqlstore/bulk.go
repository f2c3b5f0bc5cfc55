package sqlstore

import (
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// bulk is the SQL for many records at once: for decisions, first of all.
type bulk struct {
	travelers      lookup[travel.Traveler]
	companies      lookup[travel.Company]
	departments    lookup[travel.Department]
	commands       lookup[travel.Command]
	authorizations lookup[travel.Authorization]

	updateAccounts       writer[travel.Traveler]
	updateSpending       writer[travel.Traveler]
	expire               writer[expired]
	insertPending        writer[travel.Authorization]
	insertAuthorizations writer[travel.Authorization]
	saveAuthorizations   writer[travel.Authorization]
	insertEntries        writer[travel.Entry]
	insertCommands       writer[travel.Command]
	insertEvents         writer[travel.Event]

	messages, lockMessages lookup[sms.Queued]
	updateMessages         writer[sms.Queued]
}

// newBulk makes it; apart says that no statement is about two companies.
func newBulk(d Dialect, n *Names, apart bool) *bulk {
	return &bulk{
		travelers:      newLookup(d, n, "traveler", travelerColumns, "company = $1 AND id = $2", "uuid uuid", reading{apart: apart, locking: true}),
		companies:      newLookup(d, n, "company", companyColumns, "id = $1", "uuid", reading{apart: apart}),
		departments:    newLookup(d, n, "department", departmentColumns, "company = $1 AND id = $2", "uuid uuid", reading{apart: apart}),
		commands:       newLookup(d, n, "command", commandColumns, "company = $1 AND operation = $2 AND key = $3", "uuid text text", reading{apart: apart}),
		authorizations: newLookup(d, n, "authorization", authorizationColumns, "company = $1 AND id = $2", "uuid uuid", reading{apart: apart}),

		updateAccounts: newUpdater(d, n, "traveler", 2, func(t *travel.Traveler) []column {
			return append([]column{uuid("company", &t.Company), uuid("id", &t.ID)}, accountColumns(&t.Credit)...)
		}, apart),
		updateSpending: newUpdater(d, n, "traveler", 2, func(t *travel.Traveler) []column {
			return append([]column{uuid("company", &t.Company), uuid("id", &t.ID)}, spendingColumns(&t.Credit)...)
		}, apart),
		insertPending:        newInserter(d, n, "authorization", 0, pendingColumns),
		expire:               newUpdater(d, n, "authorization", 3, expiredColumns, apart),
		insertAuthorizations: newInserter(d, n, "authorization", 0, authorizationColumns),
		saveAuthorizations:   newInserter(d, n, "authorization", 2, authorizationColumns),
		insertEntries:        newInserter(d, n, "entry", 0, entryColumns),
		insertCommands:       newInserter(d, n, "command", 0, commandColumns),
		insertEvents:         newInserter(d, n, "event", 0, eventColumns),

		messages:       newLookup(d, n, "message", messageColumns, "company = $1 AND id = $2", "uuid uuid", reading{apart: apart, newest: true}),
		lockMessages:   newLookup(d, n, "message", messageColumns, "company = $1 AND id = $2", "uuid uuid", reading{apart: apart, newest: true, locking: true}),
		updateMessages: newUpdater(d, n, "message", 2, messageColumns, apart),
	}
}

// expired is an authorization of a traveler that has expired.
type expired struct {
	travelerKey
	id    travel.AuthorizationID
	state credit.State
}

func expiredColumns(e *expired) []column {
	return []column{uuid("company", &e.company), uuid("id", &e.id), uuid("traveler", &e.traveler), stateOf("state", &e.state)}
}
