package smstest

// attemptCases has a case for each mood.
func attemptCases() (list []Case) {
	for _, mood := range moods() {
		list = append(list, Case{
			Name:     mood.String() + "/once",
			Contract: "Send makes one attempt and never repeats it by itself.",
			mood:     mood,
			run:      func(c *check) { c.once(mood) },
		})
	}
	return list
}

// once counts what one Send sends. Where a connection can be open from before,
// it is: what is sent on it and gets no answer is what clients like to repeat.
func (c *check) once(mood Mood) {
	before, want := 0, 1
	if mood == Unreachable {
		want = 0
	} else {
		c.set(Accepts)
		c.taken(c.message(1, "Hej"))
		before = len(c.arrived())
		c.awaitArrival()
		c.set(mood)
	}
	_ = c.attempt(mood)
	if got := len(c.arrived()) - before; got != want {
		c.Errorf("the gateway has read the message %d times, want %d", got, want)
	}
}
