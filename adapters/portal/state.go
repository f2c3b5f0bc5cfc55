package portal

import (
	"time"

	"github.com/tjansteresor/tjansteresor/credit"
	"github.com/tjansteresor/tjansteresor/sms"
	"github.com/tjansteresor/tjansteresor/travel"
)

// badge is a state in words; Tone colors it, and its mark is told apart
// without color.
type badge struct {
	Name, Text, Tone, Mark string
	Order                  int
}

// The states of a connection, in the order in which they want attention.
const (
	stateLocked    = "locked"
	stateExpired   = "expired"
	stateEnded     = "ended"
	stateUsedUp    = "used-up"
	stateFrozen    = "frozen"
	statePending   = "pending"
	stateNever     = "never"
	stateConnected = "connected"
)

func (v *visit) states() []option {
	var list []option
	for _, name := range []string{stateConnected, statePending, stateExpired, stateLocked, stateFrozen, stateUsedUp, stateNever, stateEnded} {
		list = append(list, option{Value: name, Label: v.badge(name).Text})
	}
	return list
}

func (v *visit) badge(name string) badge {
	switch name {
	case stateLocked:
		return badge{name, v.T("Koden är låst", "Code locked"), "bad", "✕", 1}
	case stateExpired:
		return badge{name, v.T("Koden har gått ut", "Code expired"), "bad", "✕", 2}
	case stateUsedUp:
		return badge{name, v.T("Gränsen är slut", "Limit used up"), "warn", "!", 3}
	case stateFrozen:
		return badge{name, v.T("Spärrad", "Stopped"), "warn", "!", 4}
	case statePending:
		return badge{name, v.T("Väntar på aktivering", "Waits for activation"), "wait", "…", 5}
	case stateEnded:
		return badge{name, v.T("Tillgången är borttagen", "Access removed"), "off", "–", 6}
	case stateNever:
		return badge{name, v.T("Inte ansluten", "Not connected"), "off", "–", 7}
	}
	return badge{name, v.T("Ansluten", "Connected"), "good", "✓", 8}
}

// state says where a traveler stands.
func (v *visit) state(t travel.TravelerView) badge {
	switch {
	case t.Connection == "":
		return v.badge(stateNever)
	case t.Connection == travel.ConnectionEnded:
		return v.badge(stateEnded)
	case t.Connection == travel.ConnectionPending && t.Code == travel.CodeLocked:
		return v.badge(stateLocked)
	case t.Connection == travel.ConnectionPending && t.Code == travel.CodeExpired:
		return v.badge(stateExpired)
	case t.Connection == travel.ConnectionPending:
		return v.badge(statePending)
	case t.Frozen:
		return v.badge(stateFrozen)
	case t.UsedUp:
		return v.badge(stateUsedUp)
	}
	return v.badge(stateConnected)
}

// cause is why something does not work, and what helps.
type cause struct {
	Text, Help string
	Do         link
	// Post is the address of a button instead of a link, and Key its idempotency
	// key.
	Post, Key string
}

// cannotConnect says why a traveler does not come as far as to activate.
func (v *visit) cannotConnect(t travel.TravelerView, messages []travel.MessageView) (list []cause) {
	again := link{v.T("Anslut på nytt", "Connect again"), v.to("travelers", t.ID.String(), "connect")}
	switch {
	case v.company.Status != travel.CompanyApproved:
		return []cause{{Text: v.T("Företaget är inte godkänt, eller så är avtalet avslutat.", "The company is not approved, or the account is closed.")}}
	case t.Connection == "":
		return []cause{{
			Text: v.T("Resenären är skapad, men inte ansluten till Tjänsteresor.", "The traveler is on record, but not connected to business trips."),
			Help: v.T("Ange en kreditgräns och anslut. Då skickas ett SMS med användarnamn och engångskod.", "Give a credit limit and connect. Then an SMS with username and one-time code is sent."),
			Do:   link{v.T("Anslut", "Connect"), again.URL},
		}}
	case t.Connection == travel.ConnectionEnded:
		return []cause{{
			Text: v.T("Tillgången är borttagen: kreditgränsen raderades, eller så ändrades mobilnumret.", "The access is removed: the credit limit was removed, or the mobile number changed."),
			Help: v.T("Den gamla koden och det gamla användarnamnet gäller inte mer.", "The old username and code do not count any more."), Do: again,
		}}
	case t.Connection == travel.ConnectionActive:
		return nil
	}
	if len(messages) > 0 {
		list = append(list, v.smsCauses(t, messages[0])...)
	}
	switch t.Code {
	case travel.CodeExpired:
		list = append(list, cause{
			Text: v.T("Engångskoden gick ut "+v.Minute(t.CodeExpiresAt)+" utan att ha använts. En kod förlängs aldrig.", "The one-time code expired on "+v.Minute(t.CodeExpiresAt)+" without having been used. A code is never extended."),
			Do:   again,
		})
	case travel.CodeLocked:
		list = append(list, cause{
			Text: v.T("Fel kod har skrivits in för många gånger, så koden är låst.", "A wrong code was typed in too often, so the code is locked."), Do: again,
		})
	case travel.CodeUsed, travel.CodeVoid:
		list = append(list, cause{Text: v.T("Koden är förbrukad.", "The code is spent."), Do: again})
	case travel.CodeOpen:
		list = append(list, cause{
			Text: v.T("Koden väntar på att användas. Den gäller till "+v.Minute(t.CodeExpiresAt)+".", "The code waits to be used. It is valid until "+v.Minute(t.CodeExpiresAt)+"."),
			Help: v.T("Mobilnumret i appen måste vara det som står här. I appen: Mer, Min profil, Betalmedel, Andra betalmedel, Lägg till Faktura via Allpay.",
				"The mobile number in the app must be the one on this page. In the app: Mer, Min profil, Betalmedel, Andra betalmedel, Lägg till Faktura via Allpay."),
		})
	}
	return list
}

