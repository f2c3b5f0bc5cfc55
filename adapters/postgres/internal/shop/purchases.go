package shop

import (
	"fmt"
	"time"
)

// sampleOf is which original the p-th purchase is a copy of.
func sampleOf(p string) string {
	return fmt.Sprintf("((%[1]s - 1 + (%[1]s - 1) / {travelers}) %% {samples})", p)
}

// madeAt is an id of what was made with the n-th purchase, at that time.
func madeAt(kind string) string {
	return "(lpad(to_hex(ms), 12, '0') || '7" + kind + "8' || lpad(to_hex(n), 15, '0'))::uuid"
}

// purchases lists what there is of each purchase: an authorization, a command
// and an entry. The n-th is made by traveler 1 + (n - 1) % travelers.
func (size Size) purchases(put func(string) string, zone *time.Location) []copies {
	start, end := size.Month.Start(zone).UnixMilli(), size.Month.End(zone).UnixMilli()
	each := put(fmt.Sprintf("(SELECT n, 1 + (n - 1) %% {travelers} AS t, %d + (n - 1) * %d / {purchases} AS ms FROM generate_series(1::bigint, {purchases}) n) made",
		start, end-start))
	var (
		company    = nth(put("1 + t % {companies}"))
		traveler   = nth("t")
		department = "original.department"
		called     = "original.department_name"
		person     = "original.traveler_name || ' ' || t"
		purpose    = "original.purpose || ' ' || n"
		at         = "to_timestamp(ms / 1000.0)"
	)
	if size.Departments > 0 {
		department, called = nth(put(departmentOf("t"))), put("'Avdelning ' || t / {companies} % {departments}")
	}
	authorization, command, entry := madeAt("a00"), madeAt("c00"), madeAt("e00")
	list := []copies{
		{table: "authorization", other: map[string]string{
			"company": company, "id": authorization, "traveler": traveler, "connection": traveler,
			"department": department, "department_name": called, "traveler_name": person, "employee_number": "t::text", "purpose": purpose,
			"at": at, "expires_at": at + " + (original.expires_at - original.at)",
			"tickets": "replace(original.tickets::text, original.tickets->0->>'capture', " + entry + "::text)::json",
		}},
		{table: "command", other: map[string]string{
			"company": company, "key": command + "::text", "at": at,
			"answer": "replace(original.answer::text, original.answer->>'authorization', " + authorization + "::text)::json",
		}},
		{table: "entry", other: map[string]string{
			"company": company, "id": entry, "traveler": traveler, "authorization_id": authorization,
			"department": department, "department_name": called, "traveler_name": person, "employee_number": "t::text", "purpose": purpose,
			"purchased_at": at, "at": at,
		}},
	}
	for i := range list {
		list[i].each, list[i].original = each, put(sampleOf("n"))
	}
	return list
}
