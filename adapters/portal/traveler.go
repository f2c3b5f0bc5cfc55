package portal

import (
	"errors"
	"time"

	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/travel"
)

// travelerPage is one traveler with everything that can be done.
type travelerPage struct {
	travel.TravelerView
	Name, Number, Department, URL string
	State, OK                     badge
	RaiseThrough                  string
	CannotConnect, CannotBuy      []cause
	Messages                      []messageRow
	Connected, Pending            bool
	// Key is for the button that sends again.
	Key string
}

type messageRow struct {
	travel.MessageView
	Status badge
	Reason string
}

// found reads the traveler that the address names, within reach.
func (v *visit) foundTraveler() (travel.TravelerView, error) {
	id, err := travel.ParseID[travel.TravelerID](v.r.PathValue("id"))
	if err != nil {
		return travel.TravelerView{}, travel.ErrNotFound
	}
	return v.p.o.Travel.Traveler(v.r.Context(), v.user.Actor, v.user.Company, id)
}

func (v *visit) traveler() error {
	t, err := v.foundTraveler()
	if err != nil {
		return err
	}
	departments, err := v.departmentList()
	if err != nil {
		return err
	}
	messages, err := v.p.o.Travel.Messages(v.r.Context(), v.user.Actor, v.user.Company, t.ID)
	if err != nil {
		return err
	}
	p := travelerPage{
		TravelerView: t, Name: fullName(t), Number: showNumber(t.Number), URL: v.to("travelers", t.ID.String()), State: v.state(t), OK: badge{Text: v.T("Ja", "Yes"), Tone: "good", Mark: "✓"},
		Connected: t.Connection == travel.ConnectionActive || t.Connection == travel.ConnectionPending,
		Pending:   t.Connection == travel.ConnectionPending, Key: newKey(),
	}
	if !t.RaisedUntil.IsZero() {
		p.RaiseThrough = v.lastDay(t.RaisedUntil)
	}
	policies := []*travel.Policy{v.company.Policy}
	for _, d := range departments {
		if d.ID == t.Department {
			p.Department = d.Name
			policies = append(policies, d.Policy)
		}
	}
	for _, m := range messages {
		p.Messages = append(p.Messages, messageRow{m, v.messageState(m), v.messageReason(m)})
	}
	p.CannotConnect, p.CannotBuy = v.cannotConnect(t, messages), v.cannotBuy(t, policies)
	crumb := v.travelersLink()
	return v.show(page{Title: p.Name, Section: "travelers", Crumb: &crumb, Template: "traveler", Data: p})
}

func (v *visit) travelersLink() link { return link{v.T("Resenärer", "Travelers"), v.to("travelers")} }

// showNumber writes a number in groups, for people.
func showNumber(n travel.PhoneNumber) string {
	s := n.E164()
	if len(s) == 12 && s[:3] == "+46" {
		return "+46 " + s[3:5] + " " + s[5:8] + " " + s[8:10] + " " + s[10:]
	}
	return s
}

// departmentField chooses one of the departments within reach.
func (v *visit) departmentField(chosen travel.DepartmentID) (field, error) {
	list, err := v.departmentList()
	f := field{
		Name: "department", Of: "Department", Kind: "select", Label: v.T("Avdelning", "Department"),
		Hint:  v.T("Avdelningens referens står på fakturan för det som köps från och med nu.", "Its reference marks the invoice of what is bought from now on."),
		Value: chosen.String(),
	}
	if v.whole {
		f.Options = append(f.Options, option{Value: travel.DepartmentID{}.String(), Label: v.T("Ingen avdelning (företagets referens)", "No department (the company's reference)")})
	}
	for _, d := range list {
		f.Options = append(f.Options, option{Value: d.ID.String(), Label: d.Name})
	}
	return f, err
}

// languageField chooses the language of an SMS.
func (v *visit) languageField() field {
	return field{
		Name: "sms", Kind: "select", Label: v.T("Språk i SMS:et", "Language of the SMS"), Value: "sv",
		Options: []option{{Value: "sv", Label: "Svenska"}, {Value: "en", Label: "English"}},
	}
}

