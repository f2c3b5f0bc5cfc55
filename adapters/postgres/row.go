package postgres

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// row hands values to the scanners of sqlstore without the detours that pgx
// makes for any sql.Scanner: an id would become text and be parsed again.
type row struct {
	rows pgx.Rows
	// repeats tells that each row is read into the same destinations; stand is
	// what stands there, by column.
	repeats bool
	stand   []wire
}

// wire is a value as it was on the wire, once one was.
type wire struct {
	known, null bool
	bytes       []byte
}

// Scan implements sqlstore.Row. What it does not know it leaves to pgx.
func (r *row) Scan(dest ...any) error {
	fields, values := r.rows.FieldDescriptions(), r.rows.RawValues()
	if len(dest) != len(values) {
		return r.all(dest)
	}
	if r.repeats && r.stand == nil {
		r.stand = make([]wire, len(values))
	}
	for i, d := range dest {
		if r.repeated(i, values[i]) {
			continue
		}
		s, ok := d.(sql.Scanner)
		if !ok {
			return r.all(dest)
		}
		value, ok := decode(fields[i].DataTypeOID, fields[i].Format, values[i])
		if !ok {
			return r.all(dest)
		}
		if err := s.Scan(value); err != nil {
			return fmt.Errorf("column %s: %w", fields[i].Name, err)
		}
	}
	return nil
}

// repeated tells whether a value is the one that stands in its destination, and
// remembers it: most of what a month bills is the same from row to row.
func (r *row) repeated(i int, value []byte) bool {
	if r.stand == nil {
		return false
	}
	w := &r.stand[i]
	if w.known && w.null == (value == nil) && bytes.Equal(w.bytes, value) {
		return true
	}
	w.known, w.null, w.bytes = true, value == nil, append(w.bytes[:0], value...)
	return false
}

// all leaves the row to pgx.
func (r *row) all(dest []any) error {
	clear(r.stand)
	return r.rows.Scan(dest...)
}

// epoch is where PostgreSQL counts from, in microseconds.
var epoch = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// decode turns what is on the wire into a value for a scanner.
func decode(oid uint32, format int16, raw []byte) (value any, ok bool) {
	switch {
	case raw == nil:
		return nil, true
	case oid == pgtype.TextOID || oid == pgtype.JSONOID:
		return string(raw), true // the same in both formats
	case format != pgtype.BinaryFormatCode:
		return nil, false
	case oid == pgtype.UUIDOID && len(raw) == 16:
		return [16]byte(raw), true
	case oid == pgtype.Int8OID && len(raw) == 8:
		return int64(binary.BigEndian.Uint64(raw)), true
	case oid == pgtype.BoolOID && len(raw) == 1:
		return raw[0] != 0, true
	case oid == pgtype.ByteaOID:
		return raw, true // scanners copy
	case oid == pgtype.TimestamptzOID && len(raw) == 8:
		micros := int64(binary.BigEndian.Uint64(raw))
		if micros == minusInfinity || micros == infinity {
			return nil, false
		}
		return time.UnixMicro(epoch + micros).UTC(), true
	}
	return nil, false
}

const (
	infinity      = 1<<63 - 1
	minusInfinity = -1 << 63
)

// id is an id as pgx need not find out about it.
type id [16]byte

// UUIDValue implements pgtype.UUIDValuer.
func (v *id) UUIDValue() (pgtype.UUID, error) { return pgtype.UUID{Bytes: *v, Valid: true}, nil }

// native gives ids that type.
func native(args []any) []any {
	for i, arg := range args {
		switch v := arg.(type) {
		case *[16]byte:
			args[i] = (*id)(v)
		case [16]byte:
			args[i] = (*id)(&v)
		}
	}
	return args
}
