package storetest

import (
	"fmt"
	"reflect"
	"time"

	"github.com/shopspring/decimal"
)

// differ says how two records differ, or "". Instants are compared to the
// microsecond and must be in UTC, decimals by value, and an empty slice is like
// none.
func differ(path string, got, want reflect.Value) string {
	if got.IsValid() != want.IsValid() || got.IsValid() && got.Type() != want.Type() {
		return fmt.Sprintf("%s is %v, want %v", path, got, want)
	}
	if !got.IsValid() {
		return ""
	}
	if isLeaf(got.Type()) {
		return differLeaf(path, got.Interface(), want.Interface())
	}
	switch got.Kind() {
	case reflect.Pointer, reflect.Interface:
		if got.IsNil() || want.IsNil() {
			return differSet(path, got.IsNil(), want.IsNil())
		}
		return differ(path, got.Elem(), want.Elem())
	case reflect.Slice:
		return differSlice(path, got, want)
	case reflect.Struct:
		for i := range got.NumField() {
			if d := differ(path+"."+got.Type().Field(i).Name, got.Field(i), want.Field(i)); d != "" {
				return d
			}
		}
	default:
		if !got.Equal(want) {
			return fmt.Sprintf("%s is %v, want %v", path, got, want)
		}
	}
	return ""
}

func differSet(path string, got, want bool) string {
	switch {
	case got == want:
		return ""
	case got:
		return path + " is nil, want it set"
	}
	return path + " is set, want nil"
}

func differSlice(path string, got, want reflect.Value) string {
	if got.Len() != want.Len() {
		return fmt.Sprintf("%s has length %d, want %d", path, got.Len(), want.Len())
	}
	for i := range got.Len() {
		if d := differ(fmt.Sprintf("%s[%d]", path, i), got.Index(i), want.Index(i)); d != "" {
			return d
		}
	}
	return ""
}

func differLeaf(path string, got, want any) string {
	same := got == want
	switch g := got.(type) {
	case time.Time:
		w := want.(time.Time)
		same = g.IsZero() && w.IsZero() || g.Location() == time.UTC && g.Equal(w.Truncate(time.Microsecond))
	case decimal.Decimal:
		same = g.Equal(want.(decimal.Decimal))
	}
	if same {
		return ""
	}
	return fmt.Sprintf("%s is %v, want %v", path, got, want)
}
