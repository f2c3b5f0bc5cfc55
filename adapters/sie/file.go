package sie

import (
	"bufio"
	"strconv"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/lang"
	"github.com/tjansteresor/tjansteresor/invoice"
)

// file is a file that is being written. A failed write shows when it is
// flushed.
type file struct {
	*Renderer
	out     *bufio.Writer
	objects *objects
	// first is the first document: it says whose books these are.
	first *invoice.Document
}

// document writes a verification, before the first one the head of the file.
func (f *file) document(d *invoice.Document) error {
	v, err := f.verification(d)
	if err != nil {
		return err
	}
	switch {
	case f.first == nil:
		first := *d
		f.first = &first
		f.head(d)
	case d.SellerID != f.first.SellerID:
		return wrong(d, ErrMixed, "seller %q after %q", d.SellerID, f.first.SellerID)
	case d.Currency != f.first.Currency:
		return wrong(d, ErrMixed, "currency %q after %q", d.Currency, f.first.Currency)
	}
	f.verify(v)
	return nil
}

// date is a day in the operator's zone.
func (f *file) date(at time.Time) string { return at.In(f.zone).Format("20060102") }

// head says what file it is, who has made it, of whom it is and which accounts
// and objects are in it.
func (f *file) head(d *invoice.Document) {
	f.line("#FLAGGA", "0")
	f.line("#PROGRAM", quoted(f.options.Program), quoted(f.options.Version))
	f.line("#FORMAT", "PC8")
	f.line("#GEN", f.date(d.IssuedAt))
	f.line("#SIETYP", "4")
	f.line("#ORGNR", organizationNumber(d.Seller.OrganizationNumber))
	f.line("#FNAMN", quoted(d.Seller.Name))
	f.line("#KPTYP", quoted(f.options.Chart))
	f.line("#VALUTA", quoted(d.Currency))
	for _, a := range f.options.accounts() {
		f.line("#KONTO", a.Number, quoted(a.Name))
	}
	for _, o := range f.objects.dimensions() {
		f.line("#DIM", strconv.Itoa(o.Dimension), quoted(o.DimensionName))
	}
	for _, o := range f.objects.list {
		f.line("#OBJEKT", strconv.Itoa(o.Dimension), quoted(o.Number), quoted(o.Name))
	}
}

func (f *file) verify(v verification) {
	number := ""
	if f.options.Numbered {
		number = strconv.FormatInt(v.document.Number, 10)
	}
	f.line("#VER", quoted(f.options.Series), quoted(number), f.date(v.document.IssuedAt), quoted(f.text(v.document)))
	f.line("{")
	for _, t := range v.rows {
		objects := ""
		if t.result {
			objects = v.objects
		}
		f.line("   #TRANS", t.account, "{"+objects+"}", t.amount.String())
	}
	f.line("}")
}

// text says what is booked: number, counterparty and month.
func (f *file) text(d *invoice.Document) string {
	say := func(swedish, english string) string {
		return lang.Text{Swedish: swedish, English: english}.In(f.options.Language)
	}
	text := say("Faktura ", "Invoice ") + d.Label()
	if d.Original != nil {
		text = say("Kreditfaktura ", "Credit note ") + d.Label() + say(" av ", " of ") + d.Original.Label()
	}
	return text + ", " + d.Buyer.Name + ", " + d.Month.String()
}

func (f *file) line(fields ...string) {
	for i, s := range fields {
		if i > 0 {
			f.out.WriteByte(' ')
		}
		f.out.WriteString(s)
	}
	f.out.WriteString("\r\n")
}

// organizationNumber writes a number as the format wants it: 556000-0167.
func organizationNumber(s string) string {
	if len(s) == 10 && strings.Trim(s, "0123456789") == "" {
		return s[:6] + "-" + s[6:]
	}
	return quoted(s)
}

// verification is a document as it is booked.
type verification struct {
	document *invoice.Document
	rows     []transaction
	// objects is what stands between the braces of results.
	objects string
}

// transaction is an amount on an account; debits are positive.
type transaction struct {
	account string
	amount  credit.Amount
	// result tells that the account is one of income and not of what is owned
	// or owed.
	result bool
}

// verification books a document, or says why it cannot be booked.
func (f *file) verification(d *invoice.Document) (v verification, err error) {
	switch {
	case d.IssuedAt.IsZero() || d.Number == 0:
		return v, wrong(d, ErrNotIssued, "%s", d.Kind)
	case d.Partial():
		return v, wrong(d, ErrPart, "")
	}
	rows := []transaction{{f.options.Receivable.Number, d.Payable(), false}}
	var net, vat credit.Amount
	for _, r := range d.Rates {
		at, ok := f.options.rate(r.Rate, r.Category)
		if !ok || r.VAT != 0 && at.VAT.Number == "" {
			return v, wrong(d, ErrNoAccount, "for VAT rate %d.%02d %%, category %q", r.Rate/100, r.Rate%100, r.Category)
		}
		if r.Net+r.VAT != r.Gross {
			return v, wrong(d, ErrUnbalanced, "at %d.%02d %% net %s and VAT %s are not %s", r.Rate/100, r.Rate%100, r.Net, r.VAT, r.Gross)
		}
		rows = append(rows, transaction{at.Sales.Number, -r.Net, true})
		if r.VAT != 0 {
			rows = append(rows, transaction{at.VAT.Number, -r.VAT, false})
		}
		net += r.Net
		vat += r.VAT
	}
	if net != d.Net || vat != d.VAT || net+vat != d.Gross {
		return v, wrong(d, ErrUnbalanced, "net %s and VAT %s of its rates are not its net %s, VAT %s and gross %s", net, vat, d.Net, d.VAT, d.Gross)
	}
	if d.Rounding != 0 {
		rows = append(rows, transaction{f.options.Rounding.Number, -d.Rounding, true})
	}
	if d.Original != nil {
		for i := range rows {
			rows[i].amount = -rows[i].amount
		}
	}
	on, err := f.objects.of(d)
	return verification{d, rows, on}, err
}
