package travel

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/tjansteresor/tjansteresor/internal/seal"
)

// codeRules are the operator's part of one-time codes.
type codeRules struct {
	days, attempts, cost int
}

const (
	// alphabet has no characters that look alike: no 0 1 I L O U.
	alphabet       = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength     = 8
	usernameLength = 7
	saltLength     = 16
	hashLength     = 32

	macPurpose   = "code"
	decoyPurpose = "decoy"
)

// randomText draws n characters, all equally likely.
func randomText(random io.Reader, n int) (string, error) {
	out := make([]byte, 0, n)
	var b [32]byte
	for len(out) < n {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", fmt.Errorf("random source: %w", err)
		}
		for _, v := range b {
			// 240 is the largest multiple of 30 in a byte: what is above would
			// favour the first letters.
			if v < 240 && len(out) < n {
				out = append(out, alphabet[int(v)%len(alphabet)])
			}
		}
	}
	return string(out), nil
}

// showCode writes a code in two groups: K7QP-3MXW.
func showCode(code string) string { return code[:codeLength/2] + "-" + code[codeLength/2:] }

// readTyped undoes what people and keyboards do to a code or username: case,
// spaces, hyphens, full-width letters. Characters that are not in the alphabet
// stay and make it wrong: nothing is guessed.
func readTyped(s string) string {
	const longest = 64
	if len(s) > longest {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, norm.NFKC.String(s))
}

// secret is a one-time code with what is stored of it.
type secret struct {
	code  string
	keyID string
	salt  []byte
	cost  int
	hash  []byte
}

// newSecret draws a code and hashes it, as one of the bounded workers. It is
// done before any transaction.
func (s *Service) newSecret(ctx context.Context) (secret, error) {
	code, err := randomText(s.random, codeLength)
	if err != nil {
		return secret{}, err
	}
	salt := make([]byte, saltLength)
	if _, err := io.ReadFull(s.random, salt); err != nil {
		return secret{}, fmt.Errorf("random source: %w", err)
	}
	v := secret{code: code, keyID: s.keys.CurrentID(), salt: salt, cost: s.code.cost}
	v.hash, err = s.hashCode(ctx, code, v.keyID, salt, v.cost)
	return v, err
}

// hashCode is the slow hash: PBKDF2 over an HMAC under the host's key, so that
// a stolen table alone allows no guessing.
func (s *Service) hashCode(ctx context.Context, code, keyID string, salt []byte, cost int) (hash []byte, err error) {
	mac, err := s.keys.Mac(macPurpose, keyID, []byte(code))
	if err != nil {
		return nil, err
	}
	err = s.work(ctx, func() error {
		hash, err = pbkdf2.Key(sha256.New, string(mac), salt, cost, hashLength)
		return err
	})
	return hash, err
}

// matches checks a typed code. Its work is the same for every credential.
func (s *Service) matches(ctx context.Context, c Credential, code string) (bool, error) {
	hash, err := s.hashCode(ctx, code, c.KeyID, c.Salt, c.Cost)
	if errors.Is(err, seal.ErrUnknownKey) {
		// The host has dropped the key before the code's time was over. It can
		// never match, and must not answer faster or otherwise.
		_, err = s.hashCode(ctx, code, s.keys.CurrentID(), c.Salt, c.Cost)
		return false, err
	}
	if err != nil {
		return false, err
	}
	return hmac.Equal(hash, c.Hash), nil
}

const decoys = 256

// decoy returns a credential that nothing matches, for a username that does not
// exist: it is counted, hashed and saved like any other, so that neither the
// answer nor the work tells that the username is unknown (R14).
func (s *Service) decoy(username string) (Credential, error) {
	mac, err := s.keys.Mac(decoyPurpose, s.keys.CurrentID(), []byte(username))
	if err != nil {
		return Credential{}, err
	}
	return Credential{
		// No username has a hyphen: a decoy can never be typed.
		Username: fmt.Sprintf("DECOY-%d", int(mac[0])%decoys), State: CredentialVoid, KeyID: s.keys.CurrentID(),
		Salt: mac[:saltLength], Cost: s.code.cost, Hash: mac[:hashLength],
	}, nil
}
