package credit

import (
	"errors"
	"fmt"
	"time"
)

// Month is a calendar month in the operator's time zone. Months are ordered
// and can be used as keys; the zero Month is no month.
type Month int32

// ErrMonth is returned for a text that is not a month.
var ErrMonth = errors.New("not a month as YYYY-MM")

// NewMonth returns the month of a year.
func NewMonth(year int, month time.Month) Month { return Month(year*12 + int(month) - 1) }

// MonthOf returns the month to which an instant belongs in zone (R18): it
// begins at 00:00:00 on the 1st, inclusive.
func MonthOf(at time.Time, zone *time.Location) Month {
	year, month, _ := at.In(zone).Date()
	return NewMonth(year, month)
}

// ParseMonth reads 2026-01.
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil || t.Year() == 0 {
		return 0, fmt.Errorf("%w: %q", ErrMonth, s)
	}
	return NewMonth(t.Year(), t.Month()), nil
}

// Year returns the year of m.
func (m Month) Year() int { return int(m) / 12 }

// Month returns the month of m within its year.
func (m Month) Month() time.Month { return time.Month(int(m)%12 + 1) }

// Start returns the first instant of m in zone, in UTC.
func (m Month) Start(zone *time.Location) time.Time {
	start := time.Date(m.Year(), m.Month(), 1, 0, 0, 0, 0, zone)
	if start.Day() != 1 {
		// The zone skips this midnight: the month begins where its clocks go on.
		_, start = start.ZoneBounds()
	}
	return start.UTC()
}

// End returns the first instant after m in zone, in UTC: the reset (R18).
func (m Month) End(zone *time.Location) time.Time { return (m + 1).Start(zone) }

// IsZero tells whether there is no month.
func (m Month) IsZero() bool { return m == 0 }

// String returns 2026-01, or "" for the zero Month.
func (m Month) String() string {
	if m == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", m.Year(), int(m.Month()))
}

// MarshalText writes what String returns.
func (m Month) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *Month) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = 0
		return nil
	}
	parsed, err := ParseMonth(string(text))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}