func (v *visit) smsLanguage() language.Tag {
	if v.value("sms") == "en" {
		return language.English
	}
	return language.Swedish
}

func (v *visit) detailFields(t travel.TravelerView) ([]field, error) {
	department, err := v.departmentField(t.Department)
	return []field{
		{Name: "first", Of: "FirstName", Kind: "text", Label: v.T("Förnamn", "First name"), Value: t.FirstName, Required: true},
		{Name: "last", Of: "LastName", Kind: "text", Label: v.T("Efternamn", "Last name"), Value: t.LastName, Required: true},
		department,
		{Name: "employee", Of: "EmployeeNumber", Kind: "text", Label: v.T("Anställningsnummer", "Employee number"), Value: t.EmployeeNumber,
			Hint: v.T("Behöver inte fyllas i. Skriv inte personnummer.", "Optional. Do not write a personal identity number.")},
		{Name: "email", Of: "Email", Kind: "email", Label: v.T("E-post", "E-mail"), Value: t.Email, Hint: v.T("Behöver inte fyllas i.", "Optional.")},
	}, err
}

// details reads what detailFields ask for.
func (v *visit) details() (travel.TravelerDetails, error) {
	d := travel.TravelerDetails{
		FirstName: v.value("first"), LastName: v.value("last"), EmployeeNumber: v.value("employee"), Email: v.value("email"),
	}
	department, err := v.chosenDepartment(v.value("department"))
	d.Department = department
	return d, err
}

// chosenDepartment reads a department that was chosen; whether it lies within
// reach is asked of package travel (R40).
func (v *visit) chosenDepartment(text string) (travel.DepartmentID, error) {
	id, err := travel.ParseID[travel.DepartmentID](text)
	switch {
	case err != nil:
		err = errDepartment
	case id.IsZero() && v.whole:
		return id, nil
	default:
		err = v.p.o.Travel.Reach(v.r.Context(), v.user.Actor, v.user.Company, id)
	}
	if err == nil {
		return id, nil
	}
	if errors.Is(err, errDepartment) || errors.Is(err, travel.ErrNotFound) || errors.Is(err, travel.ErrForbidden) {
		err = &travel.InputError{Field: "Department", Err: errDepartment}
	}
	return id, err
}

func (v *visit) numberField(hint string) field {
	return field{Name: "number", Of: "Number", Kind: "tel", Label: v.T("Mobilnummer", "Mobile number"), Required: true, Hint: hint}
}

func (v *visit) newTraveler() error {
	fields, err := v.detailFields(travel.TravelerView{})
	if err != nil {
		return err
	}
	number := v.numberField(v.T("Numret som resenären har i appen, till exempel 070-123 45 67. En privat telefon går lika bra.",
		"The number that the traveler has in the app, such as 070-123 45 67. A private phone will do."))
	f := form{
		Title: v.T("Skapa resenär", "Create traveler"), Section: "travelers", Back: v.travelersLink(),
		Intro:  []string{v.T("Att skapa en resenär ger ingen tillgång än: det gör du när du ansluter resenären.", "Creating a traveler gives no access yet: connecting does.")},
		Fields: append([]field{fields[0], fields[1], number}, fields[2:]...), Submit: v.T("Skapa resenären", "Create the traveler"),
	}
	var n travel.PhoneNumber
	var d travel.TravelerDetails
	f.Check = func() (err error) {
		var err2 error
		n, err = v.p.o.Travel.ParseNumber(v.value("number"))
		d, err2 = v.details()
		return errors.Join(err, err2)
	}
	return v.run(&f, func() (string, string, error) {
		if err := f.Check(); err != nil {
			return "", "", err
		}
		t, err := v.p.o.Travel.AddTraveler(v.r.Context(), v.user.Actor, v.user.Company, n, d)
		return "traveler-added", v.to("travelers", t.ID.String()), err
	})
}

// act makes the form of something that is done to the traveler of the address.
func (v *visit) act(f *form, make func(travel.TravelerView) error, do func(travel.TravelerView) (string, error)) error {
	t, err := v.foundTraveler()
	if err != nil {
		return err
	}
	own := v.to("travelers", t.ID.String())
	f.Section, f.Back = "travelers", link{fullName(t), own}
	if err := make(t); err != nil {
		return err
	}
	return v.run(f, func() (string, string, error) {
		name, err := do(t)
		return name, own, err
	})
}

