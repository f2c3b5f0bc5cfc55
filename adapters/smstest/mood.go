package smstest

import "fmt"

// Mood is how a stand-in treats the messages that it reads.
type Mood uint8

// The moods. A stand-in begins in Accepts.
const (
	// Accepts: it takes every message, and gives each an id of its own.
	Accepts Mood = iota
	// Refuses: it says that it will never take this message, with Options.Code.
	Refuses
	// Throttles: it does not take the message now; it wants less, and nothing
	// before Options.RetryAfter is over.
	Throttles
	// Unreachable: nobody listens there, and connections that were open are
	// closed. It is set before the first message, and no other mood after it.
	Unreachable
	// Dies: it reads a message and breaks the connection without an answer.
	// When another mood is set it can be reached again.
	Dies
	// Garbles: it reads a message and answers what makes no sense.
	Garbles
	// Silent: it reads a message and never answers.
	Silent
	// Fails: it reads a message and answers that something has gone wrong
	// inside; whether the message will be sent it does not say.
	Fails
)

var moodNames = [...]string{"accepts", "refuses", "throttles", "unreachable", "dies", "garbles", "silent", "fails"}

// String gives the word that stands in the names of cases.
func (m Mood) String() string {
	if int(m) < len(moodNames) {
		return moodNames[m]
	}
	return fmt.Sprintf("mood %d", uint8(m))
}

// moods lists all.
func moods() []Mood {
	list := make([]Mood, len(moodNames))
	for i := range list {
		list[i] = Mood(i)
	}
	return list
}
