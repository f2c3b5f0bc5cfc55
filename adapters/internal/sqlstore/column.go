package sqlstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// column is a field of a record and the column that keeps it.
type column struct {
	name string
	// kind is the type of the column in PostgreSQL.
	kind string
	// arg returns what is stored, in the type that the dialect wants.
	arg func(Dialect) any
	// dest reads the field from a row.
	dest any
	// id returns the field, of a column that keeps an id.
	id func() [16]byte
}

// scanner reads a value as any driver hands it out.
type scanner func(src any) error

// Scan implements sql.Scanner.
func (s scanner) Scan(src any) error { return s(src) }

// argID returns an id as a dialect stores it.
func argID(d Dialect, id [16]byte) any {
	if d == Postgres {
		return id
	}
	return id[:]
}

// uuid keeps an id; zero is stored as it is.
func uuid[K ~[16]byte](name string, p *K) column {
	return column{
		name: name, kind: "uuid", id: func() [16]byte { return *p },
		arg: func(d Dialect) any { return argID(d, *p) },
		dest: scanner(func(src any) error {
			id, err := asID(src)
			*p = K(id)
			return err
		}),
	}
}

func asID(src any) ([16]byte, error) {
	switch v := src.(type) {
	case []byte:
		if len(v) == 16 {
			return [16]byte(v), nil
		}
		return parseID(string(v))
	case [16]byte:
		return v, nil
	case string:
		return parseID(v)
	}
	return [16]byte{}, unexpected("an id", src)
}

func parseID(s string) (id travel.CompanyID, err error) {
	err = id.UnmarshalText([]byte(s))
	return id, err
}

func unexpected(what string, src any) error { return fmt.Errorf("%T read for %s", src, what) }

// text keeps a string.
func text[T ~string](name string, p *T) column {
	return column{
		name: name, kind: "text",
		arg: func(Dialect) any { return string(*p) },
		dest: scanner(func(src any) error {
			s, err := asText(src)
			*p = T(s)
			return err
		}),
	}
}

func asText(src any) (string, error) {
	switch v := src.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	return "", unexpected("text", src)
}

// number keeps a whole number: öre, counters, hundredths of a percent.
func number[T ~int | ~int64 | ~uint8](name string, p *T) column {
	return column{
		name: name, kind: "bigint",
		arg: func(Dialect) any { return int64(*p) },
		dest: scanner(func(src any) error {
			switch v := src.(type) {
			case int64:
				*p = T(v)
				return nil
			case int32:
				*p = T(v)
				return nil
			}
			return unexpected("a number", src)
		}),
	}
}

// flag keeps a bool.
func flag(name string, p *bool) column {
	return column{
		name: name, kind: "boolean",
		arg: func(d Dialect) any { return *p },
		dest: scanner(func(src any) error {
			switch v := src.(type) {
			case bool:
				*p = v
				return nil
			case int64:
				*p = v != 0
				return nil
			}
			return unexpected("a bool", src)
		}),
	}
}

// argTime returns an instant as a dialect stores it, null for none.
func argTime(d Dialect, t time.Time) any {
	switch {
	case t.IsZero():
		return nil
	case d == SQLite:
		return t.UnixMicro()
	}
	return t
}

// instant keeps an instant, null for none.
func instant(name string, p *time.Time) column {
	return column{
		name: name, kind: "timestamptz",
		arg: func(d Dialect) any { return argTime(d, *p) },
		dest: scanner(func(src any) (err error) {
			*p, err = asTime(src)
			return err
		}),
	}
}

func asTime(src any) (time.Time, error) {
	switch v := src.(type) {
	case nil:
		return time.Time{}, nil
	case time.Time:
		return v.UTC(), nil
	case int64:
		return time.UnixMicro(v).UTC(), nil
	}
	return time.Time{}, unexpected("an instant", src)
}

// month keeps a month as people write it, "" for none: it sorts as text.
func month(name string, p *credit.Month) column {
	return column{
		name: name, kind: "text",
		arg: func(Dialect) any { return textOfMonth(*p) },
		dest: scanner(func(src any) error {
			s, err := asText(src)
			if err == nil {
				*p, err = monthOfText(s)
			}
			return err
		}),
	}
}

func textOfMonth(m credit.Month) string {
	if m.IsZero() {
		return ""
	}
	return m.String()
}

func monthOfText(s string) (credit.Month, error) {
	if s == "" {
		return 0, nil
	}
	return credit.ParseMonth(s)
}

// bytes keeps a slice of bytes, null for nil.
func bytes(name string, p *[]byte) column {
	return column{
		name: name, kind: "bytea",
		arg: func(Dialect) any {
			if *p == nil {
				return nil
			}
			return *p
		},
		dest: scanner(func(src any) error {
			switch v := src.(type) {
			case nil:
				*p = nil
				return nil
			case []byte:
				*p = append(make([]byte, 0, len(v)), v...)
				return nil
			}
			return unexpected("bytes", src)
		}),
	}
}

// digest keeps 32 bytes.
func digest(name string, p *[32]byte) column {
	return column{
		name: name, kind: "bytea",
		arg: func(Dialect) any { return slices.Clone(p[:]) }, // the record may be used for the next one
		dest: scanner(func(src any) error {
			v, ok := src.([]byte)
			if !ok || len(v) != len(p) {
				return unexpected("a digest", src)
			}
			*p = [32]byte(v)
			return nil
		}),
	}
}

// phone keeps a number in E.164, "" for none.
func phone(name string, p *travel.PhoneNumber) column {
	return column{
		name: name, kind: "text",
		arg: func(Dialect) any { return p.E164() },
		dest: scanner(func(src any) error {
			s, err := asText(src)
			if err == nil {
				*p, err = phoneOfText(s)
			}
			return err
		}),
	}
}

var errNumber = errors.New("a stored phone number is not one")

func phoneOfText(s string) (travel.PhoneNumber, error) {
	if s == "" {
		return travel.PhoneNumber{}, nil
	}
	n, err := sms.PhoneNumberFromE164(s)
	if err != nil {
		return n, errNumber // not the number itself
	}
	return n, nil
}

// document keeps a value as JSON, "null" for a nil pointer or slice. J is what
// it looks like there, so that renaming a field in the domain cannot break what
// is stored.
func document[T, J any](name string, p *T, to func(T) J, from func(J) T) column {
	return column{
		name: name, kind: "json",
		arg: func(Dialect) any { return toJSON(to(*p)) },
		dest: scanner(func(src any) error {
			s, err := asText(src)
			if err != nil {
				return err
			}
			var j J
			if s == null {
				*p = from(j)
				return nil
			}
			if err := json.Unmarshal([]byte(s), &j); err != nil {
				return fmt.Errorf("column %s: %w", name, err)
			}
			*p = from(j)
			return nil
		}),
	}
}

// null is most of what there is in the columns of a new purchase.
const null = "null"

// toJSON is for types that are made to be encoded: they cannot fail.
func toJSON(v any) string {
	if r := reflect.ValueOf(v); (r.Kind() == reflect.Pointer || r.Kind() == reflect.Slice) && r.IsNil() {
		return null
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func same[T any](v T) T { return v }