func (v *visit) editTraveler() error {
	f := form{Title: v.T("Ändra uppgifter", "Change details"), Submit: v.T("Spara", "Save")}
	return v.act(&f, func(t travel.TravelerView) (err error) {
		f.Fields, err = v.detailFields(t)
		return err
	}, func(t travel.TravelerView) (string, error) {
		d, err := v.details()
		if err != nil {
			return "", err
		}
		return "traveler-updated", v.p.o.Travel.UpdateTraveler(v.r.Context(), v.user.Actor, v.user.Company, t.ID, d)
	})
}

// maximum is the highest limit that can be given here, of the operator's and
// the company's own.
func (v *visit) maximum() credit.Amount {
	most := v.p.o.Travel.Rules().Maximum
	for _, m := range []credit.Amount{v.company.Ceiling, v.company.Maximum} {
		if m > 0 {
			most = min(most, m)
		}
	}
	return most
}

func (v *visit) limitField(label string) field {
	return field{
		Name: "limit", Of: "Limit", Kind: "money", Label: label, Required: true,
		Hint: v.T("Kronor per kalendermånad, högst "+v.Ore(v.maximum())+".", "Kronor per calendar month, at most "+v.Ore(v.maximum())+"."),
	}
}

func (v *visit) connect() error {
	f := form{Title: v.T("Anslut till Tjänsteresor", "Connect to business trips"), Submit: v.T("Anslut och skicka SMS", "Connect and send SMS"), Key: true}
	return v.act(&f, func(t travel.TravelerView) error {
		f.Intro = []string{v.T("Ett SMS med instruktion, användarnamn och engångskod skickas till "+showNumber(t.Number)+". Hur länge koden gäller står i SMS:et.",
			"An SMS with instructions, username and one-time code is sent to "+showNumber(t.Number)+". The SMS says how long the code is valid.")}
		if t.Connection == travel.ConnectionActive || t.Connection == travel.ConnectionPending {
			f.Intro = append(f.Intro, v.T("Resenären har redan en anslutning. Den avslutas genast, och resenären måste använda den nya koden.",
				"The traveler has a connection already. It ends at once, and the traveler must use the new code."))
		}
		limit := v.limitField(v.T("Kreditgräns per månad", "Credit limit per month"))
		if t.Limit.IsPositive() {
			limit.Value = t.Limit.StringFixed(2)
		}
		f.Fields = []field{limit, {
			Name: "note", Of: "Note", Kind: "text", Label: v.T("Vem har godkänt?", "Who has approved?"),
			Hint: v.T("Behöver inte fyllas i. Till exempel vilken chef som har gett sitt godkännande.", "Optional. Which manager has approved, for example."),
		}, v.languageField()}
		return nil
	}, func(t travel.TravelerView) (string, error) {
		limit, err := v.amount("limit", "Limit")
		if err != nil {
			return "", err
		}
		_, err = v.p.o.Travel.Connect(v.r.Context(), v.user.Actor, travel.ConnectRequest{
			Company: v.user.Company, Traveler: t.ID, Key: f.KeyValue, Limit: limit, Language: v.smsLanguage(), Note: v.value("note"),
		})
		return "connected", err
	})
}

