package csvimport

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"golang.org/x/text/encoding/charmap"
)

const benchRows = 100_000

// benchFile is a list of travelers in Windows-1252 with semicolons; about one
// cell in twenty is quoted. No row has an error.
func benchFile(b *testing.B) []byte {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	var file strings.Builder
	file.WriteString("Förnamn;Efternamn;Mobilnummer;E-post;Avdelning;Referensnummer;Anställningsnummer;Kreditgräns;Anteckning\r\n")
	for i := range benchRows {
		number := fmt.Sprintf("07%d%07d", []int{0, 2, 3, 6, 9}[i%5], i/5)
		number = []string{
			number,
			number[:3] + "-" + number[3:6] + " " + number[6:8] + " " + number[8:],
			"+46" + number[1:],
			"+46 (0)" + number[1:3] + " " + number[3:6] + " " + number[6:],
		}[random.IntN(4)]
		for j, cell := range []string{
			pick("Anna", "Åsa", "Fatima", "Jörgen", "Müller", "Erik"), pick("Andersson", "Öberg", "Åkesson", "Lind", "Söderström"),
			number, fmt.Sprintf("person.%d@kommunen.example", i),
			pick("Tekniska kontoret", "Räddningstjänsten", "Socialförvaltningen", "Barn- och utbildning"), pick("90001", "10234", "ZZ-4410", ""),
			fmt.Sprint(40_000 + i), pick("500", "1500", "1\u00a0500,00", "15 000,00", "2 000 kr", ""), pick("", "", "deltid", "timanställd; vikarie"),
		} {
			if j > 0 {
				file.WriteByte(';')
			}
			if strings.Contains(cell, ";") || random.IntN(25) == 0 {
				cell = `"` + cell + `"`
			}
			file.WriteString(cell)
		}
		file.WriteString("\r\n")
	}
	data, err := charmap.Windows1252.NewEncoder().Bytes([]byte(file.String()))
	if err != nil {
		b.Fatal(err)
	}
	return data
}

var benchOptions = Options{MaxBytes: 1 << 30, MaxRows: benchRows, MaxLimit: decimal.New(15_000, 0)}

// bare reads the file with encoding/csv and nothing else.
func bare(b *testing.B, file []byte) {
	r := csv.NewReader(bytes.NewReader(file))
	r.Comma, r.ReuseRecord = ';', true
	n := 0
	for {
		_, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if n != benchRows+1 {
		b.Fatalf("%d rows", n)
	}
}

// parse decides the encoding and the separator, decodes and parses, and does
// not check the cells.
func parse(b *testing.B, file []byte) {
	r, err := NewReader(bytes.NewReader(file), benchOptions)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for {
		_, _, err := r.records.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if n != benchRows {
		b.Fatalf("%d rows", n)
	}
}

// stream checks every row and keeps none.
func stream(b *testing.B, file []byte) {
	r, err := NewReader(bytes.NewReader(file), benchOptions)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for {
		_, errs, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || errs != nil {
			b.Fatal(err, errs)
		}
		n++
	}
	if n != benchRows {
		b.Fatalf("%d rows", n)
	}
}

// full is what a host calls.
func full(b *testing.B, file []byte) {
	result, err := Read(bytes.NewReader(file), benchOptions)
	if err != nil || result.ErrorCount > 0 || len(result.Rows) != benchRows {
		b.Fatal(err, result.ErrorCount, len(result.Rows))
	}
}

// BenchmarkCSV has encoding/csv alone as its measure.
func BenchmarkCSV(b *testing.B) {
	file := benchFile(b)
	for _, c := range []struct {
		name string
		run  func(*testing.B, []byte)
	}{{"bare", bare}, {"parse", parse}, {"stream", stream}, {"read", full}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				c.run(b, file)
			}
			b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkRatio reports rows/s as a share of what bare encoding/csv does with
// the same file, measured in turn: the median of the rounds. The aims: parse
// at least 0.8, read at least 0.3.
func BenchmarkRatio(b *testing.B) {
	file := benchFile(b)
	names := []string{"parse/bare", "stream/bare", "read/bare"}
	ratios := make([][]float64, len(names))
	for b.Loop() {
		base := took(b, bare, file)
		for i, run := range []func(*testing.B, []byte){parse, stream, full} {
			ratios[i] = append(ratios[i], base/took(b, run, file))
		}
	}
	for i, name := range names {
		slices.Sort(ratios[i])
		b.ReportMetric(ratios[i][len(ratios[i])/2], name)
	}
}

func took(b *testing.B, run func(*testing.B, []byte), file []byte) float64 {
	start := time.Now()
	run(b, file)
	return time.Since(start).Seconds()
}
