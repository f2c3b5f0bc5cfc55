package sie_test

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/tjansteresor/tjansteresor/credit"
)

// parsed is what an importing program reads from a file.
type parsed struct {
	heads         [][]string
	verifications []parsedVerification
}

type parsedVerification struct {
	series, number, date, text string
	rows                       []parsedRow
}

type parsedRow struct {
	account string
	objects []string
	amount  credit.Amount
}

// read reads a file by the rules of the format: a line is an item, fields are
// parted by spaces, \" is a quotation mark and nothing else is an escape.
func read(file []byte) (p parsed) {
	open := false
	for line := range strings.Lines(decoded(file)) {
		f := fields(strings.TrimSuffix(line, "\n"))
		switch last := len(p.verifications) - 1; {
		case f[0] == "{" && !open && last >= 0:
			open = true
		case f[0] == "}" && open:
			open = false
		case f[0] == "#TRANS" && open && len(f) == 4:
			v := &p.verifications[last]
			objects := strings.Trim(f[2], "{}")
			row := parsedRow{account: f[1], amount: must(credit.FromDecimal(decimal.RequireFromString(f[3])))}
			if objects != "" {
				row.objects = fields(objects)
			}
			v.rows = append(v.rows, row)
		case f[0] == "#VER" && !open && len(f) == 5:
			p.verifications = append(p.verifications, parsedVerification{series: f[1], number: f[2], date: f[3], text: f[4]})
		case strings.HasPrefix(f[0], "#") && last < 0:
			p.heads = append(p.heads, f)
		default:
			panic(fmt.Sprintf("a line out of place: %q", line))
		}
	}
	if open {
		panic("a verification has no end")
	}
	return p
}

// fields parts a line. What is in braces is one field.
func fields(line string) (list []string) {
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		switch {
		case line[0] == '"':
			var b strings.Builder
			i := 1
			for ; line[i] != '"'; i++ {
				if line[i] == '\\' && line[i+1] == '"' {
					i++
				}
				b.WriteByte(line[i])
			}
			list, line = append(list, b.String()), line[i+1:]
		case line[0] == '{' && len(line) > 1:
			end := strings.IndexByte(line, '}') + 1
			list, line = append(list, line[:end]), line[end:]
		default:
			word, rest, _ := strings.Cut(line, " ")
			list, line = append(list, word), rest
		}
	}
	return list
}
