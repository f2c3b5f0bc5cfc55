package browser_test

import (
	"path"
	"regexp"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lookAround comes to the pages that nobody had a reason to see yet.
func (j *journey) lookAround() {
	j.follow()
	j.leave()
	j.ofMany()
	j.ofDepartment()
}

// follow follows every link of the portal that leads to a page of a kind that
// was not seen yet: manual, policies, forms, other orders of lists.
func (j *journey) follow() {
	a := j.admin
	a.open("/portal/")
	seen := map[string]bool{}
	for todo := a.links(); len(todo) > 0; todo = todo[1:] {
		link := todo[0]
		if !strings.HasPrefix(link, "/portal/") || isFile(link) || seen[kind(link)] {
			continue
		}
		seen[kind(link)] = true
		a.open(link)
		todo = append(todo, a.links()...)
	}
	for _, page := range []string{
		"/portal/travelers/*", "/portal/travelers/*/edit", "/portal/travelers/*/limit", "/portal/travelers/*/raise", "/portal/travelers/*/remove",
		"/portal/travelers/*/erase", "/portal/travelers/*/number", "/portal/travelers/new", "/portal/departments/*/policy",
		"/portal/departments/*/archive", "/portal/administrators/new", "/portal/administrators/*/remove", "/portal/company",
		"/portal/company/policy", "/portal/audit", "/portal/reports/*", "/portal/help", "/portal/imports",
	} {
		assert.True(j.t, seen[page], "no link leads to %s", page)
	}
}

// leave goes where nothing is, and out.
func (j *journey) leave() {
	a := j.admin
	a.openAs("/portal/nothing", 404)
	a.openAs("/nothing", 404)
	a.open("/portal/")
	a.click(j.said("Logga ut", "Log out"))
	a.open("/portal/audit")
	require.Equal(j.t, "/signin", a.at())
}

// ofMany looks at lists that have several pages, and searches in one.
func (j *journey) ofMany() {
	a := j.admin
	a.open("/inbox")
	a.click("Äldre")
	a.open("/signin")
	a.click("Jag är Ada Ek")
	a.click(j.said("Nästa", "Next"))
	a.click(j.said("Föregående", "Previous"))
	search := j.said("Namn, mobilnummer eller anställningsnummer", "Name, mobile or employee number")
	a.fill(search, "Öberg")
	a.click(j.said("Sök", "Search"))
	require.Equal(j.t, "Öberg", a.value(search))
	a.reads("Öberg")
	require.NotContains(j.t, a.text(), "Fatima Svensson")
	require.NotContains(j.t, a.at(), "Öberg", "who was looked for is in no address")
}

// ofDepartment looks with the eyes of an administrator of one department (R40).
func (j *journey) ofDepartment() {
	a := j.admin
	a.open("/signin")
	a.click("Jag är Bo Lind")
	search := j.said("Namn, mobilnummer eller anställningsnummer", "Name, mobile or employee number")
	require.Empty(j.t, a.value(search), "whom another administrator looked for at this desk")
	j.menu("Avdelningar", "Departments")
	j.menu("Statistik och rapporter", "Statistics and reports")
	a.openAs("/portal/company", 403)
}

// isFile tells whether a link is a download, or the other language.
func isFile(link string) bool {
	return path.Ext(link) != "" || strings.Contains(link, "/documents/") || strings.Contains(link, "language=")
}

var id = regexp.MustCompile(`/[0-9a-f-]{20,}|/\d{4}-\d{2}`)

// kind is a link without what it is about.
func kind(link string) string { return id.ReplaceAllString(link, "/*") }
