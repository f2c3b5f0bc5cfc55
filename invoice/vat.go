package invoice

import (
	"math/bits"

	"github.com/tjansteresor/tjansteresor/credit"
)

// vatIn returns the VAT in a sum of prices including VAT: G·r/(100+r), rounded
// half up.
func vatIn(gross credit.Amount, rate int) credit.Amount {
	return credit.Share(gross, credit.Amount(rate), wholeRate+credit.Amount(rate))
}

// wholeRate is 100 % in the unit of rates.
const wholeRate = 10_000

// fraction is the part of a price that is net, in lowest terms: 50/53 at 6 %.
// So the remainders of its division take few values, and lines can be counted
// by them instead of being sorted.
type fraction struct{ num, den uint64 }

func netFraction(rate int) fraction {
	num, den := uint64(wholeRate), uint64(wholeRate+rate)
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return fraction{num / a, den / a}
}

// floor returns the whole öre of net in a price, and what is left over in
// den-ths of an öre.
func (f fraction) floor(gross credit.Amount) (net credit.Amount, remainder int) {
	hi, lo := bits.Mul64(uint64(gross), f.num)
	q, r := bits.Div64(hi, lo, f.den)
	return credit.Amount(q), int(r)
}

// sharing says which lines of one document and rate get one of the öre that
// rounding down has left over: those with the largest remainders.
type sharing struct {
	// threshold is a remainder: lines above it get one.
	threshold int
	// ties is how many lines with exactly this remainder get one, in the order
	// of lines.
	ties int64
}

// shareOut finds the lines that get the missing öre, given how many lines have
// each remainder.
func shareOut(missing int64, remainders []int64) sharing {
	for r := len(remainders) - 1; r > 0 && missing > 0; r-- {
		if missing <= remainders[r] {
			return sharing{threshold: r, ties: missing}
		}
		missing -= remainders[r]
	}
	return sharing{threshold: len(remainders)}
}

// maxDrift is how far the VAT of a document may be off its rate, in öre: the
// e-invoice rules demand less than 1.00, and may round before they compare.
const maxDrift = 99

// drift returns how far net and VAT are off the rate, in ten-thousandths of an
// öre.
func drift(net, vat credit.Amount, rate int) int64 {
	return int64(vat)*wholeRate - int64(net)*int64(rate)
}

func tooFar(drift int64) bool { return drift > maxDrift*wholeRate || -drift > maxDrift*wholeRate }

// mirror returns the net of a refund that gives gross back of a purchase, of
// whose whole price others had given back before. The net of all refunds of a
// purchase adds up to its own, to the öre.
func mirror(net, before, gross, whole credit.Amount) credit.Amount {
	return credit.Share(net, before+gross, whole) - credit.Share(net, before, whole)
}
