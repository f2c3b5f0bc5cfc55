// Package csvimport reads lists of travelers as they come out of spreadsheets:
// from an [io.Reader] to rows and row errors, without any other effect (R06,
// R07). What a row leads to (a traveler is created, connected, or left as it
// is) is decided by package travel.
//
//	result, err := csvimport.Read(file, csvimport.Options{MaxLimit: decimal.New(15_000, 0)})
//
// # The file
//
// The first row that is not empty holds the headings, Swedish or English, in
// any order; case, spaces and punctuation do not matter:
//
//	first name       Förnamn, Tilltalsnamn; First name, Given name        mandatory
//	last name        Efternamn; Last name, Surname                        mandatory
//	mobile           Mobilnummer, Mobil, Telefon; Mobile, Phone           mandatory
//	e-mail           E-post, Mejl; Email, Mail
//	department       Avdelning, Enhet; Department, Unit
//	reference        Referensnummer, Ansvarsnummer, Referens; Reference
//	employee number  Anställningsnummer; Employee number
//	credit limit     Kreditgräns; Credit limit
//
// Other columns are ignored, and their headings told in [Result.Ignored].
//
// The encoding is decided by the byte-order mark (UTF-8, UTF-16), then by
// whether the file is valid UTF-8, and else taken to be Windows-1252, which is
// what Swedish Excel saves as CSV. A file in yet another encoding is refused
// where that can be seen: [ErrEncoding]. The separator is the semicolon, comma
// or tab with which most headings are known, or the one that a first line sep=;
// tells. All texts come out in NFC.
//
// # Rows
//
// Every [Row] has a first and a last name, a mobile number that no other row
// has (R08), and, if it has a limit, one of more than zero and at most
// [Options.MaxLimit] (R17). A blank limit is none ([Row.HasLimit]); see
// [ParseAmount] for how amounts may be written. Empty rows are skipped.
//
// # Errors
//
// A file that cannot be read as a whole gives a [FileError]; nothing of it
// should be used. Everything else is a [RowError] with line, column, value and
// a stable code, and the other rows are good: whether they are to be imported
// without the bad ones is the caller's choice. All errors of all rows are
// found in one go. Two rows with the same mobile or employee number are an
// error of the later one, also if the first has errors of its own.
//
// Both errors have texts in Swedish and English. They show a person's name,
// e-mail address and numbers masked only, and so do rows when they are printed
// (I7). [WriteErrors] writes a file for download: the bad rows as they were and
// what is wrong with them.
//
// # Limits and concurrency
//
// A file is held in memory, at most [Options.MaxBytes]. The functions may be
// called from many goroutines; a [Reader] belongs to one.
package csvimport
