package portal

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/tjansteresor/tjansteresor/csvimport"
	"github.com/tjansteresor/tjansteresor/travel"
)

func (v *visit) importsLink() link { return link{v.T("Importera", "Import"), v.to("imports")} }

// upload takes a file and goes on to its preview.
func (v *visit) upload() error {
	f := form{
		Title: v.T("Importera resenärer", "Import travelers"), Section: "imports", Back: v.travelersLink(), Upload: true,
		Intro: []string{
			v.T("Ladda upp en lista som CSV-fil, som Excel sparar den. Kolumnerna Förnamn, Efternamn och Mobilnummer måste finnas; Avdelning, Referens, Anställningsnummer, E-post och Kreditgräns får finnas.",
				"Upload a list as a CSV file, as Excel saves it. The columns First name, Last name and Mobile number must be there; Department, Reference, Employee number, E-mail and Credit limit may be."),
			v.T("En rad med kreditgräns skapar, ansluter och skickar SMS. En rad utan kreditgräns skapar bara. Inget görs förrän du har granskat listan.",
				"A row with a limit creates, connects and sends an SMS. A row without one only creates. Nothing is done before you have checked the list."),
		},
		Fields: []field{{
			Name: "file", Of: "File", Kind: "file", Label: v.T("CSV-fil", "CSV file"), Required: true,
			Hint: v.T(fmt.Sprintf("Högst %d MB.", v.p.o.MaxUpload>>20), fmt.Sprintf("At most %d MB.", v.p.o.MaxUpload>>20)),
		}, v.languageField()},
		Submit: v.T("Granska listan", "Check the list"), Extra: "sample",
	}
	if v.whole {
		f.Fields = append(f.Fields, field{Name: "create", Kind: "check", Label: v.T("Skapa avdelningar som saknas", "Create departments that do not exist")})
	}
	return v.run(&f, func() (string, string, error) {
		i, err := v.read()
		if err != nil {
			return "", "", err
		}
		if !v.p.imports.keep(i) {
			return "import-busy", v.to("imports"), nil
		}
		return "", v.to("imports", i.id), nil
	})
}

// read reads and plans the file that was sent.
func (v *visit) read() (*imported, error) {
	sent, head, err := v.r.FormFile("file")
	if err != nil {
		return nil, &travel.InputError{Field: "File", Err: errNoFile}
	}
	defer sent.Close()
	if head.Size > v.p.o.MaxUpload {
		return nil, errTooLarge
	}
	content, err := v.p.o.Travel.ReadImport(sent)
	if err != nil {
		return nil, err
	}
	i := &imported{user: v.user, at: v.p.o.Clock(), trips: v.p.o.Travel, req: travel.ImportRequest{
		Company: v.user.Company, File: content, Key: newKey(), Language: v.smsLanguage(),
		CreateDepartments: v.whole && v.value("create") != "",
	}}
	i.plan, err = v.p.o.Travel.PlanImport(v.r.Context(), v.user.Actor, i.req)
	return i, err
}

// importPage is an uploaded list, before, while and after it is applied.
type importPage struct {
	URL                                    string
	Plan                                   travel.ImportPlan
	Errors                                 []importError
	More                                   int
	Ignored                                []string
	Cost, Minutes                          string
	Seen, Waiting, Running, Done, CanApply bool
	Failed                                 string
	Percent, Made, Total                   int
	Result                                 travel.ImportResult
	Watch                                  bool
	OK                                     badge
}

type importError struct {
	Line int
	Text string
}

// maxShownErrors is how many errors are shown; the file has them all.
const maxShownErrors = 100

func (v *visit) foundImport() (imported, bool) {
	return v.p.imports.find(v.r.PathValue("import"), v.user, v.p.o.Clock())
}

