package xlsx

import (
	"archive/zip"
	"compress/flate"
	"io"
	"strconv"
	"time"
)

// book is a workbook that is being written: a zip archive of parts. The first
// error stays, and nothing is written after it.
type book struct {
	zip *zip.Writer
	err error
}

// made is when every part says that it was made, so that the same document
// gives the same bytes: the first day that a zip archive knows.
var made = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// newBook begins a workbook, whose parts deflater compresses one after the
// other.
func newBook(w io.Writer, deflater *flate.Writer) *book {
	b := &book{zip: zip.NewWriter(w)}
	b.zip.RegisterCompressor(zip.Deflate, func(part io.Writer) (io.WriteCloser, error) {
		deflater.Reset(part)
		return deflater, nil
	})
	return b
}

func (b *book) create(name string) io.Writer {
	if b.err != nil {
		return io.Discard
	}
	w, err := b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: made})
	if err != nil {
		b.err = err
		return io.Discard
	}
	return w
}

func (b *book) part(name, text string) {
	if _, err := io.WriteString(b.create(name), text); b.err == nil {
		b.err = err
	}
}

// sheet writes a part that is a worksheet.
func (b *book) sheet(name string, fill func(*sheet) error) {
	if b.err != nil {
		return
	}
	s := &sheet{out: b.create(name)}
	if b.err != nil {
		return
	}
	err := fill(s)
	s.flush()
	if b.err = err; err == nil {
		b.err = s.err
	}
}

func (b *book) close() error {
	if b.err != nil {
		return b.err
	}
	return b.zip.Close()
}

const (
	header = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

	mainSpace     = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relationSpace = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	packageSpace  = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	mediaType     = `application/vnd.openxmlformats-officedocument.spreadsheetml.`

	contentTypes = header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + mediaType + `sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + mediaType + `styles+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + mediaType + `worksheet+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet2.xml" ContentType="` + mediaType + `worksheet+xml"/></Types>`

	relations = header + `<Relationships ` + packageSpace + `>` +
		`<Relationship Id="rId1" Type="` + relationSpace + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`

	workbookRelations = header + `<Relationships ` + packageSpace + `>` +
		`<Relationship Id="rId1" Type="` + relationSpace + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + relationSpace + `/worksheet" Target="worksheets/sheet2.xml"/>` +
		`<Relationship Id="rId3" Type="` + relationSpace + `/styles" Target="styles.xml"/></Relationships>`
)

// workbook names the sheets; the names need no quotes and no escapes. rows are
// those of the first, with its heading.
func workbook(first, second string, rows int) string {
	return header + `<workbook ` + mainSpace + ` xmlns:r="` + relationSpace + `"><sheets>` +
		`<sheet name="` + first + `" sheetId="1" r:id="rId1"/><sheet name="` + second + `" sheetId="2" r:id="rId2"/></sheets><definedNames>` +
		`<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">` + first + `!$A$1:$` + lastColumn + `$` + strconv.Itoa(rows) + `</definedName>` +
		`<definedName name="_xlnm.Print_Titles" localSheetId="0">` + first + `!$1:$1</definedName></definedNames></workbook>`
}

// style is an index into cellXfs below.
type style int

const (
	general style = iota
	heading
	text   // a number typed into such a cell stays text, and so does a formula
	moment // day and time
	day
	amount
	strongText
	strongAmount
)

const styles = header + `<styleSheet ` + mainSpace + `>` +
	`<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd"/></numFmts>` +
	`<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>` +
	`<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>` +
	`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` +
	`<fill><patternFill patternType="solid"><fgColor rgb="FFE7ECF2"/><bgColor indexed="64"/></patternFill></fill></fills>` +
	`<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>` +
	`<border><left/><right/><top/><bottom style="thin"><color rgb="FF8A94A3"/></bottom><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
	`<cellXfs count="8">` +
	`<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="49" fontId="1" fillId="2" borderId="1" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment horizontal="left"/></xf>` +
	`<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
	`<xf numFmtId="4" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
	`</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
