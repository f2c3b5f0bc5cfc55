package portal

import (
	"fmt"
	"strconv"

	"github.com/tjansteresor/tjansteresor/credit"
)

// chart is a picture of amounts as bars, for a template that draws SVG. The
// page has a table with the same data beside it.
type chart struct {
	ID, Title, Description string
	Width, Height          int
	Bars                   []bar
	Lines                  []gridLine
}

type bar struct {
	X, Y, W, H     int
	Label, Value   string
	LabelX, LabelY int
	ValueX, ValueY int
}

type gridLine struct {
	Y    int
	Text string
}

// The sizes of charts, in units of their own; wide enough to be read on a
// phone, on which a unit is nearly a pixel.
const (
	chartWidth  = 360
	chartHeight = 200
	chartLeft   = 52
	chartTop    = 12
	chartFloor  = 170
	rowHeight   = 38
)

// maxBars is how many departments are drawn; the table has them all.
const maxBars = 12

// roof is a round amount at or above the largest: 1, 2 or 5 with zeros.
func roof(largest credit.Amount) credit.Amount {
	for step := credit.Amount(100_00); ; step *= 10 {
		for _, n := range []credit.Amount{1, 2, 5} {
			if largest <= n*step {
				return n * step
			}
		}
	}
}

// monthChart draws a bar for each month of a year.
func (v *visit) monthChart(rows []monthRow, year int) chart {
	c := chart{
		ID: "months", Width: chartWidth, Height: chartHeight,
		Title:       v.T("Köp per månad ", "Spending by month ") + strconv.Itoa(year),
		Description: v.T("Stapeldiagram över stängda månader. Samma belopp finns i tabellen.", "Bar chart of closed months. The same amounts are in the table."),
	}
	var largest credit.Amount
	for _, r := range rows {
		largest = max(largest, r.Spent)
	}
	top := roof(largest)
	const high = chartFloor - chartTop
	for _, part := range []credit.Amount{0, 1, 2} {
		amount := top * part / 2
		c.Lines = append(c.Lines, gridLine{chartFloor - high*int(part)/2, v.whole00(amount)})
	}
	const slot = (chartWidth - chartLeft) / 12
	for _, r := range rows {
		at := chartLeft + (int(r.Month.Month())-1)*slot
		h := int(max(r.Spent, 0) * high / top)
		c.Bars = append(c.Bars, bar{
			X: at + 4, Y: chartFloor - h, W: slot - 8, H: h,
			Label: v.ShortMonth(r.Month), LabelX: at + slot/2, LabelY: chartFloor + 16,
		})
	}
	return c
}

// whole00 writes an amount in whole kronor.
func (v *visit) whole00(a credit.Amount) string {
	text := v.Money(a)
	return text[:len(text)-3]
}

// departmentChart draws a bar for each department, the largest first.
func (v *visit) departmentChart(rows []departmentSpend, year int) chart {
	rows = rows[:min(len(rows), maxBars)]
	c := chart{
		ID: "departments", Width: chartWidth, Height: max(1, len(rows)) * rowHeight,
		Title:       v.T("Köp per avdelning ", "Spending by department ") + strconv.Itoa(year),
		Description: v.T("Stapeldiagram, störst först. Samma belopp finns i tabellen.", "Bar chart, the largest first. The same amounts are in the table."),
	}
	var largest credit.Amount = 1
	for _, r := range rows {
		largest = max(largest, r.Spent)
	}
	for i, r := range rows {
		y := i * rowHeight
		c.Bars = append(c.Bars, bar{
			X: 0, Y: y + 18, W: int(max(r.Spent, 0) * chartWidth / largest), H: 12,
			Label: r.Name, LabelX: 0, LabelY: y + 13, Value: v.Ore(r.Spent), ValueX: chartWidth, ValueY: y + 13,
		})
	}
	return c
}

// ViewBox is the SVG attribute.
func (c chart) ViewBox() string { return fmt.Sprintf("0 0 %d %d", c.Width, c.Height) }
