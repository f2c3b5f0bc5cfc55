package csvimport

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/internal/lang"
	"github.com/tjansteresor/tjansteresor/internal/phone"
)

// Code says what is wrong with a cell or a row. Its value is stable.
type Code string

// The codes of this package. Callers add their own by [Row.Fail].
const (
	CodeRequired          Code = "required"           // mandatory and blank
	CodeFormula           Code = "formula"            // begins with = + - @ or a tab
	CodeControl           Code = "control"            // holds a control character or one that turns the direction of writing
	CodeLineBreak         Code = "line_break"         // holds a line break
	CodeEncoding          Code = "encoding"           // holds U+FFFD, which stands for what could not be read
	CodeTooLong           Code = "too_long"           // longer than Options.MaxField
	CodeEmail             Code = "email"              // no e-mail address
	CodePhoneCharacters   Code = "phone_characters"   // something that is not part of a number
	CodePhoneScientific   Code = "phone_scientific"   // 4,67E+10
	CodePhoneCountry      Code = "phone_country"      // not in Options.Countries
	CodePhoneNotMobile    Code = "phone_not_mobile"   // a land line, or too long or short
	CodeAmountSyntax      Code = "amount_syntax"      // no amount
	CodeAmountAmbiguous   Code = "amount_ambiguous"   // 1.500
	CodeAmountDecimals    Code = "amount_decimals"    // more than two
	CodeAmountNegative    Code = "amount_negative"    // less than zero
	CodeAmountExponent    Code = "amount_exponent"    // 1,5E+03
	CodeAmountZero        Code = "amount_zero"        // R17: more than 0
	CodeAmountTooLarge    Code = "amount_too_large"   // not an amount that anybody has
	CodeLimitMaximum      Code = "limit_maximum"      // R17: over Options.MaxLimit
	CodeDuplicateNumber   Code = "duplicate_number"   // an earlier row has the same mobile number (R08)
	CodeDuplicateEmployee Code = "duplicate_employee" // an earlier row has the same employee number
	CodeFieldCount        Code = "field_count"        // more or fewer cells than headings
	CodeQuote             Code = "quote"              // a quotation mark is missing or out of place
)

// texts say a code to people. Verbs stand for the details of the code.
var texts = map[Code]lang.Text{
	CodeRequired:          {Swedish: "saknas", English: "is missing"},
	CodeFormula:           {Swedish: "börjar som en formel (= + - @)", English: "begins like a formula (= + - @)"},
	CodeControl:           {Swedish: "innehåller ett styrtecken", English: "holds a control character"},
	CodeLineBreak:         {Swedish: "innehåller en radbrytning, kanske saknas ett citattecken", English: "holds a line break, maybe for a missing quotation mark"},
	CodeEncoding:          {Swedish: "innehåller ett tecken som inte kunde läsas, kontrollera filens teckenkodning", English: "holds a character that could not be read, check the encoding of the file"},
	CodeTooLong:           {Swedish: "är för lång, högst %d byte", English: "is too long, at most %d bytes"},
	CodeEmail:             {Swedish: "ser inte ut som en e-postadress", English: "does not look like an e-mail address"},
	CodePhoneCharacters:   {Swedish: "innehåller något som inte hör till ett telefonnummer", English: "holds something that is not part of a phone number"},
	CodePhoneScientific:   {Swedish: "har blivit ett decimaltal i kalkylprogrammet, formatera kolumnen som text", English: "was turned into a decimal number by the spreadsheet, format the column as text"},
	CodePhoneCountry:      {Swedish: "hör till ett land som inte är tillåtet", English: "belongs to a country that is not allowed"},
	CodePhoneNotMobile:    {Swedish: "är inte ett mobilnummer", English: "is not a mobile number"},
	CodeAmountSyntax:      {Swedish: "är inte ett belopp", English: "is not an amount"},
	CodeAmountAmbiguous:   {Swedish: "kan betyda två belopp, skriv 1500 eller 1,50", English: "can mean two amounts, write 1500 or 1.50"},
	CodeAmountDecimals:    {Swedish: "har fler än två decimaler", English: "has more than two decimals"},
	CodeAmountNegative:    {Swedish: "är negativ, måste vara mer än 0", English: "is negative, must be more than 0"},
	CodeAmountExponent:    {Swedish: "är skriven med exponent, formatera kolumnen som tal med två decimaler", English: "is written with an exponent, format the column as a number with two decimals"},
	CodeAmountZero:        {Swedish: "måste vara mer än 0", English: "must be more than 0"},
	CodeAmountTooLarge:    {Swedish: "är ett för stort belopp", English: "is too large an amount"},
	CodeLimitMaximum:      {Swedish: "är över det högsta tillåtna, %s", English: "is over the maximum, %s"},
	CodeDuplicateNumber:   {Swedish: "samma mobilnummer finns på rad %d", English: "line %d has the same mobile number"},
	CodeDuplicateEmployee: {Swedish: "samma anställningsnummer finns på rad %d", English: "line %d has the same employee number"},
	CodeFieldCount:        {Swedish: "raden har %d celler men rubrikraden har %d", English: "row has %d cells but the headings are %d"},
	CodeQuote:             {Swedish: "ett citattecken saknas eller står fel", English: "a quotation mark is missing or misplaced"},
}

