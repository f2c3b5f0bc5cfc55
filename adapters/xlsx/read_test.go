package xlsx_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/xml"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// read reads a workbook back, with nothing but the standard library.
func read(file []byte) (b readBook) {
	archive := must(zip.NewReader(bytes.NewReader(file), int64(len(file))))
	b.parts = map[string]string{}
	for _, f := range archive.File {
		b.names = append(b.names, f.Name)
		b.parts[f.Name] = string(must(io.ReadAll(must(f.Open()))))
	}
	for _, name := range []string{"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"} {
		b.sheets = append(b.sheets, readSheet(b.parts[name]))
	}
	return b
}

type readBook struct {
	names  []string
	parts  map[string]string
	sheets []readWorksheet
}

type readWorksheet struct {
	raw  worksheetXML
	rows [][]readCell
}

type readCell struct {
	ref, text string
	isText    bool
	style     int
}

type worksheetXML struct {
	Pane struct {
		YSplit      int    `xml:"ySplit,attr"`
		TopLeftCell string `xml:"topLeftCell,attr"`
		State       string `xml:"state,attr"`
	} `xml:"sheetViews>sheetView>pane"`
	Columns []struct {
		Min   int     `xml:"min,attr"`
		Width float64 `xml:"width,attr"`
	} `xml:"cols>col"`
	Rows []struct {
		R     int `xml:"r,attr"`
		Cells []struct {
			R      string  `xml:"r,attr"`
			Style  int     `xml:"s,attr"`
			Type   string  `xml:"t,attr"`
			Value  *string `xml:"v"`
			Inline *string `xml:"is>t"`
			F      *string `xml:"f"`
		} `xml:"c"`
	} `xml:"sheetData>row"`
	Filter struct {
		Ref string `xml:"ref,attr"`
	} `xml:"autoFilter"`
}

var escape = regexp.MustCompile(`_x([0-9a-fA-F]{4})_`)

func readSheet(text string) (s readWorksheet) {
	if err := xml.Unmarshal([]byte(text), &s.raw); err != nil {
		panic(err)
	}
	for _, r := range s.raw.Rows {
		var cells []readCell
		for _, c := range r.Cells {
			cell := readCell{ref: c.R, style: c.Style, isText: c.Type == "inlineStr"}
			switch {
			case c.F != nil || cell.isText != (c.Inline != nil) || cell.isText == (c.Value != nil):
				panic("a cell that is neither number nor text: " + c.R)
			case cell.isText:
				cell.text = escape.ReplaceAllStringFunc(*c.Inline, func(m string) string {
					return string(rune(must(strconv.ParseUint(m[2:6], 16, 16))))
				})
			default:
				cell.text = *c.Value
			}
			cells = append(cells, cell)
		}
		s.rows = append(s.rows, cells)
	}
	return s
}

// column finds the cell of a row by its letter; an empty cell is not there.
func column(row []readCell, letter string) readCell {
	for _, c := range row {
		if strings.TrimRight(c.ref, "0123456789") == letter {
			return c
		}
	}
	return readCell{}
}

// wall returns what a spreadsheet shows for a number of days.
func wall(days string) string {
	f := must(strconv.ParseFloat(days, 64))
	seconds := math.Round(f * 86_400)
	return time.Date(1899, 12, 30, 0, 0, int(seconds), 0, time.UTC).Format("2006-01-02 15:04:05")
}

// styleFormats are the number formats of the styles, by index: the code of the
// workbook's own, the number of others.
func styleFormats(styles string) (formats []string) {
	var s struct {
		Own []struct {
			ID   string `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			ID string `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := xml.Unmarshal([]byte(styles), &s); err != nil {
		panic(err)
	}
	codes := map[string]string{}
	for _, f := range s.Own {
		codes[f.ID] = f.Code
	}
	for _, c := range s.Cells {
		formats = append(formats, cmp.Or(codes[c.ID], c.ID))
	}
	return formats
}
