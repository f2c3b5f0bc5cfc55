package httpapi

import (
	"fmt"
	"runtime"
	"strings"
)

// typeOf names the type of a value, and nothing of what it holds.
func typeOf(v any) string { return fmt.Sprintf("%T", v) }

// types names the types of an error and of those that it wraps.
func types(err error) string {
	var names []string
	for err != nil {
		names = append(names, typeOf(err))
		wrapper, ok := err.(interface{ Unwrap() error })
		if !ok {
			break
		}
		err = wrapper.Unwrap()
	}
	return strings.Join(names, " ")
}

// maxFrames bounds what is said of a panic's place.
const maxFrames = 32

// frames says where a panic was, without the arguments that debug.Stack shows.
func frames() []string {
	var counters [maxFrames]uintptr
	list := runtime.CallersFrames(counters[:runtime.Callers(3, counters[:])])
	var lines []string
	for {
		f, more := list.Next()
		lines = append(lines, fmt.Sprintf("%s:%d", f.Function, f.Line))
		if !more {
			return lines
		}
	}
}