func (v *visit) changeNumber() error {
	f := form{Title: v.T("Byt mobilnummer", "Change mobile number"), Submit: v.T("Byt nummer", "Change number"), Key: true}
	return v.act(&f, func(t travel.TravelerView) error {
		f.Intro = []string{v.T("Nu: "+showNumber(t.Number)+". Det gamla numret förlorar tillgången genast. Kreditgränsen och det som har köpts i månaden följer med.",
			"Now: "+showNumber(t.Number)+". The old number loses access at once. The limit and what was bought this month are carried over.")}
		f.Fields = []field{v.numberField(v.T("Det nya numret, till exempel 070-123 45 67.", "The new number, such as 070-123 45 67."))}
		f.Fields[0].Label = v.T("Nytt mobilnummer", "New mobile number")
		if t.Limit.IsPositive() {
			f.Fields = append(f.Fields, field{Name: "connect", Kind: "check", Value: "yes",
				Label: v.T("Anslut genast: skicka SMS med nya uppgifter till det nya numret", "Connect at once: send an SMS with new credentials to the new number")}, v.languageField())
		}
		return nil
	}, func(t travel.TravelerView) (string, error) {
		n, err := v.p.o.Travel.ParseNumber(v.value("number"))
		if err != nil {
			return "", err
		}
		again := t.Limit.IsPositive() && v.value("connect") != ""
		_, err = v.p.o.Travel.ChangeNumber(v.r.Context(), v.user.Actor, travel.ChangeNumberRequest{
			Company: v.user.Company, Traveler: t.ID, Key: f.KeyValue, Number: n, Connect: again, Language: v.smsLanguage(),
		})
		if again {
			return "number-connected", err
		}
		return "number-changed", err
	})
}

func (v *visit) notConnected() string {
	return v.T("Resenären är inte ansluten. Anslut resenären i stället, med den kreditgräns som ska gälla.",
		"The traveler is not connected. Connect the traveler instead, with the limit that shall be in force.")
}

func (v *visit) setLimit() error {
	f := form{Title: v.T("Ändra kreditgräns", "Change credit limit"), Submit: v.T("Spara kreditgränsen", "Save the limit"), Conflict: v.notConnected()}
	return v.act(&f, func(t travel.TravelerView) error {
		f.Intro = []string{v.T("Ändringen gäller genast, också för den här månaden. Inget SMS skickas och inget behöver göras i appen.",
			"The change counts at once, this month included. No SMS is sent, and nothing need be done in the app.")}
		limit := v.limitField(v.T("Kreditgräns per månad", "Credit limit per month"))
		if t.Limit.IsPositive() {
			limit.Value = t.Limit.StringFixed(2)
		}
		f.Fields = []field{limit}
		return nil
	}, func(t travel.TravelerView) (string, error) {
		limit, err := v.amount("limit", "Limit")
		if err != nil {
			return "", err
		}
		return "limit-set", v.p.o.Travel.SetLimit(v.r.Context(), v.user.Actor, v.user.Company, t.ID, limit)
	})
}

func (v *visit) raiseLimit() error {
	f := form{Title: v.T("Höj kreditgränsen tillfälligt", "Raise the limit for a time"), Submit: v.T("Höj", "Raise"), Conflict: v.notConnected()}
	return v.act(&f, func(t travel.TravelerView) error {
		f.Intro = []string{v.T("Höjningen gäller genast och slutar av sig själv. Kreditgränsen är nu "+v.Kronor(t.Limit)+".",
			"The raise counts at once and ends by itself. The limit is now "+v.Kronor(t.Limit)+".")}
		f.Fields = []field{v.limitField(v.T("Tillfällig kreditgräns", "Temporary limit")), {
			Name: "until", Of: "Until", Kind: "date", Label: v.T("Till och med", "Through"),
			Hint: v.T("Lämna tomt för resten av månaden.", "Leave empty for the rest of the month."),
		}}
		return nil
	}, func(t travel.TravelerView) (string, error) {
		limit, err1 := v.amount("limit", "Limit")
		until, err2 := v.dayAfter("until", "Until")
		if err := errors.Join(err1, err2); err != nil {
			return "", err
		}
		return "raised", v.p.o.Travel.RaiseLimit(v.r.Context(), v.user.Actor, v.user.Company, t.ID, limit, until)
	})
}

// dayAfter reads a last day as the instant at which it ends; blank is zero.
func (v *visit) dayAfter(name, of string) (time.Time, error) {
	text := v.value(name)
	if text == "" {
		return time.Time{}, nil
	}
	zone := v.p.o.Travel.Rules().Zone
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}, &travel.InputError{Field: of, Err: errDate}
	}
	end := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone)
	if !end.After(v.p.o.Clock()) {
		return time.Time{}, &travel.InputError{Field: of, Err: errPast}
	}
	return end, nil
}