func (v *visit) smsCauses(t travel.TravelerView, m travel.MessageView) []cause {
	resend := cause{Do: link{Text: v.T("Skicka SMS med ny kod", "Send an SMS with a new code")}, Post: v.to("travelers", t.ID.String(), "resend"), Key: newKey()}
	if t.Code != travel.CodeOpen {
		resend = cause{}
	}
	switch m.State {
	case sms.StateFailed:
		resend.Text = v.T("Det senaste SMS:et kom inte fram.", "The newest SMS was not delivered.")
		resend.Help = v.T("Kontrollera mobilnumret. Skicka sedan ett nytt SMS.", "Check the mobile number. Then send another SMS.")
		return []cause{resend}
	case sms.StateUnknown:
		resend.Text = v.T("Det är okänt om det senaste SMS:et kom fram.", "It is not known whether the newest SMS was delivered.")
		resend.Help = v.T("Fråga resenären, och skicka ett nytt om det inte har kommit.", "Ask the traveler, and send another if it did not come.")
		return []cause{resend}
	case sms.StateQueued:
		return []cause{{Text: v.T("SMS:et är inte skickat än.", "The SMS is not sent yet.")}}
	}
	return nil
}

// cannotBuy says why a purchase would be declined now.
func (v *visit) cannotBuy(t travel.TravelerView, policies []*travel.Policy) (list []cause) {
	page := func(name string) string { return v.to("travelers", t.ID.String(), name) }
	zone := v.p.o.Travel.Rules().Zone
	switch {
	case v.company.Status != travel.CompanyApproved:
		return []cause{{Text: v.T("Företagets avtal är inte godkänt eller avslutat.", "The company's account is not approved, or closed.")}}
	case t.Connection != travel.ConnectionActive:
		return []cause{{Text: v.T("Resenären är inte ansluten i appen än.", "The traveler is not connected in the app yet."), Help: v.T("Se Varför går det inte att ansluta? ovan.", "See Why can the traveler not connect? above.")}}
	}
	if t.Frozen {
		list = append(list, cause{
			Text: v.T("Resenären är spärrad för nya köp.", "The traveler is stopped from buying."),
			Do:   link{v.T("Häv spärren", "Allow purchases"), ""}, Post: page("thaw"),
		})
	}
	if t.UsedUp {
		reset := credit.MonthOf(v.p.o.Clock(), zone).End(zone)
		list = append(list, cause{
			Text: v.T("Hela månadens kreditgräns är använd. Den är hel igen "+v.Date(reset)+".", "All of this month's credit limit is used. It is whole again on "+v.Date(reset)+"."),
			Help: v.T("En höjning gäller direkt, utan nytt SMS.", "A raise counts at once, with no new SMS."),
			Do:   link{v.T("Höj tillfälligt", "Raise for a time"), page("raise")},
		})
	}
	for _, p := range policies {
		if p != nil {
			list = append(list, cause{Text: v.T("Företagets eller avdelningens policy begränsar köpen: ", "The policy of the company or department restricts purchases: ") + v.policyText(p) + "."})
		}
	}
	return list
}

// messageState is an SMS in words.
func (v *visit) messageState(m travel.MessageView) badge {
	switch m.State {
	case sms.StateDelivered:
		return badge{Text: v.T("Framme i telefonen", "Delivered to the phone"), Tone: "good", Mark: "✓"}
	case sms.StateSent:
		return badge{Text: v.T("Skickat, väntar på kvittens", "Sent, waits for a receipt"), Tone: "wait", Mark: "…"}
	case sms.StateFailed:
		return badge{Text: v.T("Kom inte fram", "Not delivered"), Tone: "bad", Mark: "✕"}
	case sms.StateUnknown:
		return badge{Text: v.T("Okänt om det kom fram", "Not known whether it was delivered"), Tone: "warn", Mark: "?"}
	}
	return badge{Text: v.T("Väntar på att skickas", "Waits to be sent"), Tone: "wait", Mark: "…"}
}

// messageReason says why an SMS was not sent, or not yet.
func (v *visit) messageReason(m travel.MessageView) string {
	switch m.ErrorCode {
	case "":
		return ""
	case sms.CodeLimitOperator, sms.CodeLimitCompany, sms.CodeLimitNumber:
		return v.T("Många SMS skickas just nu. Det går ut så snart det finns plats.", "Many SMS are being sent. It goes out as soon as there is room.")
	case sms.CodeExpired:
		return v.T("Kodens tid gick ut innan SMS:et kunde skickas.", "The code's time was over before the SMS could be sent.")
	case sms.CodeSuperseded:
		return v.T("Ersatt av ett nyare SMS, eller så togs tillgången bort.", "Replaced by a newer SMS, or the access was removed.")
	case sms.CodeErased:
		return v.T("Resenären är raderad.", "The traveler was erased.")
	case sms.CodeAttempts:
		return v.T("Alla försök är gjorda utan svar.", "All attempts were made without an answer.")
	case sms.CodePayload:
		return v.T("Ett fel hos operatören. Skicka ett nytt SMS.", "A fault of the operator's. Send another SMS.")
	}
	return v.T("SMS-tjänsten svarade: ", "The SMS service answered: ") + m.ErrorCode
}

// lastDay is the last day of a temporary limit, which ends at an instant.
func (v *visit) lastDay(until time.Time) string { return v.Date(until.Add(-time.Nanosecond)) }
