package sqlstore

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/travel"
)

// Arguments of one record must not change when the next is taken.
func TestWriterKeepsRecordsApart(t *testing.T) {
	t.Parallel()
	names, err := NewNames("", "")
	require.NoError(t, err)
	for _, d := range []Dialect{SQLite, Postgres} {
		bulk := newBulk(d, names, false)
		var commands []*travel.Command
		for i := range byte(45) {
			commands = append(commands, &travel.Command{Key: strings.Repeat("k", int(i)), RequestHash: [32]byte{i}, Company: travel.CompanyID{i}, At: time.Unix(1, 0)})
		}
		var got, want []any
		for _, s := range bulk.insertCommands.statements(d, commands) {
			for _, arg := range s.Args {
				switch v := arg.(type) {
				case *[16]byte:
					got = append(got, *v)
				case nil: // the record is empty
				default:
					got = append(got, v)
				}
			}
			assert.Equal(t, len(s.Args), strings.Count(s.SQL, "$"), "a place for each argument")
		}
		for _, c := range commands {
			want = append(want, d.args(commandColumns(c))...)
		}
		assert.Equal(t, want, got)
	}
}

func TestWriterTakesWhatFitsInAStatement(t *testing.T) {
	t.Parallel()
	names, err := NewNames("", "")
	require.NoError(t, err)
	rows := func(d Dialect, n int) (per []int) {
		for _, s := range newBulk(d, names, false).insertEvents.statements(d, pointers(make([]travel.Event, n))) {
			per = append(per, len(s.Args)/len(eventColumns(new(travel.Event))))
		}
		return per
	}
	assert.Equal(t, []int{32, 32, 8}, rows(Postgres, 71), "the last one has an empty record")
	assert.Equal(t, []int{1, 1, 1}, rows(SQLite, 3))
	assert.Empty(t, rows(Postgres, 0))
}

func TestLookupKeepsCompaniesApart(t *testing.T) {
	t.Parallel()
	names, err := NewNames("", "")
	require.NoError(t, err)
	a, b, traveler := travel.CompanyID{1}, travel.CompanyID{2}, travel.TravelerID{9}
	key := func(c *travel.CompanyID) []column { return []column{uuid("company", c), uuid("id", &traveler)} }
	keys := [][]column{key(&a), key(&b), key(&a)}
	apart := newBulk(Postgres, names, true).travelers
	statements := apart.statements(Postgres, keys, func(travel.Traveler) {})
	require.Len(t, statements, 2)
	assert.Equal(t, []any{[16]byte(a), [][16]byte{traveler, traveler}}, statements[0].Args)
	assert.Equal(t, []any{[16]byte(b), [][16]byte{traveler}}, statements[1].Args)
	together := newBulk(Postgres, names, false).travelers
	assert.Len(t, together.statements(Postgres, keys, func(travel.Traveler) {}), 1)
}
