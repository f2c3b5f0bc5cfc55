package credit

import "math/bits"

// Share returns the part of whole that belongs to part of total, rounded half
// up: whole·part/total. It is exact for all amounts, whole when part is total
// or more, and 0 when any of them is not more than 0. Differences of the shares
// of growing parts add up to whole, to the öre: so net and VAT of partial
// refunds are made (R43).
func Share(whole, part, total Amount) Amount {
	if total <= 0 || part <= 0 || whole <= 0 {
		return 0
	}
	part = min(part, total)
	hi, lo := bits.Mul64(uint64(whole), uint64(part))
	lo, carry := bits.Add64(lo, uint64(total)/2, 0)
	q, _ := bits.Div64(hi+carry, lo, uint64(total))
	return Amount(q)
}
