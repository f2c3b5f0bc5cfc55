package pdf

// column is a column of a table.
type column struct {
	title    string
	x, width float64
	// figures are set to the right, and made smaller rather than broken.
	figures bool
}

// columns lays columns side by side from x, so wide, with a gap between them.
func columns(x, gap float64, list ...column) []column {
	for i := range list {
		list[i].x = x
		x += list[i].width + gap
	}
	return list
}

// over returns one column as wide as several.
func over(list ...column) column {
	first, last := list[0], list[len(list)-1]
	return column{x: first.x, width: last.x + last.width - first.x}
}

// table is set row by row. Its head is repeated on every page.
type table struct {
	*sheet
	columns []column
	heading style
	// pad is what is left free above and below the text of a row.
	pad float64
	// keep is how much must fit below the next row on its page.
	keep float64
	// again sets what stands over the head on the pages after the first.
	again func()
}

// heads sets the titles of the columns, and a line below them.
func (t *table) heads() {
	y := t.y + t.pad
	for _, c := range t.columns {
		if title := t.fonts.clean(c.title); c.figures {
			t.textRight(t.heading, c.x+c.width, y, c.width, title)
		} else {
			t.text(t.heading, c.x, y, title)
		}
	}
	t.y += t.headHigh()
	t.rule(t.y, 0.3, gray)
}

// turn goes on on the next page.
func (t *table) turn() {
	t.page()
	if t.again != nil {
		t.again()
	}
	t.heads()
	t.fresh = t.y
}

// cells breaks the texts of a row into lines, and returns how many the highest
// has.
func (t *table) cells(cells [][]string, st style, columns []column, texts []string) ([][]string, int) {
	rows := 1
	for i, c := range columns {
		var lines []string
		if text := t.fonts.clean(texts[i]); c.figures {
			lines = []string{text}
		} else {
			lines = t.fonts.wrap(st, text, c.width)
		}
		cells = append(cells, lines)
		rows = max(rows, len(lines))
	}
	return cells, rows
}

// rowHigh returns how high a row would be.
func (t *table) rowHigh(st style, columns []column, texts []string) float64 {
	_, rows := t.cells(nil, st, columns, texts)
	return float64(rows)*st.lead() + 2*t.pad
}

// headHigh is how high the head is.
func (t *table) headHigh() float64 { return t.heading.lead() + 2*t.pad }

// row sets a row with a text for each of the columns, and a line below it, if
// wanted. It stays together unless it is higher than a page.
func (t *table) row(st style, columns []column, below bool, texts ...string) {
	var held [8][]string
	cells, rows := t.cells(held[:0], st, columns, texts)
	lead := st.lead()
	for from := 0; from < rows; {
		room := int((t.bottom - t.y - 2*t.pad + 1e-6) / lead)
		left := float64(rows-from)*lead + 2*t.pad + t.keep
		if t.y+left > t.bottom+1e-6 && t.y > t.fresh {
			t.turn()
			continue
		}
		to := min(rows, from+max(1, room))
		for i, c := range columns {
			for j := from; j < min(to, len(cells[i])); j++ {
				y := t.y + t.pad + float64(j-from)*lead
				if c.figures {
					t.textRight(st, c.x+c.width, y, c.width, cells[i][j])
				} else {
					t.text(st, c.x, y, cells[i][j])
				}
			}
		}
		t.y += 2*t.pad + float64(to-from)*lead
		from = to
	}
	if below {
		t.rule(t.y, 0.1, line)
	}
}
