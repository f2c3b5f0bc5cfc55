package travel

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/csvimport"
)

// digest collects the content of a request, unambiguously, so that the same
// key with another content is known (R42). It is passed by value so that short
// ones stay on the stack.
type digest []byte

// newDigest begins a digest in a buffer that is large enough for most.
func newDigest(op Operation) digest { return append(make(digest, 0, 512), op...) }

func (d digest) text(s string) digest {
	return append(binary.AppendUvarint(d, uint64(len(s))), s...)
}

func (d digest) id(v [16]byte) digest { return append(d, v[:]...) }

func (d digest) number(v int64) digest { return binary.AppendVarint(d, v) }

func (d digest) amounts(v []credit.Amount) digest {
	d = d.number(int64(len(v)))
	for _, a := range v {
		d = d.number(int64(a))
	}
	return d
}

func (d digest) holder(h *Holder) digest {
	return d.id(h.Method.Company).id(h.Method.Traveler).id(h.Method.Connection).text(h.Device).text(h.Number.E164())
}

func (d digest) tickets(lines []TicketLine) digest {
	d = d.number(int64(len(lines)))
	for i := range lines {
		t := &lines[i].Ticket
		d = d.text(t.ID).text(t.Product).text(t.ProductName).text(t.Category).text(t.From).text(t.To)
		d = d.text(t.Region).text(t.Seller).text(t.VATCategory).text(t.VATReason).number(int64(len(t.Zones)))
		for _, z := range t.Zones {
			d = d.text(z)
		}
		if t.ValidFrom.IsZero() {
			d = d.number(0)
		} else {
			d = d.number(1).number(t.ValidFrom.UnixMicro())
		}
		d = d.number(int64(t.VATRate)).number(int64(lines[i].Gross))
		if lines[i].Stated {
			d = d.number(int64(lines[i].Net)).number(int64(lines[i].VAT))
		} else {
			d = d.number(-1)
		}
	}
	return d
}

// row covers what a row of an import says, however it is written.
func (d digest) row(r *csvimport.Row) digest {
	d = d.number(int64(r.Line))
	for _, s := range [...]string{
		r.FirstName, r.LastName, r.Number.E164(), r.Email, r.Department, r.Reference, r.EmployeeNumber,
	} {
		d = d.text(s)
	}
	if !r.HasLimit {
		return d.text("")
	}
	return d.text(r.Limit.StringFixed(2))
}

func (d digest) sum() [32]byte { return sha256.Sum256(d) }