// codes of the sentinels that numbers and amounts are refused with.
var codes = map[error]Code{
	phone.ErrEmpty:      CodeRequired,
	phone.ErrScientific: CodePhoneScientific,
	phone.ErrCharacters: CodePhoneCharacters,
	phone.ErrCountry:    CodePhoneCountry,
	phone.ErrNotMobile:  CodePhoneNotMobile,
	ErrAmountSyntax:     CodeAmountSyntax,
	ErrAmountAmbiguous:  CodeAmountAmbiguous,
	ErrAmountDecimals:   CodeAmountDecimals,
	ErrAmountNegative:   CodeAmountNegative,
	ErrAmountExponent:   CodeAmountExponent,
	ErrAmountZero:       CodeAmountZero,
	ErrAmountTooLarge:   CodeAmountTooLarge,
}

// RowError is one thing that is wrong with one row.
type RowError struct {
	// Line is where the row begins in the file, as a text editor counts, from 1.
	Line int
	// Column is the heading of the cell as it is in the file; "" for the whole
	// row and for a column that the file does not have.
	Column string
	// Field is what the column holds; "" for the whole row and for a column
	// that is ignored.
	Field Field
	// Code says what is wrong.
	Code Code
	// Value is the cell, to be shown to the person who made the file. Names,
	// e-mail addresses, employee and mobile numbers are masked (I7), and so is
	// anything in another column that might be one. "" if there is none.
	Value string

	text   lang.Text
	source *source
	at     int // in the source
}

// Error returns the line and the English text.
func (e RowError) Error() string {
	return fmt.Sprintf("line %d: %s", e.Line, e.Text(language.English))
}

// Text says in Swedish or English what is wrong, with the column and the value
// but without the line.
func (e RowError) Text(tag language.Tag) string {
	text := e.text.In(tag)
	if text == "" {
		text = string(e.Code)
	}
	switch {
	case e.Column == "":
		return text
	case e.Value == "":
		return e.Column + ": " + text
	}
	return lang.Text{
		Swedish: fmt.Sprintf("%s ”%s”: %s", e.Column, e.Value, text),
		English: fmt.Sprintf("%s %q: %s", e.Column, e.Value, text),
	}.In(tag)
}

// shown is the value of a field in an error.
func shown(f Field, cell string) string {
	cell = printable(trim(cell))
	switch f {
	case FieldMobile:
		return maskNumber(cell)
	case FieldDepartment, FieldReference:
		if mayBePersonal(cell) {
			return mask(cell)
		}
		return cell
	case FieldLimit:
		return shownAmount(cell)
	}
	return mask(cell)
}

// maskNumber masks a number and hides what is none.
func maskNumber(s string) string {
	if strings.ContainsFunc(s, unicode.IsLetter) && !scientific(s) {
		return mask(s)
	}
	return phone.Mask(s)
}

// mayBePersonal tells if something has slipped into the wrong column.
func mayBePersonal(s string) bool {
	digits := 0
	for _, r := range s {
		if r == '@' {
			return true
		}
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits > 6
}
