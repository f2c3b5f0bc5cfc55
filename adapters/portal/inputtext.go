package portal

import (
	"errors"
	"strings"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/csvimport"
	"github.com/tjansteresor/tjansteresor/internal/lang"
	"github.com/tjansteresor/tjansteresor/internal/number"
	"github.com/tjansteresor/tjansteresor/internal/phone"
	"github.com/tjansteresor/tjansteresor/travel"
)

// causes are what people are told of the kinds of errors behind an input.
var causes = []struct {
	kind error
	text lang.Text
}{
	{phone.ErrEmpty, lang.Text{Swedish: "måste fyllas i", English: "must be filled in"}},
	{phone.ErrScientific, lang.Text{Swedish: "har gjorts om till ett decimaltal av ett kalkylprogram", English: "was turned into a decimal number by a spreadsheet"}},
	{phone.ErrCharacters, lang.Text{Swedish: "innehåller tecken som inte hör till ett telefonnummer", English: "has characters that do not belong in a telephone number"}},
	{phone.ErrCountry, lang.Text{Swedish: "är från ett land dit SMS inte skickas", English: "is of a country to which no SMS are sent"}},
	{phone.ErrNotMobile, lang.Text{Swedish: "är inget mobilnummer. Skriv som 070-123 45 67 eller +46 70 123 45 67", English: "is no mobile number. Write it like 070-123 45 67 or +46 70 123 45 67"}},
	{csvimport.ErrAmountAmbiguous, lang.Text{Swedish: "kan betyda två belopp. Skriv 1500 eller 1,50", English: "can mean two amounts. Write 1500 or 1.50"}},
	{csvimport.ErrAmountDecimals, lang.Text{Swedish: "har fler än två decimaler", English: "has more than two decimals"}},
	{csvimport.ErrAmountNegative, lang.Text{Swedish: "måste vara mer än 0", English: "must be more than 0"}},
	{csvimport.ErrAmountZero, lang.Text{Swedish: "måste vara mer än 0", English: "must be more than 0"}},
	{csvimport.ErrAmountTooLarge, lang.Text{Swedish: "är ett för stort belopp", English: "is too large an amount"}},
	{csvimport.ErrAmountExponent, lang.Text{Swedish: "är inget belopp. Skriv till exempel 500", English: "is no amount. Write 500, say"}},
	{csvimport.ErrAmountSyntax, lang.Text{Swedish: "är inget belopp. Skriv till exempel 500", English: "is no amount. Write 500, say"}},
	{number.ErrCheck, lang.Text{Swedish: "har en kontrollsiffra som inte stämmer: något är felskrivet", English: "has a wrong check digit: there is a typing error"}},
	{number.ErrForm, lang.Text{Swedish: "har inte rätt form", English: "does not have the right form"}},
	// What is no LimitError: a raise that raises nothing.
	{credit.ErrLimit, lang.Text{Swedish: "måste vara mer än den vanliga kreditgränsen", English: "must be more than the ordinary limit"}},
	{errDate, lang.Text{Swedish: "är inget datum. Skriv år-månad-dag: 2026-01-31", English: "is no date. Write year-month-day: 2026-01-31"}},
	{errPast, lang.Text{Swedish: "måste vara i dag eller senare", English: "must be today or later"}},
	{errHours, lang.Text{Swedish: "är inget klockslag. Skriv timme och minut: 08:00", English: "is no time of day. Write hour and minute: 08:00"}},
	{errNoFile, lang.Text{Swedish: "välj en fil", English: "choose a file"}},
	{errDepartment, lang.Text{Swedish: "välj en av avdelningarna i listan", English: "choose one of the departments in the list"}},
}

var (
	errDate       = errors.New("is no date")
	errPast       = errors.New("is in the past")
	errHours      = errors.New("is no time of day")
	errNoFile     = errors.New("no file")
	errDepartment = errors.New("no department within reach")
)

// reasons are what people are told of the reasons of package travel, by how
// these begin.
var reasons = []struct {
	begins string
	text   lang.Text
}{
	{"is required", lang.Text{Swedish: "måste fyllas i", English: "must be filled in"}},
	{"has more than", lang.Text{Swedish: "är för långt", English: "is too long"}},
	{"has a control character", lang.Text{Swedish: "innehåller ett tecken som inte kan visas", English: "has a character that cannot be shown"}},
	{"is not UTF-8", lang.Text{Swedish: "innehåller ett tecken som inte kan visas", English: "has a character that cannot be shown"}},
	{"is no e-mail address", lang.Text{Swedish: "är ingen e-postadress. Skriv som namn@exempel.se", English: "is no e-mail address. Write it like name@example.com"}},
	{"must be an ISO 3166 code", lang.Text{Swedish: "ska vara en landskod med två stora bokstäver: SE", English: "must be a country code of two capitals: SE"}},
	{"must not be negative", lang.Text{Swedish: "får inte vara mindre än 0", English: "must not be less than 0"}},
	{"exceeds the operator's maximum", lang.Text{Swedish: "är mer än operatören tillåter", English: "is more than the operator allows"}},
	{"must be minutes of a day", lang.Text{Swedish: "är inget klockslag", English: "is no time of day"}},
}

// inputText says in the user's language what is wrong with an input. Errors of
// package travel have English texts for developers.
func (v *visit) inputText(e *travel.InputError) string {
	var limit *credit.LimitError
	if errors.As(e, &limit) {
		return v.limitText(limit)
	}
	for _, c := range causes {
		if errors.Is(e, c.kind) {
			return c.text.In(v.tag)
		}
	}
	for _, r := range reasons {
		if strings.HasPrefix(e.Reason, r.begins) {
			return r.text.In(v.tag)
		}
	}
	return v.T("kan inte vara så", "cannot be like that")
}

func (v *visit) limitText(e *credit.LimitError) string {
	if !e.Maximum.IsPositive() {
		return v.T("måste vara mer än 0", "must be more than 0")
	}
	most := v.Kronor(e.Maximum)
	if e.Whose == "company" {
		return v.T("får vara högst "+most+": så har företaget bestämt", "may be "+most+" at most: the company has decided so")
	}
	return v.T("får vara högst "+most+": så har operatören bestämt", "may be "+most+" at most: the operator has decided so")
}

func (v *visit) duplicateText(e *travel.DuplicateError) string {
	switch e.Field {
	case "Number":
		return v.T("hör redan till en annan resenär i företaget", "belongs to another traveler of the company")
	case "EmployeeNumber":
		return v.T("hör redan till en annan resenär", "belongs to another traveler")
	case "Name":
		return v.T("finns redan", "exists already")
	}
	return v.T("är upptaget", "is taken")
}
