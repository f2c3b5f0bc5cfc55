package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/tjansteresor/tjansteresor/travel"
)

// operator is the member of staff who is signed in as the operator.
var operator = travel.OperatorActor("staff-1")

// user is who is signed in on this side of the counter. The zero user is nobody.
type user struct {
	operator bool
	// company and administrator are set for an administrator of a company.
	company       travel.CompanyID
	administrator travel.AdministratorID
}

// users keeps sessions. A session's token is with the browser only; the table has
// its hash.
type users struct {
	db    *database
	trips *travel.Service
	// clock is real time: the demo's jumps sign nobody out.
	clock func() time.Time
}

const (
	sessionCookie = "session"
	phoneCookie   = "phone"
	sessionLasts  = 12 * time.Hour
)

// begin begins a session and returns its token.
func (u *users) begin(ctx context.Context, who user) (token string, err error) {
	token = rand.Text()
	company, administrator := "", ""
	if !who.operator {
		company, administrator = who.company.String(), who.administrator.String()
	}
	_, err = u.db.ExecContext(ctx, "INSERT INTO sessions (token, company, administrator, expires_at) VALUES ($1, $2, $3, $4)",
		hashed(token), company, administrator, micros(u.clock().Add(sessionLasts)))
	return token, err
}

// end ends the session of a request, if there is one.
func (u *users) end(r *http.Request) error {
	token := cookie(r, sessionCookie)
	_, err := u.db.ExecContext(r.Context(), "DELETE FROM sessions WHERE token = $1", hashed(token))
	return err
}

// forget removes sessions that are over.
func (u *users) forget(ctx context.Context) error {
	_, err := u.db.ExecContext(ctx, "DELETE FROM sessions WHERE expires_at < $1", micros(u.clock()))
	return err
}

// of returns who makes a request; the zero user when nobody is signed in.
func (u *users) of(r *http.Request) (who user, err error) {
	token := cookie(r, sessionCookie)
	if token == "" {
		return who, nil
	}
	var company, administrator string
	err = u.db.QueryRowContext(r.Context(), "SELECT company, administrator FROM sessions WHERE token = $1 AND expires_at > $2",
		hashed(token), micros(u.clock())).Scan(&company, &administrator)
	if errors.Is(err, sql.ErrNoRows) {
		return who, nil
	}
	if err != nil {
		return who, err
	}
	if company == "" {
		return user{operator: true}, nil
	}
	who.company, err = travel.ParseID[travel.CompanyID](company)
	if err == nil {
		who.administrator, err = travel.ParseID[travel.AdministratorID](administrator)
	}
	return who, err
}

// hashed is what a table keeps of a token.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie gives the browser a token. It has no Secure: the demo speaks plain
// HTTP. In earnest it has.
func setCookie(w http.ResponseWriter, name, token string) {
	c := &http.Cookie{Name: name, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// person is somebody whom the demo lets a visitor be.
type person struct {
	Name, Email string
	// Departments tells that they act for some departments only.
	Departments    bool
	Company, Admin string
}

// employer is a company with its administrators.
type employer struct {
	Name   string
	Status travel.CompanyStatus
	People []person
}

// employers lists everybody who could sign in to the portal.
func (a *App) employers(ctx context.Context) ([]employer, error) {
	companies, err := a.trips.Companies(ctx, operator, "", travel.CompanyID{}, 0)
	if err != nil {
		return nil, err
	}
	list := make([]employer, len(companies))
	for i, c := range companies {
		list[i] = employer{Name: c.Name, Status: c.Status}
		if c.Status != travel.CompanyApproved {
			continue
		}
		all, err := a.trips.Administrators(ctx, operator, c.ID)
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			list[i].People = append(list[i].People, person{x.Name, x.Email, len(x.Departments) > 0, c.ID.String(), x.ID.String()})
		}
	}
	return list, nil
}

func (a *App) showSignIn(w http.ResponseWriter, r *http.Request) error {
	list, err := a.employers(r.Context())
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, "signin", "Logga in", list)
}

// signIn is where BankID would be: whoever asks is whom they say they are.
func (a *App) signIn(w http.ResponseWriter, r *http.Request) error {
	who, to := user{operator: true}, "/operator"
	if company := r.PostFormValue("company"); company != "" {
		var err error
		who.operator, to = false, "/portal/"
		if who.company, err = travel.ParseID[travel.CompanyID](company); err != nil {
			return errPage
		}
		if who.administrator, err = travel.ParseID[travel.AdministratorID](r.PostFormValue("administrator")); err != nil {
			return errPage
		}
	}
	token, err := a.users.begin(r.Context(), who)
	if err != nil {
		return err
	}
	setCookie(w, sessionCookie, token)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (a *App) signOut(w http.ResponseWriter, r *http.Request) error {
	err := a.users.end(r)
	setCookie(w, sessionCookie, "")
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return err
}
