package csvimport

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Encoding is how the characters of a file are stored.
type Encoding string

// The encodings that are understood.
const (
	UTF8        Encoding = "UTF-8"
	UTF16LE     Encoding = "UTF-16LE"
	UTF16BE     Encoding = "UTF-16BE"
	Windows1252 Encoding = "windows-1252"
)

// decode decides the encoding (byte-order mark, else valid UTF-8, else
// Windows-1252) and returns the text in UTF-8 without its mark. Halves of
// UTF-16 characters become U+FFFD, which no heading and no cell may hold.
func decode(file string) (text string, encoding Encoding, err error) {
	switch {
	case strings.HasPrefix(file, "\xef\xbb\xbf"):
		file = file[3:]
		if at := invalidUTF8(file); at >= 0 {
			return "", "", encodingError(file, at)
		}
		return file, UTF8, nil
	case strings.HasPrefix(file, "\xff\xfe"):
		text, err = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder().String(file[2:])
		return text, UTF16LE, err
	case strings.HasPrefix(file, "\xfe\xff"):
		text, err = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().String(file[2:])
		return text, UTF16BE, err
	}
	at := invalidUTF8(file)
	if at < 0 {
		return file, UTF8, nil
	}
	text, undefined := newTable().decode(file)
	if undefined >= 0 {
		// Either mostly UTF-8, then the place that is not is the one to mend,
		// or something else.
		return "", "", encodingError(file, min(at, undefined))
	}
	return text, Windows1252, nil
}

func encodingError(file string, at int) error {
	return &FileError{Kind: ErrEncoding, Line: 1 + strings.Count(file[:at], "\n")}
}

// invalidUTF8 returns where s stops being UTF-8, or -1.
func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i := 0; ; {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
}

// table decodes Windows-1252: the UTF-8 of each byte, the first one lowest, and
// its length. The length is 0 for the five bytes that stand for nothing, of
// which the general decoder of x/text makes U+FFFD without an error; that one
// also takes several times as long.
type table [256]struct {
	code uint32
	n    int
}

func newTable() *table {
	var t table
	for b := range t {
		r := charmap.Windows1252.DecodeByte(byte(b))
		if r == utf8.RuneError {
			continue
		}
		for i, c := range []byte(string(r)) {
			t[b].code |= uint32(c) << (8 * i)
			t[b].n = i + 1
		}
	}
	return &t
}

// decode returns s in UTF-8, or where it cannot be Windows-1252: at a byte that
// stands for nothing, and at 0xc3 with the following byte that makes it an å, ä
// or ö in UTF-8 and "Ã¶" or the like here.
func (t *table) decode(s string) (text string, undefined int) {
	var out strings.Builder
	out.Grow(len(s) + len(s)/16)
	var block [4096]byte
	n := 0
	for i := 0; i < len(s); {
		if len(block)-n < 8+utf8.UTFMax {
			out.Write(block[:n])
			n = 0
		}
		if i+8 <= len(s) {
			// Eight bytes at a time; what is not ASCII among them is overwritten.
			word := load(s[i:])
			binary.LittleEndian.PutUint64(block[n:], word)
			ascii := bits.TrailingZeros64(word&0x8080808080808080) / 8
			i, n = i+ascii, n+ascii
			if ascii == 8 {
				continue
			}
		}
		c := &t[s[i]]
		if c.n == 0 || s[i] == 0xc3 && i+1 < len(s) && s[i+1]&0xc0 == 0x80 {
			return "", i
		}
		binary.LittleEndian.PutUint32(block[n:], c.code)
		i, n = i+1, n+c.n
	}
	out.Write(block[:n])
	return out.String(), -1
}

// load reads eight bytes, the first one lowest.
func load(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
