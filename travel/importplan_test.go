package travel_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/travel"
)

// planOfStrangers is the plan of a list that creates, changes and refuses
// people, and what in it is personal.
func planOfStrangers(t *testing.T) (travel.ImportPlan, []string) {
	t.Helper()
	k := setup(t)
	k.add("070-987 65 43", travel.TravelerDetails{FirstName: "Yngvild", LastName: "Quist", EmployeeNumber: "E4711"})
	plan, err := k.PlanImport(k.ctx, k.admin, travel.ImportRequest{Company: k.company, CreateDepartments: true, File: k.readText(
		"First name,Last name,Mobile,Email,Employee number,Department,Credit limit\n" +
			"Zacharias,Quist,070-987 65 44,zq@kommunen.example,E4712,Skolan,500\n" +
			"Yngvild,Xerxes,070-987 65 45,yx@kommunen.example,E4711,Skolan,500\n" +
			"Zacharias,Quist,070-987 65 44,zq@,E4713,Skolan,500\n")})
	require.NoError(t, err)
	require.Equal(t, []int{1, 1}, []int{plan.Created, plan.Updated})
	require.NotEmpty(t, plan.Errors)
	return plan, []string{"Zacharias", "Yngvild", "Quist", "Xerxes", "7098765", "987 65", "zq@", "yx@", "E471"}
}

func TestI7_AnImportPlanNamesNobody(t *testing.T) {
	t.Parallel()
	plan, secrets := planOfStrangers(t)
	for _, s := range secrets[:len(secrets):len(secrets)] {
		secrets = append(secrets, hex.EncodeToString([]byte(s)))
	}
	silent := func(t *testing.T, what, text string) {
		t.Helper()
		for _, s := range secrets {
			assert.NotContains(t, strings.ToLower(text), strings.ToLower(s), what)
		}
	}
	type holder struct {
		Plan  travel.ImportPlan
		Steps []travel.ImportStep
		plan  travel.ImportPlan
		steps []travel.ImportStep
		also  *travel.ImportPlan
	}
	values := map[string]any{
		"plan": plan, "pointer": &plan, "plans": []travel.ImportPlan{plan}, "steps": plan.Steps, "step": plan.Steps[0],
		"pointer to step": &plan.Steps[1], "errors": plan.Errors, "a host's own": holder{plan, plan.Steps, plan, plan.Steps, &plan},
	}

	t.Run("I7 fmt", func(t *testing.T) {
		t.Parallel()
		for what, v := range values {
			for _, verb := range "vsqdxXtTcUbeEfgp" {
				for _, flags := range []string{"", "+", "#"} {
					format := "%" + flags + string(verb)
					silent(t, what+" by "+format, fmt.Sprintf(format, v))
				}
			}
		}
	})
	t.Run("I7 slog and JSON", func(t *testing.T) {
		t.Parallel()
		for what, v := range values {
			var out strings.Builder
			slog.New(slog.NewTextHandler(&out, nil)).Info("planned", "what", v)
			slog.New(slog.NewJSONHandler(&out, nil)).Info("planned", "what", v)
			silent(t, what, out.String())
			encoded, err := json.Marshal(v)
			require.NoError(t, err)
			silent(t, what, string(encoded))
		}
	})
	t.Run("I7 what is done is told", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, "line 2: create, connect", fmt.Sprintf("%#v", plan.Steps[0]))
		assert.Equal(t, "line 3: update [last_name number email department limit], connect", plan.Steps[1].LogValue().String())
		want := "import plan " + plan.Fingerprint + ": 1 created, 1 updated, 0 unchanged, 1 invalid, 2 to send in 2 segments"
		assert.Equal(t, want, fmt.Sprintf("%+v", plan))
		assert.Equal(t, want, plan.LogValue().String())
	})
}
