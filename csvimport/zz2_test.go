package csvimport

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
)

func cpu() float64 {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return float64(r.Utime.Sec+r.Stime.Sec) + float64(r.Utime.Usec+r.Stime.Usec)/1e6
}
func BenchmarkCPU(b *testing.B) {
	f := benchFile(b)
	runs := []func(*testing.B, []byte){bare, parse, stream, full}
	d := make([][]float64, 4)
	for b.Loop() {
		for i, r := range runs {
			s := cpu()
			r(b, f)
			d[i] = append(d[i], cpu()-s)
		}
	}
	for i := range d {
		slices.Sort(d[i])
		fmt.Printf("%d %.1fms min %.1f ratio %.3f\n", i, 1e3*d[i][len(d[i])/2], 1e3*d[i][0], d[0][len(d[i])/2]/d[i][len(d[i])/2])
	}
}