func (v *visit) removeLimit() error {
	f := form{Title: v.T("Radera kreditgräns", "Remove credit limit"), Submit: v.T("Radera kreditgränsen", "Remove the limit"), Danger: true}
	return v.act(&f, func(t travel.TravelerView) error {
		f.Warning = v.T("Tillgången till tjänsteresor tas bort genast för "+fullName(t)+".", "Access to business trips is taken away at once from "+fullName(t)+".")
		f.Intro = []string{
			v.T("Det som redan är köpt faktureras. Resenären finns kvar i listan.", "What is bought already is invoiced. The traveler stays in the list."),
			v.T("För att resa igen måste resenären anslutas på nytt, med nytt användarnamn och ny engångskod.", "To travel again the traveler must be connected again, with a new username and a new one-time code."),
		}
		return nil
	}, func(t travel.TravelerView) (string, error) {
		return "limit-removed", v.p.o.Travel.RemoveLimit(v.r.Context(), v.user.Actor, v.user.Company, t.ID)
	})
}

func (v *visit) erase() error {
	f := form{
		Title: v.T("Radera personuppgifter", "Erase personal data"), Submit: v.T("Radera personuppgifterna", "Erase the personal data"), Danger: true,
		Conflict: v.T("En betalning pågår just nu. Försök igen om en stund.", "A payment is under way. Try again in a while."),
	}
	t, err := v.foundTraveler()
	if err != nil {
		return err
	}
	f.Section, f.Back = "travelers", link{fullName(t), v.to("travelers", t.ID.String())}
	f.Warning = v.T("Det går inte att ångra. "+fullName(t)+" försvinner ur portalen.", "This cannot be undone. "+fullName(t)+" disappears from the portal.")
	f.Intro = []string{v.T("Namn, mobilnummer, e-post, anställningsnummer och syften tas bort, och tillgången upphör. Köp, summor och fakturor finns kvar utan personen, så länge bokföringslagen kräver det.",
		"Name, mobile number, e-mail, employee number and purposes are removed, and the access ends. Purchases, totals and invoices stay without the person, as long as bookkeeping law wants it.")}
	f.Fields = []field{{Name: "sure", Kind: "check", Required: true, Label: v.T("Ja, radera personuppgifterna", "Yes, erase the personal data")}}
	return v.run(&f, func() (string, string, error) {
		return "erased", v.to("travelers"), v.p.o.Travel.Erase(v.r.Context(), v.user.Actor, v.user.Company, t.ID)
	})
}

// press does what one button of the traveler's page asks for.
func (v *visit) press(name string, do func(travel.TravelerID) error) error {
	t, err := v.foundTraveler()
	if err != nil {
		return err
	}
	if err := v.readForm(false); err != nil {
		return err
	}
	own := v.to("travelers", t.ID.String())
	switch err := do(t.ID); {
	case errors.Is(err, travel.ErrConflict) && name == "resent":
		return v.redirect("not-waiting", own)
	case errors.Is(err, travel.ErrConflict):
		return v.redirect("not-connected", own)
	case errors.Is(err, travel.ErrCooldown):
		return v.redirect("cooldown", own)
	case err != nil:
		return err
	}
	return v.redirect(name, own)
}

func (v *visit) resend() error {
	return v.press("resent", func(id travel.TravelerID) error {
		key := v.r.PostForm.Get("key")
		if key == "" {
			return errBody
		}
		_, err := v.p.o.Travel.Resend(v.r.Context(), v.user.Actor, travel.ResendRequest{
			Company: v.user.Company, Traveler: id, Key: key, Language: v.smsLanguage(),
		})
		return err
	})
}

func (v *visit) endRaise() error {
	return v.press("raise-ended", func(id travel.TravelerID) error {
		return v.p.o.Travel.EndRaise(v.r.Context(), v.user.Actor, v.user.Company, id)
	})
}

func (v *visit) freeze() error { return v.setFrozen("frozen", true) }
func (v *visit) thaw() error   { return v.setFrozen("thawed", false) }

func (v *visit) setFrozen(name string, frozen bool) error {
	return v.press(name, func(id travel.TravelerID) error {
		return v.p.o.Travel.SetFrozen(v.r.Context(), v.user.Actor, v.user.Company, id, frozen)
	})
}
