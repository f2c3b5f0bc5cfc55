package csvimport

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/internal/lang"
	"github.com/tjansteresor/tjansteresor/internal/phone"
)

// check turns one record into a row and collects what is wrong with it.
type check struct {
	reader *Reader
	record []string // valid until the reader goes on
	row    Row
	errs   []RowError
}

// unreadable says that the record stopped at a quotation mark, and where.
func (c *check) unreadable() {
	e := c.row.fail(nil, "", CodeQuote, texts[CodeQuote])
	if names, at := c.reader.source.header.names, c.reader.records.broken; at < len(names) {
		e.Column = printable(names[at])
	}
	c.errs = append(c.errs, e)
}

func (c *check) all() {
	if cells, names := len(c.record), len(c.reader.source.header.names); cells != names {
		c.fail("", CodeFieldCount, cells, names)
		c.rereadSwallowed(c.record...)
		return
	}
	if c.tooLong() {
		return
	}
	c.row.FirstName = c.text(firstName)
	c.row.LastName = c.text(lastName)
	c.row.Number = c.number()
	c.row.Email = c.text(email)
	if c.row.Email != "" && !looksLikeEmail(c.row.Email) {
		c.fail(FieldEmail, CodeEmail)
	}
	c.row.Department = c.text(department)
	c.row.Reference = c.text(reference)
	c.row.EmployeeNumber = c.text(employeeNumber)
	c.row.Limit, c.row.HasLimit = c.limit()
	c.duplicates()
}

// tooLong finds oversized cells, and tells if one of them swallowed lines.
func (c *check) tooLong() (swallowed bool) {
	header, most := c.reader.source.header, c.reader.options.MaxField
	for i, cell := range c.record {
		if len(cell) <= most {
			continue
		}
		e := c.row.fail(nil, "", CodeTooLong, format(CodeTooLong, most))
		e.Column = printable(header.names[i])
		for f, at := range header.at {
			if at == i {
				e.Field = vocabulary[f].field
				e.Value = shown(e.Field, cell)
			}
		}
		c.errs = append(c.errs, e)
		swallowed = c.rereadSwallowed(cell) || swallowed
	}
	return swallowed
}

// rereadSwallowed has the lines that cells of a bad record span read by
// themselves: a quotation mark was not closed in time, most likely, and they
// are rows.
func (c *check) rereadSwallowed(cells ...string) bool {
	for _, cell := range cells {
		if strings.Contains(cell, "\n") {
			c.reader.records.reread(c.row.Line)
			return true
		}
	}
	return false
}

func (c *check) fail(f Field, code Code, details ...any) {
	c.errs = append(c.errs, c.row.fail(c.record, f, code, format(code, details...)))
}

func format(code Code, details ...any) lang.Text {
	text := texts[code]
	if len(details) > 0 {
		text.Swedish = fmt.Sprintf(text.Swedish, details...)
		text.English = fmt.Sprintf(text.English, details...)
	}
	return text
}

// cell returns the cell as it is in the file, unless it is missing or too long,
// which has been said.
func (c *check) cell(col column) (cell string, ok bool) {
	at := c.reader.source.header.at[col]
	if at < 0 || len(c.record[at]) > c.reader.options.MaxField {
		return "", false
	}
	return c.record[at], true
}

func (c *check) text(col column) string {
	cell, ok := c.cell(col)
	if !ok {
		return ""
	}
	s, code := clean(cell)
	switch {
	case code != "":
		c.fail(vocabulary[col].field, code)
	case s == "" && vocabulary[col].mandatory:
		c.fail(vocabulary[col].field, CodeRequired)
	}
	return s
}

func (c *check) number() phone.Number {
	cell, ok := c.cell(mobile)
	if !ok {
		return phone.Number{}
	}
	s := strings.TrimPrefix(trim(cell), "'")
	if s == "" {
		c.fail(FieldMobile, CodeRequired)
		return phone.Number{}
	}
	if s[0] == '=' {
		c.fail(FieldMobile, CodeFormula)
		return phone.Number{}
	}
	n, err := phone.Parse(s, c.reader.options.HomeCountry, c.reader.options.Countries...)
	if err != nil {
		c.fail(FieldMobile, codes[err])
	}
	return n
}

// amount is a limit as it was parsed, or what is wrong with it.
type amount struct {
	limit decimal.Decimal
	code  Code
}

func (c *check) limit() (decimal.Decimal, bool) {
	cell, _ := c.cell(limit)
	a := c.reader.amount(cell)
	switch {
	case a.code == CodeLimitMaximum:
		most := c.reader.options.MaxLimit
		text := texts[CodeLimitMaximum]
		c.errs = append(c.errs, c.row.fail(c.record, FieldLimit, CodeLimitMaximum, lang.Text{
			Swedish: fmt.Sprintf(text.Swedish, lang.Money(language.Swedish, most)),
			English: fmt.Sprintf(text.English, lang.Money(language.English, most)),
		}))
	case a.code != "":
		c.fail(FieldLimit, a.code)
	}
	return a.limit, a.code == "" && !a.limit.IsZero()
}

// amount parses a cell, or remembers how it parsed one that is written alike.
func (r *Reader) amount(cell string) amount {
	if cell == "" {
		return amount{}
	}
	hash := uint32(0)
	for i := range len(cell) {
		hash = hash*31 + uint32(cell[i])
	}
	slot := &r.amounts[hash%uint32(len(r.amounts))]
	if slot.cell != cell {
		slot.cell, slot.amount = cell, r.parseLimit(cell)
	}
	return slot.amount
}

func (r *Reader) parseLimit(cell string) amount {
	s := strings.TrimPrefix(trim(cell), "'")
	if trim(s) == "" {
		return amount{}
	}
	ore, err := parseOre(s)
	if err != nil {
		return amount{code: codes[err]}
	}
	a := amount{limit: decimal.New(ore, -2)}
	if most := r.options.MaxLimit; !most.IsZero() && a.limit.GreaterThan(most) {
		return amount{code: CodeLimitMaximum}
	}
	return a
}

// duplicates compares with all earlier rows, also those with errors: which of
// two rows is meant, only their author knows.
func (c *check) duplicates() {
	r := c.reader
	if n := c.row.Number; !n.IsZero() {
		if first, again := r.numbers[n]; again {
			c.fail(FieldMobile, CodeDuplicateNumber, first)
		} else {
			r.numbers[n] = c.row.Line
		}
	}
	if e := c.row.EmployeeNumber; e != "" {
		if first, again := r.employees[e]; again {
			c.fail(FieldEmployeeNumber, CodeDuplicateEmployee, first)
		} else {
			r.employees[e] = c.row.Line
		}
	}
}