func (v *visit) preview() error {
	i, ok := v.foundImport()
	if !ok {
		return v.redirect("import-gone", v.to("imports"))
	}
	p := importPage{
		URL: v.to("imports", i.id), Plan: i.plan, Ignored: i.req.File.Ignored, Made: i.done, Total: i.total, Result: i.result,
		Seen: i.state == importSeen, Waiting: i.state == importQueued, Running: i.state == importRunning, Done: i.state == importDone,
		OK:    badge{Text: v.T("Listan är importerad.", "The list is imported."), Tone: "good", Mark: "✓"},
		Watch: v.r.URL.Query().Get("watch") == "yes",
	}
	p.CanApply = i.plan.Created+i.plan.Updated > 0
	if i.total > 0 {
		p.Percent = 100 * i.done / i.total
	}
	if i.plan.Cost.IsPositive() {
		p.Cost = v.Kronor(i.plan.Cost)
	}
	if m := int(i.plan.SentWithin.Minutes()); m > 0 {
		p.Minutes = fmt.Sprint(m)
	}
	for _, e := range i.plan.Errors[:min(len(i.plan.Errors), maxShownErrors)] {
		p.Errors = append(p.Errors, importError{e.Line, e.Text(v.tag)})
	}
	p.More = i.plan.ErrorCount - len(p.Errors)
	if i.state == importFailed {
		p.Failed = v.importFailure(i.err)
		if p.Failed == "" {
			v.p.o.Logger.ErrorContext(v.r.Context(), "portal: import failed", "error", typesOf(i.err))
			p.Failed = v.T("Något gick fel hos oss. Inget i listan är gjort. Försök igen om en stund.", "Something went wrong with us. Nothing of the list was done. Try again in a while.")
		}
		p.Seen = true
	}
	pg := page{Title: v.importTitle(i.state), Section: "imports", Template: "import", Data: p}
	crumb := v.importsLink()
	pg.Crumb = &crumb
	if p.Watch && (p.Waiting || p.Running) {
		pg.Refresh = 5
	}
	return v.show(pg)
}

func (v *visit) importTitle(s importState) string {
	switch s {
	case importQueued, importRunning:
		return v.T("Importen pågår", "The import is under way")
	case importDone:
		return v.T("Importen är klar", "The import is done")
	case importFailed:
		return v.T("Importen gjordes inte", "The import was not done")
	}
	return v.T("Granska listan", "Check the list")
}

func (v *visit) importFailure(err error) string {
	switch {
	case errors.Is(err, errInterrupted):
		return v.T("Importen avbröts. Inget i listan är gjort. Starta den igen.", "The import was interrupted. Nothing of the list was done. Start it again.")
	case errors.Is(err, travel.ErrPlanStale):
		return v.T("Något har ändrats sedan du granskade listan. Inget i den är gjort. Granska den igen.", "Something has changed since you checked the list. Nothing of it was done. Check it again.")
	case errors.Is(err, travel.ErrImport):
		return v.T("Listan har fel. Rätta dem, eller välj att bara importera de rader som är rätt.", "The list has errors. Mend them, or choose to import the good rows only.")
	case errors.Is(err, travel.ErrCompanyInactive):
		return v.T("Företaget är inte godkänt, eller så är avtalet avslutat.", "The company is not approved, or the account is closed.")
	case errors.Is(err, travel.ErrUnknownOutcome):
		return v.T("Det är oklart om importen sparades. Starta den igen: den görs ändå bara en gång.", "It is not known whether the import was saved. Start it again: it is done once all the same.")
	}
	return ""
}

// applyImport starts the import, once however often the button is pressed, and
// goes on to the page that tells how far it is.
func (v *visit) applyImport() error {
	if err := v.readForm(false); err != nil {
		return err
	}
	i, ok := v.foundImport()
	if !ok {
		return v.redirect("import-gone", v.to("imports"))
	}
	own := v.to("imports", i.id)
	// The administrator has seen the plan of this fingerprint and no other.
	if i.state == importSeen || i.state == importFailed {
		plan, err := v.p.o.Travel.PlanImport(v.r.Context(), v.user.Actor, i.req)
		if err != nil {
			return err
		}
		if plan.Fingerprint != v.value("fingerprint") {
			v.p.imports.replan(i.id, plan)
			return v.redirect("import-stale", own)
		}
		v.p.imports.start(v.r.Context(), i.id, v.value("good") != "")
	}
	watch := ""
	if v.value("watch") != "" {
		watch = "yes"
	}
	return v.redirect("", query(own, "watch", watch))
}

// errorFile is the list of what is wrong, to mend and import again.
func (v *visit) errorFile() error {
	i, ok := v.foundImport()
	if !ok {
		return travel.ErrNotFound
	}
	v.attach("text/csv; charset=utf-8", v.T("fel-i-listan.csv", "errors-in-the-list.csv"))
	return csvimport.WriteErrors(v.w, v.tag, i.plan.Errors)
}

func (v *visit) attach(mediaType, name string) {
	v.w.Header().Set("Content-Type", mediaType)
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	v.w.WriteHeader(http.StatusOK)
}

// sample is a list to begin with.
func (v *visit) sample() error {
	v.attach("text/csv; charset=utf-8", v.T("resenarer.csv", "travelers.csv"))
	head := v.T("Förnamn;Efternamn;Mobilnummer;Avdelning;Anställningsnummer;E-post;Kreditgräns", "First name;Last name;Mobile number;Department;Employee number;E-mail;Credit limit")
	_, err := io.WriteString(v.w, "\ufeff"+head+"\r\nAnna;Andersson;070-174 06 05;;1001;;500\r\nErik;Öberg;070-174 06 06;;1002;;\r\n")
	return err
}
