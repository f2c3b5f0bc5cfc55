package portal

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// week is the days of a week, as Swedish weeks begin.
var week = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// policyText says what a policy allows.
func (v *visit) policyText(p *travel.Policy) string {
	if p == nil {
		return v.T("inga begränsningar", "no restrictions")
	}
	var parts []string
	if len(p.Products) > 0 {
		parts = append(parts, v.T("bara ", "only ")+v.list(v.names(v.p.o.Products, p.Products)))
	}
	if len(p.Regions) > 0 {
		parts = append(parts, v.T("bara till ", "only to ")+v.list(v.names(v.p.o.Regions, p.Regions)))
	}
	if len(p.Hours) > 0 {
		var hours []string
		for _, h := range p.Hours {
			hours = append(hours, v.hoursText(h))
		}
		parts = append(parts, v.T("bara ", "only ")+v.list(hours))
	}
	if len(parts) == 0 {
		return v.T("inga begränsningar", "no restrictions")
	}
	return strings.Join(parts, "; ")
}

func (v *visit) names(choices []Choice, codes []string) (list []string) {
	for _, code := range codes {
		name := code
		for _, c := range choices {
			if c.Code == code {
				name = v.T(c.Swedish, c.English)
			}
		}
		list = append(list, name)
	}
	return list
}

func (v *visit) hoursText(h travel.Hours) string {
	days := v.T("alla dagar", "every day")
	if len(h.Days) > 0 {
		var names []string
		for _, d := range week {
			if slices.Contains(h.Days, d) {
				names = append(names, v.Day(d))
			}
		}
		days = v.list(names)
	}
	if h.From == h.To {
		return days
	}
	return days + " " + v.T("kl. ", "") + clock(h.From) + "–" + clock(h.To)
}

// clock writes minutes after midnight.
func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// policyFields ask for a policy: products, regions, and the hours on record
// with one more row.
func (v *visit) policyFields(p *travel.Policy) []field {
	if p == nil {
		p = &travel.Policy{}
	}
	fields := []field{
		v.choiceField("products", v.T("Biljetter som får köpas", "Tickets that may be bought"), v.p.o.Products, p.Products),
		v.choiceField("regions", v.T("Områden dit biljetter får köpas", "Regions to which tickets may be bought"), v.p.o.Regions, p.Regions),
	}
	for i, h := range append(slices.Clone(p.Hours), travel.Hours{}) {
		n := strconv.Itoa(i)
		days := field{Name: "days" + n, Kind: "checks", Label: v.T("Tider "+strconv.Itoa(i+1)+": dagar då biljetter får köpas", "Times "+strconv.Itoa(i+1)+": days on which tickets may be bought")}
		for _, d := range week {
			days.Options = append(days.Options, option{Value: strconv.Itoa(int(d)), Label: v.Day(d)})
		}
		for _, d := range h.Days {
			days.Values = append(days.Values, strconv.Itoa(int(d)))
		}
		from := field{Name: "from" + n, Of: "from" + n, Kind: "time", Label: v.T("Tider "+strconv.Itoa(i+1)+": från klockan", "Times "+strconv.Itoa(i+1)+": from")}
		to := field{Name: "to" + n, Of: "to" + n, Kind: "time", Label: v.T("Tider "+strconv.Itoa(i+1)+": till klockan", "Times "+strconv.Itoa(i+1)+": to")}
		if h.From != h.To {
			from.Value, to.Value = clock(h.From), clock(h.To%(24*60))
		}
		fields = append(fields, days, from, to)
	}
	return fields
}

// choiceField offers the operator's list, and what is on record beside it;
// without a list codes are typed in.
func (v *visit) choiceField(name, label string, choices []Choice, chosen []string) field {
	f := field{Name: name, Of: "Policy", Kind: "checks", Label: label, Values: chosen, Hint: v.T("Inget valt: allt får köpas.", "None chosen: everything may be bought.")}
	if len(choices) == 0 {
		f.Kind, f.Value = "area", strings.Join(chosen, "\n")
		f.Hint = v.T("Operatörens koder, en på varje rad. Tomt: allt får köpas.", "The operator's codes, one on each line. Empty: everything may be bought.")
		return f
	}
	known := map[string]bool{}
	for _, c := range choices {
		known[c.Code] = true
		f.Options = append(f.Options, option{Value: c.Code, Label: v.T(c.Swedish, c.English)})
	}
	for _, code := range chosen {
		if !known[code] {
			f.Options = append(f.Options, option{Value: code, Label: code})
		}
	}
	return f
}

// maxHours is how many rows of hours are read.
const maxHours = 50

// readPolicy reads what policyFields ask for; nil when nothing is restricted.
func (v *visit) readPolicy() (*travel.Policy, error) {
	p := &travel.Policy{Products: v.codes("products", v.p.o.Products), Regions: v.codes("regions", v.p.o.Regions)}
	var wrong []error
	for i := range maxHours {
		n := strconv.Itoa(i)
		if _, asked := v.r.PostForm["from"+n]; !asked {
			break
		}
		h, err := v.hours(n)
		if err != nil {
			wrong = append(wrong, err)
		} else if len(h.Days) > 0 || h.From != h.To {
			p.Hours = append(p.Hours, h)
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	if len(p.Products) == 0 && len(p.Regions) == 0 && len(p.Hours) == 0 {
		return nil, nil
	}
	return p, nil
}

func (v *visit) codes(name string, choices []Choice) (codes []string) {
	lines := v.r.PostForm[name]
	if len(choices) == 0 {
		lines = strings.Split(v.r.PostForm.Get(name), "\n")
	}
	for _, code := range lines {
		if code = strings.TrimSpace(code); code != "" && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

func (v *visit) hours(n string) (h travel.Hours, err error) {
	for _, text := range v.r.PostForm["days"+n] {
		if d, err := strconv.Atoi(text); err == nil && d >= 0 && d < 7 && !slices.Contains(h.Days, time.Weekday(d)) {
			h.Days = append(h.Days, time.Weekday(d))
		}
	}
	var wrong []error
	read := func(name string) int {
		text := v.value(name)
		if text == "" {
			return 0
		}
		at, err := time.Parse("15:04", text)
		if err != nil {
			wrong = append(wrong, &travel.InputError{Field: name, Err: errHours})
		}
		return at.Hour()*60 + at.Minute()
	}
	h.From, h.To = read("from"+n), read("to"+n)
	return h, errors.Join(wrong...)
}
