package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tjansteresor/tjansteresor/adapters/internal/sqlstore"
	"github.com/tjansteresor/tjansteresor/travel"
)

// classify tells what an error means by its SQLSTATE,
// https://www.postgresql.org/docs/current/errcodes-appendix.html.
func classify(err error) sqlstore.Failure {
	var answer *pgconn.PgError
	if !errors.As(err, &answer) {
		if brokenBefore(err) {
			return sqlstore.Broken
		}
		return sqlstore.Other
	}
	switch answer.Code {
	case "40001", "40P01", "55P03": // serialization failure, deadlock, lock not available
		return sqlstore.Conflict
	case "57P01", "57P02": // the server shuts down, or has crashed
		return sqlstore.Broken
	case "23505": // unique violation
		return sqlstore.Taken
	}
	switch class(answer) {
	case "22", "23", "54": // data, another constraint, a limit of the server
		return sqlstore.Refused
	}
	return sqlstore.Other
}

// brokenBefore tells whether a connection was lost before a COMMIT was under
// way.
func brokenBefore(err error) bool {
	if errors.Is(err, travel.ErrUnknownOutcome) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) {
		return false // there is no server, and trying again at once finds none
	}
	return pgconn.SafeToRetry(err) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func class(answer *pgconn.PgError) string { return answer.Code[:min(2, len(answer.Code))] }

// inDoubt tells whether a server that answers a COMMIT like this may have
// committed. An ordinary error says that it has not; a session that is ended
// may have just done so.
func inDoubt(answer *pgconn.PgError) bool {
	switch {
	case answer.Code == "40003" || class(answer) == "08": // completion unknown, connection lost behind the server
		return true
	case class(answer) == "25": // ended because the transaction was idle too long
		return false
	}
	severity := answer.SeverityUnlocalized
	if severity == "" {
		severity = answer.Severity
	}
	return severity != "ERROR"
}
