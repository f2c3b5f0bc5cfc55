package portal

import "github.com/tjansteresor/tjansteresor/internal/lang"

const noticeCookie = "portal_notice"

// notice is said once, on the page after something was done.
type notice struct {
	Text string
	Bad  bool
}

// notices are those that a cookie can name. They hold nothing of a person.
var notices = map[string]struct {
	lang.Text
	bad bool
}{
	"traveler-added":        {lang.Text{Swedish: "Resenären är skapad. Anslut resenären för att ge tillgång till tjänsteresor.", English: "The traveler is created. Connect the traveler to give access to business trips."}, false},
	"traveler-updated":      {lang.Text{Swedish: "Uppgifterna är sparade.", English: "The details are saved."}, false},
	"connected":             {lang.Text{Swedish: "Resenären ansluts: ett SMS med instruktion, användarnamn och engångskod är på väg.", English: "The traveler is being connected: an SMS with instructions, username and one-time code is on its way."}, false},
	"resent":                {lang.Text{Swedish: "Ett nytt SMS med en ny engångskod är på väg. Den förra koden gäller inte längre.", English: "A new SMS with a new one-time code is on its way. The earlier code is void."}, false},
	"cooldown":              {lang.Text{Swedish: "Ett SMS skickades alldeles nyss. Vänta några minuter innan du skickar ett nytt.", English: "An SMS was sent a moment ago. Wait some minutes before you send another."}, true},
	"not-waiting":           {lang.Text{Swedish: "Det finns ingen kod som väntar på att användas. Anslut resenären på nytt i stället.", English: "There is no code that waits to be used. Connect the traveler again instead."}, true},
	"number-changed":        {lang.Text{Swedish: "Mobilnumret är ändrat. Det gamla numret har ingen tillgång längre. Anslut resenären på nytt.", English: "The mobile number is changed. The old number has no access any more. Connect the traveler again."}, false},
	"number-connected":      {lang.Text{Swedish: "Mobilnumret är ändrat, och ett SMS med nya uppgifter är på väg till det nya numret.", English: "The mobile number is changed, and an SMS with new credentials is on its way to the new number."}, false},
	"limit-set":             {lang.Text{Swedish: "Kreditgränsen är ändrad och gäller redan nu.", English: "The credit limit is changed and counts at once."}, false},
	"raised":                {lang.Text{Swedish: "Den tillfälliga kreditgränsen gäller redan nu.", English: "The temporary credit limit counts at once."}, false},
	"raise-ended":           {lang.Text{Swedish: "Den tillfälliga kreditgränsen är avslutad.", English: "The temporary credit limit is ended."}, false},
	"frozen":                {lang.Text{Swedish: "Resenären är spärrad för nya köp.", English: "The traveler is stopped from buying."}, false},
	"thawed":                {lang.Text{Swedish: "Spärren är hävd: resenären kan köpa igen.", English: "The traveler can buy again."}, false},
	"not-connected":         {lang.Text{Swedish: "Det går inte: resenären är inte ansluten.", English: "Not possible: the traveler is not connected."}, true},
	"limit-removed":         {lang.Text{Swedish: "Kreditgränsen är raderad och tillgången borttagen.", English: "The credit limit is removed, and with it the access."}, false},
	"erased":                {lang.Text{Swedish: "Personuppgifterna är raderade.", English: "The personal data are erased."}, false},
	"department-added":      {lang.Text{Swedish: "Avdelningen är skapad.", English: "The department is created."}, false},
	"department-updated":    {lang.Text{Swedish: "Avdelningen är ändrad.", English: "The department is changed."}, false},
	"department-archived":   {lang.Text{Swedish: "Avdelningen är arkiverad. Det som har köpts på den faktureras ändå.", English: "The department is archived. What was bought in it is invoiced all the same."}, false},
	"administrator-added":   {lang.Text{Swedish: "Administratören är tillagd.", English: "The administrator is added."}, false},
	"administrator-removed": {lang.Text{Swedish: "Administratören är borttagen.", English: "The administrator is removed."}, false},
	"company-updated":       {lang.Text{Swedish: "Företagets uppgifter är sparade.", English: "The company's details are saved."}, false},
	"policy-updated":        {lang.Text{Swedish: "Policyn är sparad och gäller från nästa köp.", English: "The policy is saved and counts from the next purchase."}, false},
	"import-gone":           {lang.Text{Swedish: "Den uppladdade listan finns inte kvar. Ladda upp den igen: det som redan är gjort görs inte om.", English: "The uploaded list is not kept any more. Upload it again: what is done already is not done twice."}, true},
	"import-stale":          {lang.Text{Swedish: "Något har ändrats sedan du granskade listan. Granska den igen.", English: "Something has changed since you checked the list. Check it again."}, true},
	"import-busy":           {lang.Text{Swedish: "Många importerar just nu. Försök igen om en stund.", English: "Many are importing just now. Try again in a while."}, true},
}

// takeNotice returns what the last request left to be said, and forgets it.
func (v *visit) takeNotice() notice {
	c, err := v.r.Cookie(noticeCookie)
	if err != nil {
		return notice{}
	}
	v.setCookie(noticeCookie, "", -1)
	n, ok := notices[c.Value]
	if !ok {
		return notice{}
	}
	return notice{n.In(v.tag), n.bad}
}
