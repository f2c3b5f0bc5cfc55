package csvimport

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func BenchmarkStage(b *testing.B) {
	f := benchFile(b)
	s := string(f)
	t := newTable()

	text, _ := t.decode(s)
	m := func(name string, fn func()) {
		var d []float64
		for range 25 {
			c := cpu()
			fn()
			d = append(d, 1e3*(cpu()-c))
		}
		slices.Sort(d)
		fmt.Printf("%-10s min %.2f med %.2f\n", name, d[0], d[12])
	}
	for b.Loop() {
	}
	m("bare", func() { bare(b, f) })
	m("readAll", func() { readAll(bytes.NewReader(f), 1<<30) })
	m("decode", func() { t.decode(s) })
	m("alloc", func() { var x strings.Builder; x.Grow(len(s)) })
	m("clone", func() { strings.Clone(s) })
	m("rows", func() {
		rows := make([]Row, 0, 100000)
		for i := range 100000 {
			rows = append(rows, Row{Line: i})
		}
	})
	m("maps", func() {
		x := newSeen[[8]byte](100000)
		for i := range 100000 {
			x.first([8]byte{byte(i),byte(i>>8),byte(i>>16)},i)
		}
	})
	m("sprint", func() {
		for i := range 100000 {
			_ = fmt.Sprint(i)
		}
	})
	m("count", func() { strings.Count(text, "\n") })
	m("records", func() {
		r := &records{text: text, comma: ';', line: 1}
		for {
			_, _, err := r.next()
			if err != nil {
				break
			}
		}
	})
}
