package sqlstore

import (
	"context"
	"fmt"

	"github.com/tjansteresor/tjansteresor/travel"
)

func credentialColumns(c *travel.Credential) []column {
	return []column{
		text("username", &c.Username),
		uuid("company", &c.Company),
		uuid("traveler", &c.Traveler),
		uuid("connection", &c.Connection),
		text("state", &c.State),
		text("key_id", &c.KeyID),
		bytes("salt", &c.Salt),
		number("cost", &c.Cost),
		bytes("hash", &c.Hash),
		number("attempts", &c.Attempts),
		instant("issued_at", &c.IssuedAt),
		instant("expires_at", &c.ExpiresAt),
	}
}

func (x *tx) Credential(ctx context.Context, username string) (travel.Credential, error) {
	if err := x.reads(ctx); err != nil {
		return travel.Credential{}, err
	}
	c, found, err := get(ctx, x, "credential", credentialColumns, "WHERE username = $1", username)
	if err == nil && !found {
		err = fmt.Errorf("credential: %w", travel.ErrNotFound)
	}
	return c, err
}

func (x *tx) InsertCredential(ctx context.Context, c travel.Credential) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	fresh, err := x.insert(ctx, "credential", credentialColumns(&c))
	if err == nil && !fresh {
		err = &travel.DuplicateError{Field: "Username"}
	}
	return err
}

func (x *tx) SaveCredential(ctx context.Context, c travel.Credential) error {
	if err := x.writes(ctx); err != nil {
		return err
	}
	return x.save(ctx, "credential", 1, credentialColumns(&c))
}
