package portal

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/travel"
)

// searchCookie keeps what was searched for: names and numbers must not be in
// addresses, which are logged, and a result can be paged, sorted and gone back
// to. It ends with the browser's session, and is nobody's but who searched.
const searchCookie = "portal_search"

// maxSearch is how many characters of a search are looked at.
const maxSearch = 100

// travelerRow is a traveler in the list.
type travelerRow struct {
	travel.TravelerView
	Name       string
	Shown      string
	Department string
	State      badge
	URL        string
}

// travelerList is the list of travelers.
type travelerList struct {
	Rows        []travelerRow
	Total       int
	Search      string
	Department  string
	State       string
	Departments []option
	States      []option
	Sorts       []option
	Pages       pages
}

// pages are the pages of a list.
type pages struct {
	Number, Last       int
	Previous, Next     string
	From, Through, All int
}

// paged cuts a page out of a list of all.
func paged[T any](list []T, number, size int, address func(int) string) ([]T, pages) {
	last := max(1, (len(list)+size-1)/size)
	number = min(max(number, 1), last)
	from, through := (number-1)*size, min(number*size, len(list))
	pg := pages{Number: number, Last: last, From: min(from+1, through), Through: through, All: len(list)}
	if number > 1 {
		pg.Previous = address(number - 1)
	}
	if number < last {
		pg.Next = address(number + 1)
	}
	return list[from:through], pg
}

// pageNumber is the one in the address, or 1.
func (v *visit) pageNumber() int {
	n, err := strconv.Atoi(v.r.URL.Query().Get("page"))
	if err != nil {
		return 1
	}
	return n
}

// allTravelers reads the travelers within reach, page by page.
func (v *visit) allTravelers() (all []travel.TravelerView, err error) {
	const size = 1000
	var after travel.TravelerID
	for {
		list, err := v.p.o.Travel.Travelers(v.r.Context(), v.user.Actor, v.user.Company, after, size)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if len(list) < size {
			return all, nil
		}
		after = list[len(list)-1].ID
	}
}

// departmentList reads the departments within reach, in Swedish order.
func (v *visit) departmentList() ([]travel.Department, error) {
	list, err := v.p.o.Travel.Departments(v.r.Context(), v.user.Actor, v.user.Company)
	sortBy(list, func(d travel.Department) []string { return []string{d.Name} })
	return list, err
}

// sortBy sorts in Swedish order: å, ä and ö come last, and v before w.
func sortBy[T any](list []T, keys func(T) []string) {
	c := collate.New(language.Swedish, collate.Loose)
	exact := collate.New(language.Swedish)
	slices.SortStableFunc(list, func(a, b T) int {
		x, y := keys(a), keys(b)
		for i := range x {
			if r := cmp.Or(c.CompareString(x[i], y[i]), exact.CompareString(x[i], y[i])); r != 0 {
				return r
			}
		}
		return 0
	})
}

func (v *visit) travelers() error {
	departments, err := v.departmentList()
	if err != nil {
		return err
	}
	names := map[travel.DepartmentID]string{}
	for _, d := range departments {
		names[d.ID] = d.Name
	}
	all, err := v.allTravelers()
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	l := travelerList{
		Total: len(all), Search: v.searched(), Department: q.Get("department"), State: q.Get("state"),
		Departments: []option{{Label: v.T("Alla avdelningar", "All departments")}},
		States:      []option{{Label: v.T("Alla", "All")}},
	}
	var rows []travelerRow
	for _, t := range all {
		row := travelerRow{t, fullName(t), showNumber(t.Number), names[t.Department], v.state(t), v.to("travelers", t.ID.String())}
		if l.matches(row) {
			rows = append(rows, row)
		}
	}
	sorted := q.Get("sort")
	sortRows(rows, sorted)
	address := func(pairs ...string) string {
		return query(v.to("travelers"), append([]string{"department", l.Department, "state", l.State, "sort", sorted}, pairs...)...)
	}
	l.Rows, l.Pages = paged(rows, v.pageNumber(), v.p.o.PageSize, func(n int) string { return address("page", strconv.Itoa(n)) })
	for _, d := range departments {
		l.Departments = append(l.Departments, option{Value: d.ID.String(), Label: d.Name, Chosen: d.ID.String() == l.Department})
	}
	for _, s := range v.states() {
		s.Chosen = s.Value == l.State
		l.States = append(l.States, s)
	}
	for _, o := range []option{
		{Value: "name", Label: v.T("namn", "name")}, {Value: "department", Label: v.T("avdelning", "department")},
		{Value: "limit", Label: v.T("kreditgräns", "limit")}, {Value: "state", Label: v.T("läge", "state")},
	} {
		o.Chosen = o.Value == cmp.Or(sorted, "name")
		o.URL = address("sort", o.Value)
		l.Sorts = append(l.Sorts, o)
	}
	return v.show(page{Title: v.T("Resenärer", "Travelers"), Section: "travelers", Template: "travelers", Data: l})
}

