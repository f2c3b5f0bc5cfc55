package portal

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/internal/lang"
	"github.com/tjansteresor/tjansteresor/travel"
)

type auditPage struct {
	Rows  []auditRow
	Pages pages
}

type auditRow struct {
	At                       time.Time
	Who, What, About, Detail string
	URL                      string
}

// actions are the names of what is in the audit log.
var actions = map[string]lang.Text{
	"company.apply":    {Swedish: "Ansökte om konto", English: "Applied for an account"},
	"company.approved": {Swedish: "Godkände företaget", English: "Approved the company"},
	"company.rejected": {Swedish: "Avslog ansökan", English: "Rejected the application"},
	"company.update":   {Swedish: "Ändrade företagets uppgifter", English: "Changed the company's details"},

	"company.ceiling":       {Swedish: "Ändrade operatörens tak", English: "Changed the operator's ceiling"},
	"company.early_insight": {Swedish: "Ändrade insyn i öppen månad", English: "Changed insight into open months"},
	"administrator.add":     {Swedish: "Lade till en administratör", English: "Added an administrator"},
	"administrator.remove":  {Swedish: "Tog bort en administratör", English: "Removed an administrator"},
	"department.add":        {Swedish: "Skapade en avdelning", English: "Created a department"},
	"department.update":     {Swedish: "Ändrade en avdelning", English: "Changed a department"},
	"department.archive":    {Swedish: "Arkiverade en avdelning", English: "Archived a department"},
	"traveler.add":          {Swedish: "Skapade en resenär", English: "Created a traveler"},
	"traveler.update":       {Swedish: "Ändrade en resenärs uppgifter", English: "Changed a traveler's details"},
	"traveler.number":       {Swedish: "Bytte mobilnummer", English: "Changed a mobile number"},
	"traveler.connect":      {Swedish: "Anslöt en resenär", English: "Connected a traveler"},
	"traveler.disconnect":   {Swedish: "Raderade en kreditgräns", English: "Removed a credit limit"},
	"traveler.credit":       {Swedish: "Ändrade kredit", English: "Changed credit"},
	"traveler.erase":        {Swedish: "Raderade personuppgifter", English: "Erased personal data"},
	"company.closed":        {Swedish: "Avslutade avtalet", English: "Closed the account"},
	"invoice.reissue":       {Swedish: "Krediterade och utfärdade en faktura på nytt", English: "Credited an invoice and issued it anew"},
	"invoice.redeliver":     {Swedish: "Skickade en faktura igen", English: "Delivered an invoice again"},
	"month.set_aside":       {Swedish: "Sköt upp faktureringen av en månad", English: "Set the invoicing of a month aside"},
	"month.released":        {Swedish: "Släppte en uppskjuten månad", English: "Released a month that was set aside"},
	"import.apply":          {Swedish: "Importerade en lista", English: "Imported a list"},
}

// details are what the details of the log begin with, in Swedish.
var details = strings.NewReplacer(
	"temporary limit ended", "tillfällig kreditgräns avslutad", "temporary limit ", "tillfällig kreditgräns ", "limit ", "kreditgräns ",
	" until ", " till ", " to ", " till ", "frozen true", "spärrad", "frozen false", "spärren hävd",
	" created", " skapade", " updated", " ändrade", " unchanged", " oförändrade", " invalid", " felaktiga", " sent", " skickade",
	"maximum ", "högsta kreditgräns ", "policy true", "med policy", "policy false", "utan policy",
	"personal lines true", "namn på e-fakturan", "personal lines false", "inga namn på e-fakturan", " departments", " avdelningar",
)

// detailText says a detail in the user's language. What somebody typed is in
// quotation marks, and stays.
func (v *visit) detailText(r travel.AuditRecord) string {
	if r.Action == "traveler.update" {
		return ""
	}
	if v.Language() == "en" {
		return r.Detail
	}
	if strings.HasPrefix(r.Action, "department.") {
		return strings.NewReplacer("reference ", "referens ", "cost center ", "kostnadsställe ", "policy true", "med policy", "policy false", "utan policy").Replace(r.Detail)
	}
	return details.Replace(r.Detail)
}

func (v *visit) auditLog() error {
	ctx, size := v.r.Context(), int64(v.p.o.PageSize)
	all := v.company.AuditSequence
	last := max(1, (all+size-1)/size)
	number := min(max(int64(v.pageNumber()), 1), last)
	through := all - (number-1)*size
	from := max(through-size, 0)
	records, err := v.p.o.Travel.AuditLog(ctx, v.user.Actor, v.user.Company, from, int(through-from))
	if err != nil {
		return err
	}
	slices.Reverse(records)
	p := auditPage{Pages: pages{Number: int(number), Last: int(last), From: int(all - through + 1), Through: int(all - from), All: int(all)}}
	address := func(n int64) string { return query(v.to("audit"), "page", strconv.FormatInt(n, 10)) }
	if number > 1 {
		p.Pages.Previous = address(number - 1)
	}
	if number < last {
		p.Pages.Next = address(number + 1)
	}
	people, err := v.administratorNames()
	if err != nil {
		return err
	}
	for _, r := range records {
		row := auditRow{At: r.At, Who: people[r.Actor], What: r.Action, Detail: v.detailText(r)}
		if text, ok := actions[r.Action]; ok {
			row.What = text.In(v.tag)
		}
		switch {
		case r.Role != travel.RoleAdministrator:
			row.Who = v.p.o.Brand.Operator
		case row.Who == "":
			row.Who = v.T("Tidigare administratör", "Former administrator")
		}
		if row.About, row.URL, err = v.subject(r, people); err != nil {
			return err
		}
		if r.Reason != "" {
			row.Detail = strings.TrimSpace(row.Detail + " " + r.Reason)
		}
		p.Rows = append(p.Rows, row)
	}
	return v.show(page{Title: v.T("Händelser", "Events"), Section: "audit", Template: "audit", Data: p})
}

func (v *visit) administratorNames() (map[string]string, error) {
	names := map[string]string{}
	list, err := v.p.o.Travel.Administrators(v.r.Context(), v.user.Actor, v.user.Company)
	for _, a := range list {
		names[a.ID.String()] = a.Name
	}
	return names, err
}

// subject names what a record is about, as it is called today. Whom nobody
// knows any more was erased (R44).
func (v *visit) subject(r travel.AuditRecord, people map[string]string) (text, url string, err error) {
	kind, _, _ := strings.Cut(r.Action, ".")
	switch kind {
	case "traveler":
		id, err := travel.ParseID[travel.TravelerID](r.Subject)
		if err != nil {
			return "", "", nil
		}
		t, err := v.p.o.Travel.Traveler(v.r.Context(), v.user.Actor, v.user.Company, id)
		switch {
		case errors.Is(err, travel.ErrNotFound):
			return v.T("Raderad resenär", "Erased traveler"), "", nil
		case err != nil:
			return "", "", err
		}
		return fullName(t), v.to("travelers", t.ID.String()), nil
	case "administrator":
		if name := people[r.Subject]; name != "" {
			return name, "", nil
		}
		return v.T("Tidigare administratör", "Former administrator"), "", nil
	case "department":
		list, err := v.departmentList()
		for _, d := range list {
			if d.ID.String() == r.Subject {
				return d.Name, v.to("departments"), err
			}
		}
		return v.archivedName(), "", err
	}
	return "", "", nil
}
