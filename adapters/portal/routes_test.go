package portal_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/portal"
	"github.com/tjansteresor/tjansteresor/invoice"
	"github.com/tjansteresor/tjansteresor/travel"
)

// fill puts ids into a route's path.
func fill(path string, values map[string]string) string {
	path = strings.TrimSuffix(path, "{$}")
	for name, value := range values {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return path
}

// idOf is what {id} stands for in a route.
func idOf(path string, traveler travel.TravelerID, d travel.DepartmentID, a travel.AdministratorID, doc invoice.DocumentID) string {
	switch {
	case strings.HasPrefix(path, "/departments"):
		return d.String()
	case strings.HasPrefix(path, "/administrators"):
		return a.String()
	case strings.HasPrefix(path, "/reports"):
		return doc.String()
	}
	return traveler.String()
}

// Every page is visited by everybody: R25, R33, R34, R38, R39 and R40 hold on
// all of them.
func TestR40EveryRouteForEverybody(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna, oskar := k.bought()
	documents, err := k.bills.Documents(t.Context(), k.users["whole"].Actor, invoice.ListRequest{Company: k.company, Month: january})
	require.NoError(t, err)
	require.Len(t, documents, 2)
	school, care := documents[0], documents[1]
	if school.Departments[0].ID != k.school {
		school, care = care, school
	}
	whole := k.as("whole")
	uploaded := whole.upload("Förnamn;Efternamn;Mobilnummer\nEva;Ek;0701740611\n")
	require.Equal(t, http.StatusSeeOther, uploaded.Code)
	list := strings.TrimPrefix(uploaded.Header().Get("Location"), "/portal/imports/")
	values := func(r portal.Route, traveler travel.TravelerID, d travel.DepartmentID, a travel.AdministratorID, doc invoice.DocumentID) map[string]string {
		return map[string]string{
			"id": idOf(r.Path, traveler, d, a, doc), "import": list, "month": "2026-01", "format": "csv", "topic": "limit",
		}
	}
	seen := 0
	for _, r := range k.portal.Routes() {
		own := fill(r.Path, values(r, anna, k.school, k.departmentAdmin, school.ID))
		isPage := strings.Contains(r.Methods, "GET")
		t.Run(r.Path, func(t *testing.T) {
			page := func(user, path string) answer { return k.as(user).get(path) }
			if !isPage {
				page = func(user, path string) answer { return k.as(user).post(path) }
			}
			assert.Equal(t, http.StatusUnauthorized, page("", own).Code, "not signed in")
			assert.Equal(t, http.StatusNotFound, page("lost", own).Code, "another company's administrator, this company's portal")
			if strings.Contains(r.Path, "{") && !strings.Contains(r.Path, "{topic}") && !strings.Contains(r.Path, "{$}") && !strings.Contains(r.Path, "{month}") {
				a := page("foreign", own)
				if strings.Contains(r.Path, "{import}") && a.Code == http.StatusSeeOther {
					assert.Equal(t, "/portal/imports", a.Header().Get("Location"))
				} else {
					assert.Equal(t, http.StatusNotFound, a.Code, "another company's ids")
				}
				assert.NotContains(t, a.html, "Anna")
				others := fill(r.Path, values(r, oskar, k.care, k.departmentAdmin, care.ID))
				if !r.Whole && !strings.Contains(r.Path, "{import}") {
					assert.Equal(t, http.StatusNotFound, page("part", others).Code, "another department")
				}
			}
			if r.Whole {
				assert.Equal(t, http.StatusForbidden, page("part", own).Code, "an administrator of a department")
			}
			if !isPage {
				return
			}
			for _, user := range []string{"whole", "part"} {
				if r.Whole && user == "part" || strings.Contains(r.Path, "{import}") && user == "part" {
					continue
				}
				for _, english := range []bool{false, true} {
					b := k.as(user)
					b.english = english
					a := b.get(own)
					if r.Path == "/{$}" {
						assert.Equal(t, http.StatusSeeOther, a.Code)
						continue
					}
					if strings.Contains(r.Path, "{import}") {
						a = whole.get(own)
					}
					require.Equal(t, http.StatusOK, a.Code, a.html)
					headers(t, a)
					if strings.HasPrefix(a.Header().Get("Content-Type"), "text/html") {
						accessible(t, a.html)
						assert.Contains(t, a.html, map[bool]string{false: `<html lang="sv">`, true: `<html lang="en">`}[english && !strings.Contains(r.Path, "{import}")])
						assert.NotContains(t, a.html, "Främling", "nothing of another company")
						assert.NotContains(t, a.html, "ZgotmplZ")
						if user == "part" {
							assert.NotContains(t, a.html, "Oskar", "nothing of another department")
						}
						seen++
					}
				}
			}
		})
	}
	assert.Greater(t, seen, 60)
	assert.NotContains(t, k.log.String(), "level=ERROR")
}

// headers asserts what every answer says to browsers.
func headers(t testing.TB, a answer) {
	t.Helper()
	csp := a.Header().Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		assert.Contains(t, csp, part)
	}
	assert.NotContains(t, csp, "unsafe")
	assert.Equal(t, "no-store", a.Header().Get("Cache-Control"))
	assert.Equal(t, "nosniff", a.Header().Get("X-Content-Type-Options"))
}

