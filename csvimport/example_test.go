package csvimport_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/csvimport"
)

// Read takes a file as a spreadsheet saved it.
func ExampleRead() {
	file, err := os.Open("testdata/travelers-excel-sv-windows1252.csv")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	result, err := csvimport.Read(file, csvimport.Options{MaxLimit: decimal.New(15_000, 0)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d travelers, %d errors, %s\n", len(result.Rows), result.ErrorCount, result.Encoding)
	for _, row := range result.Rows[2:5] {
		fmt.Println(row.Line, row.FirstName, row.Number, row.Department, row.Limit.StringFixed(2))
	}
	// Output:
	// 60 travelers, 0 errors, windows-1252
	// 4 Erik +4670*****74 Socialförvaltningen 15000.00
	// 5 Ülle +4670*****11 Barn- och utbildning 2000.00
	// 6 Ülle +4670*****48 Kommunledning 1500.00
}

// Errors of rows are said in Swedish or English; the other rows are good.
func ExampleRowError_Text() {
	result, err := csvimport.Read(strings.NewReader(
		"Förnamn;Efternamn;Mobilnummer;Kreditgräns\n"+
			"Anna;Berg;070-123 45 67;500\n"+
			";Dal;08-123 45 67;1.500\n"+
			"Eva;Ek;+46 (0)70 123 45 67;\n"), csvimport.Options{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(result.Rows), "rad är bra")
	for _, e := range result.Errors {
		fmt.Printf("rad %d: %s\n", e.Line, e.Text(language.Swedish))
	}
	// Output:
	// 1 rad är bra
	// rad 3: Förnamn: saknas
	// rad 3: Mobilnummer ”08-12*****67”: är inte ett mobilnummer
	// rad 3: Kreditgräns ”1.500”: kan betyda två belopp, skriv 1500 eller 1,50
	// rad 4: Mobilnummer ”+46 (************67”: samma mobilnummer finns på rad 2
}

// The rows with errors go back as a file to mend and import again. What the
// caller finds by itself goes in too.
func ExampleWriteErrors() {
	result, err := csvimport.Read(strings.NewReader(
		"Förnamn;Efternamn;Mobilnummer;Enhet\n"+
			"Anna;Berg;070-123 45 67;Tekniska\n"+
			"Bo;Dal;020-12 34 56;Tekniska\n"+
			"Eva;Ek;070-123 45 69;Okänd\n"), csvimport.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range result.Rows {
		if row.Department == "Okänd" {
			result.Errors = append(result.Errors,
				row.Fail(csvimport.FieldDepartment, "department_unknown", "finns inte", "does not exist"))
		}
	}
	var file bytes.Buffer
	if err := csvimport.WriteErrors(&file, language.Swedish, result.Errors); err != nil {
		log.Fatal(err)
	}
	fmt.Print(strings.ReplaceAll(strings.TrimPrefix(file.String(), "\ufeff"), "\r\n", "\n"))
	// Output:
	// Förnamn;Efternamn;Mobilnummer;Enhet;Fel
	// Bo;Dal;020-12 34 56;Tekniska;Mobilnummer ”020-1*****56”: är inte ett mobilnummer
	// Eva;Ek;070-123 45 69;Okänd;Enhet ”Okänd”: finns inte
}

// A file as a whole is refused with a FileError.
func ExampleFileError() {
	_, err := csvimport.Read(strings.NewReader("F\x94rnamn;Efternamn;Mobilnummer\nAnna;Berg;0701234567\n"), csvimport.Options{})
	var refused *csvimport.FileError
	if errors.As(err, &refused) {
		fmt.Println(refused.Text(language.Swedish))
	}
	fmt.Println(errors.Is(err, csvimport.ErrEncoding))
	// Output:
	// filen verkar ha fel teckenkodning; spara den som CSV UTF-8 (rubriken F”rnamn)
	// true
}

// A Reader gives one row at a time.
func ExampleReader_Next() {
	r, err := csvimport.NewReader(strings.NewReader("First name,Last name,Mobile\nAnna,Berg,0701234567\nBo,,0701234568\n"), csvimport.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for {
		row, errs, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.FirstName, errs)
	}
	// Output:
	// Anna []
	//  [line 3: Last name: is missing]
}

// ParseAmount reads an amount as people write it, and refuses to guess.
func ExampleParseAmount() {
	for _, s := range []string{"1 500,00 kr", "1.500,00", "1500:-", "1.500"} {
		amount, err := csvimport.ParseAmount(s)
		fmt.Println(amount.StringFixed(2), err)
	}
	// Output:
	// 1500.00 <nil>
	// 1500.00 <nil>
	// 1500.00 <nil>
	// 0.00 amount "1.500": can mean two amounts; write 1500 or 1.50
}
