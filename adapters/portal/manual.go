package portal

import (
	"slices"

	"github.com/tjansteresor/tjansteresor/internal/lang"
	"github.com/tjansteresor/tjansteresor/travel"
)

// topic is a page of the manual.
type topic struct {
	name           string
	title, summary lang.Text
}

// topics are the pages of the user manual, in its order. Each is a template
// "manual-NAME".
var topics = []topic{
	{"start", lang.Text{Swedish: "Så fungerar det", English: "How it works"},
		lang.Text{Swedish: "Från konto till månadsfaktura, i korthet.", English: "From account to monthly invoice, in brief."}},
	{"create", lang.Text{Swedish: "Skapa en resenär", English: "Create a traveler"},
		lang.Text{Swedish: "En i taget, steg för steg.", English: "One at a time, step by step."}},
	{"import", lang.Text{Swedish: "Importera en lista", English: "Import a list"},
		lang.Text{Swedish: "Många på en gång, från en CSV-fil.", English: "Many at a time, from a CSV file."}},
	{"connect", lang.Text{Swedish: "Anslut en resenär", English: "Connect a traveler"},
		lang.Text{Swedish: "Kreditgräns, SMS och engångskod.", English: "Limit, SMS and one-time code."}},
	{"app", lang.Text{Swedish: "Det här gör resenären i appen", English: "What the traveler does in the app"},
		lang.Text{Swedish: "Ansluta sig, och köpa biljett.", English: "To connect, and to buy."}},
	{"limit", lang.Text{Swedish: "Kreditgränser", English: "Credit limits"},
		lang.Text{Swedish: "Hur de räknas, höjs och nollställs.", English: "How they count, are raised and reset."}},
	{"change", lang.Text{Swedish: "Nytt nummer, ny telefon, radera", English: "New number, new phone, removal"},
		lang.Text{Swedish: "När något ändras för en resenär.", English: "When something changes for a traveler."}},
	{"trouble", lang.Text{Swedish: "När det inte går", English: "When it does not work"},
		lang.Text{Swedish: "Varför en resenär inte kan ansluta eller köpa.", English: "Why a traveler cannot connect or buy."}},
	{"policy", lang.Text{Swedish: "Regler och policy", English: "Rules and policy"},
		lang.Text{Swedish: "Vad ni själva bestämmer.", English: "What you decide yourselves."}},
	{"departments", lang.Text{Swedish: "Avdelningar och administratörer", English: "Departments and administrators"},
		lang.Text{Swedish: "Referenser på fakturan, och vem som gör vad.", English: "References on invoices, and who does what."}},
	{"invoice", lang.Text{Swedish: "Faktura och ekonomirapporter", English: "Invoice and economy reports"},
		lang.Text{Swedish: "Var specifikationen finns, och vad som står i den.", English: "Where the specification is, and what it says."}},
	{"privacy", lang.Text{Swedish: "Personuppgifter", English: "Personal data"},
		lang.Text{Swedish: "Vad som sparas, och hur det raderas.", English: "What is kept, and how it is erased."}},
}

type topicLink struct {
	Title, Summary, URL string
}

func (v *visit) topicLink(i int) topicLink {
	return topicLink{topics[i].title.In(v.tag), topics[i].summary.In(v.tag), v.to("help", topics[i].name)}
}

func (v *visit) help() error {
	var list []topicLink
	for i := range topics {
		list = append(list, v.topicLink(i))
	}
	return v.show(page{Title: v.T("Användarmanual", "User manual"), Section: "help", Template: "manual", Data: list})
}

type topicPage struct {
	Maximum string
	Next    topicLink
	Notice  string
}

func (v *visit) helpTopic() error {
	name := v.r.PathValue("topic")
	i := slices.IndexFunc(topics, func(t topic) bool { return t.name == name })
	if i < 0 {
		return travel.ErrNotFound
	}
	crumb := link{v.T("Användarmanual", "User manual"), v.to("help")}
	data := topicPage{Maximum: v.Ore(v.p.o.Travel.Rules().Maximum), Notice: travel.PersonalLinesNotice(v.tag)}
	if i+1 < len(topics) {
		data.Next = v.topicLink(i + 1)
	}
	return v.show(page{Title: topics[i].title.In(v.tag), Section: "help", Crumb: &crumb, Template: "manual-" + name, Data: data})
}