// Ids of another company, or of a department out of reach, in every field that
// takes one.
func TestR40ForeignIDsInForms(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.add("whole", "Anna", "Andersson", "070-174 06 05", k.school)
	for name, c := range map[string]struct {
		user, path string
		pairs      []string
	}{
		"department of another company, new":  {"whole", "/travelers/new", []string{"first", "A", "last", "B", "number", "0701740677", "department", k.foreignDepartment.String()}},
		"department of another company, edit": {"whole", "/travelers/" + anna.String() + "/edit", []string{"first", "A", "last", "B", "department", k.foreignDepartment.String()}},
		"department out of reach, new":        {"part", "/travelers/new", []string{"first", "A", "last", "B", "number", "0701740677", "department", k.care.String()}},
		"department out of reach, edit":       {"part", "/travelers/" + anna.String() + "/edit", []string{"first", "A", "last", "B", "department", k.care.String()}},
		"no department, of one who has some":  {"part", "/travelers/new", []string{"first", "A", "last", "B", "number", "0701740677", "department", travel.DepartmentID{}.String()}},
		"no id":                               {"whole", "/travelers/new", []string{"first", "A", "last", "B", "number", "0701740677", "department", "x"}},
		"administrator of a foreign part":     {"whole", "/administrators/new", []string{"name", "A", "departments", k.foreignDepartment.String()}},
		"administrator of nothing":            {"whole", "/administrators/new", []string{"name", "A", "departments", travel.DepartmentID{}.String()}},
	} {
		t.Run(name, func(t *testing.T) {
			a := k.as(c.user).post(c.path, c.pairs...)
			assert.Equal(t, http.StatusUnprocessableEntity, a.Code)
			assert.Contains(t, a.html, "välj en av avdelningarna")
			accessible(t, a.html)
		})
	}
	assert.Equal(t, "Anna", k.view(anna).FirstName)
	list, err := k.travel.Administrators(t.Context(), k.users["whole"].Actor, k.company)
	require.NoError(t, err)
	assert.Len(t, list, 2)
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.add("whole", "Anna", "Andersson", "070-174 06 05", k.school)
	for _, site := range []string{"cross-site", "same-site"} {
		r := httptest.NewRequest(http.MethodPost, "/portal/travelers/"+anna.String()+"/erase", strings.NewReader("sure=yes"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Test-User", "whole")
		r.Header.Set("Sec-Fetch-Site", site)
		w := httptest.NewRecorder()
		k.portal.ServeHTTP(w, r)
		assert.Equal(t, http.StatusForbidden, w.Code)
		accessible(t, w.Body.String())
	}
	assert.Equal(t, "Anna", k.view(anna).FirstName)
}

func TestNotSignedInIsTheHostsAnswer(t *testing.T) {
	t.Parallel()
	k := setup(t, func(o *portal.Options) { o.SignedOut = http.RedirectHandler("/login", http.StatusSeeOther) })
	a := k.as("").get("/travelers")
	assert.Equal(t, http.StatusSeeOther, a.Code)
	assert.Equal(t, "/login", a.Header().Get("Location"))
}

func TestUnknownPages(t *testing.T) {
	t.Parallel()
	k := setup(t)
	for _, path := range []string{"/nothing", "/travelers/x", "/reports/2026-02", "/reports/1999-01", "/reports/x", "/help/x", "/reports/documents/x/csv"} {
		a := k.as("whole").get(path)
		assert.Equal(t, http.StatusNotFound, a.Code, path)
		accessible(t, a.html)
	}
	// R33: the month that runs is not there.
	assert.Equal(t, http.StatusNotFound, k.as("whole").get("/reports/2026-01").Code)
}

// HEAD asks like GET and changes nothing.
func TestHeadChangesNothing(t *testing.T) {
	t.Parallel()
	k := setup(t)
	anna := k.add("whole", "Anna", "Andersson", "070-174 06 05", k.school)
	k.connect(anna, "500")
	before := k.view(anna)
	c, err := k.travel.Company(t.Context(), k.users["whole"].Actor, k.company)
	require.NoError(t, err)
	for _, r := range k.portal.Routes() {
		path := fill(r.Path, map[string]string{"id": idOf(r.Path, anna, k.care, k.departmentAdmin, invoice.DocumentID{}), "import": "x", "month": "2026-01", "format": "csv", "topic": "limit"})
		a := k.as("whole").send(httptest.NewRequest(http.MethodHead, "/portal"+path+"?sure=yes&limit=100&name=x", nil))
		assert.Less(t, a.Code, 500, path)
	}
	assert.Equal(t, before, k.view(anna))
	after, err := k.travel.Company(t.Context(), k.users["whole"].Actor, k.company)
	require.NoError(t, err)
	assert.Equal(t, c.AuditSequence, after.AuditSequence)
}

func TestTheWayIn(t *testing.T) {
	t.Parallel()
	k := setup(t)
	b := k.as("whole")
	a := b.get("")
	assert.Equal(t, "/portal/", a.Header().Get("Location"))
	a = b.follow(a)
	assert.Equal(t, "/portal/travelers", a.Header().Get("Location"))
	assert.Equal(t, http.StatusOK, b.follow(a).Code)
}

// A host that fails is told in the log, and the user that it is our fault;
// nothing of the failure itself is in either.
func TestFailuresTellNothing(t *testing.T) {
	t.Parallel()
	secret := errors.New("Anna 070-174 06 05")
	for name, signIn := range map[string]func(*http.Request) (portal.User, error){
		"error": func(*http.Request) (portal.User, error) { return portal.User{}, secret },
		"panic": func(*http.Request) (portal.User, error) { panic(secret) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t, func(o *portal.Options) { o.SignIn = signIn })
			a := k.as("whole").get("/travelers")
			assert.Equal(t, http.StatusInternalServerError, a.Code)
			assert.NotContains(t, a.html, "Anna")
			assert.Contains(t, k.log.String(), "*errors.errorString")
			assert.NotContains(t, k.log.String(), "Anna")
		})
	}
}