func fullName(t travel.TravelerView) string { return strings.TrimSpace(t.FirstName + " " + t.LastName) }

func (l *travelerList) matches(row travelerRow) bool {
	if l.Department != "" && row.TravelerView.Department.String() != l.Department {
		return false
	}
	if l.State != "" && row.State.Name != l.State {
		return false
	}
	return found(row, l.Search)
}

// found tells whether every word of a search is in the name, the number or the
// employee number.
func found(row travelerRow, search string) bool {
	name := strings.ToLower(row.Name + " " + row.LastName + " " + row.EmployeeNumber + " " + row.Email)
	if digits := onlyDigits(search); len(digits) >= 4 && len(digits) >= len(strings.ReplaceAll(search, " ", ""))-4 {
		digits = strings.TrimPrefix(strings.TrimPrefix(digits, "00"), "0")
		if strings.Contains(onlyDigits(row.Number.E164()), digits) {
			return true
		}
	}
	for word := range strings.FieldsSeq(strings.ToLower(search)) {
		if !strings.Contains(name, word) {
			return false
		}
	}
	return true
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

func sortRows(rows []travelerRow, by string) {
	sortBy(rows, func(r travelerRow) []string { return []string{r.LastName, r.FirstName} })
	switch by {
	case "department":
		sortBy(rows, func(r travelerRow) []string { return []string{r.Department} })
	case "limit":
		slices.SortStableFunc(rows, func(a, b travelerRow) int { return b.Limit.Cmp(a.Limit) })
	case "state":
		slices.SortStableFunc(rows, func(a, b travelerRow) int { return cmp.Compare(a.State.Order, b.State.Order) })
	}
}

// search takes what is searched for and goes on to the list.
func (v *visit) search() error {
	if err := v.readForm(false); err != nil {
		return err
	}
	if term := v.value("q"); term != "" && utf8.ValidString(term) {
		runes := []rune(term)
		v.setCookie(searchCookie, v.searcher()+base64.RawURLEncoding.EncodeToString([]byte(string(runes[:min(len(runes), maxSearch)]))), 0)
	} else {
		v.setCookie(searchCookie, "", -1)
	}
	department, state := v.value("department"), v.value("state")
	if _, err := travel.ParseID[travel.DepartmentID](department); err != nil {
		department = ""
	}
	if !slices.ContainsFunc(v.states(), func(o option) bool { return o.Value == state }) {
		state = ""
	}
	return v.redirect("", query(v.to("travelers"), "department", department, "state", state))
}

// searcher tells users apart who share a browser.
func (v *visit) searcher() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%v %v", v.user.Actor, v.user.Company))
	return base64.RawURLEncoding.EncodeToString(sum[:6]) + "."
}

func (v *visit) searched() string {
	c, err := v.r.Cookie(searchCookie)
	if err != nil {
		return ""
	}
	own, mine := strings.CutPrefix(c.Value, v.searcher())
	term, err := base64.RawURLEncoding.DecodeString(own)
	if !mine || err != nil || !utf8.Valid(term) || len(term) > 4*maxSearch {
		return ""
	}
	return string(term)
}
