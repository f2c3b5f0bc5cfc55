package invoice

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"

	"github.com/tjansteresor/tjansteresor/travel"
)

func newLinesHash() hash.Hash { return sha256.New() }

// appendFacts appends what is billed with an entry: ids, instant, ticket, amounts,
// rate, and what the seller stated. Nothing personal is in it, so that an
// erasure leaves it (R44).
func appendFacts(b []byte, e *travel.Entry) []byte {
	b = append(b, e.ID[:]...)
	b = append(b, byte(e.Kind))
	b = append(b, e.Authorization[:]...)
	b = append(b, e.Department[:]...)
	b = append(b, e.Of[:]...)
	for _, n := range [...]int64{
		int64(e.Line), int64(e.Month), int64(e.Billing), e.PurchasedAt.UnixMicro(),
		int64(e.Gross), int64(e.OfGross), int64(e.Before), int64(e.Net), int64(e.VAT), int64(e.Ticket.VATRate),
	} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	for _, s := range [...]string{e.Ticket.ID, e.Ticket.Product, e.Ticket.ProductName, e.Ticket.Seller, e.Ticket.VATCategory} {
		b = appendText(b, s)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// linesHash covers the lines of all departments in order, and how the öre were
// shared out: with that, net and VAT of every line.
func (t *tally) linesHash() [32]byte {
	h := newLinesHash()
	for _, i := range t.order() {
		col := t.columns[i]
		var b []byte
		b = binary.BigEndian.AppendUint64(b, uint64(col.rate))
		b = binary.BigEndian.AppendUint64(b, uint64(col.sharing.threshold))
		b = binary.BigEndian.AppendUint64(b, uint64(col.sharing.ties))
		h.Write(appendText(b, col.category))
	}
	for _, s := range t.sections {
		h.Write(s.id[:])
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(s.lines)))
		h.Write(s.hash.Sum(nil))
	}
	return [32]byte(h.Sum(nil))
}
