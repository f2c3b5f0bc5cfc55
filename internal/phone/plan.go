package phone

import "slices"

// plan is what is known of a country's mobile numbers: the calling code, the
// national prefix that is dropped, the first digits of mobile numbers, and how
// many national digits they have.
type plan struct {
	country, code, trunk string
	mobile               []string
	min, max             int
}

// plans of the countries. No calling code is the beginning of another.
var plans = [...]plan{
	{country: "SE", code: "46", trunk: "0", mobile: []string{"70", "72", "73", "76", "79"}, min: 9, max: 9},
	{country: "NO", code: "47", mobile: []string{"4", "9"}, min: 8, max: 8},
	// Danish mobile and land lines share their first digits; left out are the
	// series of free (80) and premium (90) numbers and those not in use.
	{country: "DK", code: "45", mobile: []string{
		"2", "3", "4", "5", "6", "7", "81", "82", "86", "87", "88", "89", "91", "92", "93", "94", "96", "97", "98", "99",
	}, min: 8, max: 8},
	{country: "FI", code: "358", trunk: "0", mobile: []string{"4", "50"}, min: 6, max: 10},
}

func planOf(country string) *plan {
	for i := range plans {
		if plans[i].country == country {
			return &plans[i]
		}
	}
	return nil
}

func (p *plan) among(allowed []string) bool {
	return len(allowed) == 0 || slices.Contains(allowed, p.country)
}

func (p *plan) isMobile(national []byte) bool {
	if len(national) < p.min || len(national) > p.max {
		return false
	}
	for _, first := range p.mobile {
		if _, ok := cutPrefix(national, first); ok {
			return true
		}
	}
	return false
}

// withoutTrunk drops the 0 that is dialed inside the country only.
func (p *plan) withoutTrunk(national []byte) []byte {
	national, _ = cutPrefix(national, p.trunk)
	return national
}
