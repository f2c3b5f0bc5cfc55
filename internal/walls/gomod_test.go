package walls

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// goMod is what matters to those who require the root module.
type goMod struct {
	Go, Toolchain string
	Require       []struct {
		Path     string
		Indirect bool
	}
	Replace, Exclude []any
}

func TestGoMod(t *testing.T) {
	t.Parallel()
	require.NoError(t, touch())
	out, err := goCommand("mod", "edit", "-json", "go.mod")
	require.NoError(t, err)
	var mod goMod
	require.NoError(t, json.Unmarshal(out, &mod))

	var direct []string
	for _, r := range mod.Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	assert.ElementsMatch(t, []string{
		"github.com/robfig/cron/v3", "github.com/shopspring/decimal", "github.com/stretchr/testify", "golang.org/x/text",
	}, direct, "what needs another module is a module of its own")
	assert.Equal(t, "1.25.0", mod.Go, "the lowest version that works: hosts are forced to no newer one")
	assert.Empty(t, mod.Toolchain)
	assert.Empty(t, mod.Replace)
	assert.Empty(t, mod.Exclude)
}
