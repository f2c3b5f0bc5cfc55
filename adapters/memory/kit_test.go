package memory_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tjansteresor/tjansteresor/adapters/memory"
	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/internal/id"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

var (
	start  = time.Date(2026, time.January, 13, 11, 0, 0, 0, time.UTC)
	rules  = credit.Rules{Zone: time.UTC, MaxOpen: 20}
	errDie = errors.New("died")
)

// kit is a store with travelers of one company.
type kit struct {
	*memory.Store
	ids       *id.Source
	company   travel.CompanyID
	travelers []travel.Traveler
}

func newKit(t testing.TB, o memory.Options, travelers int) *kit {
	t.Helper()
	k := &kit{
		Store: memory.New(o),
		ids:   id.NewSource(func() time.Time { return start }, rand.NewChaCha8([32]byte{})),
	}
	k.company = k.ids.New()
	require.NoError(t, k.Update(t.Context(), func(tx travel.Tx) error {
		for i := range travelers {
			number, err := sms.PhoneNumberFromE164(fmt.Sprintf("+46701%06d", i))
			if err != nil {
				return err
			}
			v := travel.Traveler{Company: k.company, ID: k.ids.New(), Number: number, Credit: credit.Account{Limit: 15_000_00}}
			if err := tx.SaveTraveler(t.Context(), v); err != nil {
				return err
			}
			k.travelers = append(k.travelers, v)
		}
		return tx.SaveCompany(t.Context(), travel.Company{ID: k.company, Status: travel.CompanyApproved})
	}))
	return k
}

// query asks for the decision on a traveler under a key.
func (k *kit) query(traveler int, key string) travel.Query {
	return travel.Query{Company: k.company, Traveler: k.travelers[traveler].ID, Operation: travel.OperationPurchase, Key: key}
}

func (k *kit) decide(traveler int, key string, decide func(travel.State) (travel.Change, error)) error {
	return k.Decide(context.Background(), k.query(traveler, key), decide)
}

// raise raises the limit by one öre and saves a command under the key.
func (k *kit) raise(traveler int, key string) error {
	return k.decide(traveler, key, func(s travel.State) (travel.Change, error) {
		account := s.Traveler.Credit
		account.Limit++
		change := travel.Change{Account: &account}
		if key != "" {
			change.Command = k.command(key)
		}
		return change, nil
	})
}

func (k *kit) command(key string) *travel.Command {
	return &travel.Command{Company: k.company, Operation: travel.OperationPurchase, Key: key, At: start}
}

func (k *kit) limit(t testing.TB, tx travel.Tx, traveler int) credit.Amount {
	t.Helper()
	v, err := tx.Traveler(t.Context(), k.company, k.travelers[traveler].ID)
	require.NoError(t, err)
	return v.Credit.Limit
}
