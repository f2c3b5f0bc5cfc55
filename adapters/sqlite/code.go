package sqlite

import "errors"

// Result codes of SQLite, https://www.sqlite.org/rescode.html.
const (
	codeBusy       = 5
	codeLocked     = 6
	codeIO         = 10
	codeTooBig     = 18
	codeConstraint = 19
	codeMismatch   = 20
	codePrimaryKey = codeConstraint | 6<<8
	codeUnique     = codeConstraint | 8<<8
	codeRowID      = codeConstraint | 10<<8
)

// primary is the code that an extended code refines.
func primary(code int) int { return code & 0xff }

// codeOf finds the code in an error of a driver.
func codeOf(err error) int {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return 0
}
