package csvimport

import (
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
	switch {
	case undefined < 0:
		return text, Windows1252, nil
	case file[undefined] == tilde: // the rest is UTF-8
		return "", "", encodingError(file, at)
	}
	return "", "", encodingError(file, undefined)
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

// table decodes Windows-1252: the UTF-8 of each byte from 0x80 on, two or three
// bytes, and its length, which is 0 for the five bytes that stand for nothing.
// The general decoder of x/text makes U+FFFD of those without an error, and
// takes several times as long.
type table [256]struct {
	utf8 [utf8.UTFMax]byte
	n    int
}

func newTable() *table {
	var t table
	for b := range t {
		if r := charmap.Windows1252.DecodeByte(byte(b)); r != utf8.RuneError {
			t[b].n = utf8.EncodeRune(t[b].utf8[:], r)
		}
	}
	return &t
}

// tilde is Ã in Windows-1252, and in UTF-8 the first byte of å, ä and ö.
const tilde = 0xc3

// decode returns s in UTF-8, or where it cannot be Windows-1252: at a byte that
// stands for nothing, and where it would read "Ã¶" for the "ö" of UTF-8.
func (t *table) decode(s string) (text string, undefined int) {
	whole := len(s)
	var out strings.Builder
	out.Grow(len(s) + len(s)/16)
	for {
		i := nonASCII(s)
		out.WriteString(s[:i])
		if i == len(s) {
			return out.String(), -1
		}
		c := &t[s[i]]
		if c.n == 0 || s[i] == tilde && i+1 < len(s) && s[i+1]&0xc0 == 0x80 {
			return "", whole - len(s) + i
		}
		out.WriteByte(c.utf8[0])
		out.WriteByte(c.utf8[1])
		if c.n == 3 {
			out.WriteByte(c.utf8[2])
		}
		s = s[i+1:]
	}
}

// nonASCII returns where the first byte is that is not ASCII, or the length.
func nonASCII(s string) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if word := load(s[i:]) & 0x8080808080808080; word != 0 {
			return i + bits.TrailingZeros64(word)/8
		}
	}
	for i < len(s) && s[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// load reads eight bytes, the first one lowest.
func load(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
