package smstest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/smstest"
)

func TestGoodSenderPasses(t *testing.T) {
	t.Parallel()
	smstest.Run(t, options(fault{}))
}

// Every case is a promise of its own, and says which.
func TestCases(t *testing.T) {
	t.Parallel()
	var names []string
	for _, c := range smstest.Cases() {
		names = append(names, c.Name)
		assert.NotEmpty(t, c.Contract, c.Name)
		assert.True(t, strings.Contains(c.Name, "/"), c.Name)
	}
	slices.Sort(names)
	assert.Equal(t, slices.Compact(slices.Clone(names)), names, "a name is there twice")
}

func TestSkips(t *testing.T) {
	t.Parallel()
	find := func(name string) smstest.Case {
		i := slices.IndexFunc(smstest.Cases(), func(c smstest.Case) bool { return c.Name == name })
		require.GreaterOrEqual(t, i, 0, name)
		return smstest.Cases()[i]
	}
	for name, c := range map[string]struct {
		options func(o *smstest.Options)
		want    string
	}{
		"receipt/id":       {func(o *smstest.Options) { o.Skip = map[string]string{"receipt/id": "it gives none"} }, "it gives none"},
		"garbles/unknown":  {func(o *smstest.Options) { o.Lacks = map[smstest.Mood]string{smstest.Garbles: "frames"} }, "never garbles: frames"},
		"garbles/once":     {func(o *smstest.Options) { o.Lacks = map[smstest.Mood]string{smstest.Garbles: "frames"} }, "never garbles: frames"},
		"garbles/secret":   {func(o *smstest.Options) { o.Lacks = map[smstest.Mood]string{smstest.Garbles: "frames"} }, "never garbles: frames"},
		"context/deadline": {func(o *smstest.Options) { o.Lacks = map[smstest.Mood]string{smstest.Silent: "it talks"} }, "never silent: it talks"},
		"refuses/code":     {func(o *smstest.Options) { o.Code = "" }, "no Code"},
		"throttles/wait":   {func(o *smstest.Options) { o.RetryAfter = 0 }, "no RetryAfter"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(fault{})
			c.options(&o)
			got := record(t, find(name), o)
			assert.False(t, got.failed, got.log.String())
			assert.Contains(t, got.skipped, c.want)
		})
	}
}
