package credit_test

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"

	"github.com/tjansteresor/tjansteresor/credit"
)

// The examples share an operator in Sweden, and Anna.
var (
	zone, _ = time.LoadLocation("Europe/Stockholm")
	rules   = credit.Rules{Zone: zone, Maximum: 15_000_00}
	morning = time.Date(2026, time.January, 12, 7, 45, 0, 0, zone)
)

// A purchase is reserved first and captured when it is completed.
func ExampleRules_Authorize() {
	account, err := rules.SetLimit(credit.Account{}, 500_00)
	if err != nil {
		fmt.Println(err)
		return
	}
	account, z, decline := rules.Authorize(account, credit.Request{
		ID: credit.AuthorizationID{1}, Amount: 250_00, At: morning, ExpiresAt: morning.Add(15 * time.Minute),
	})
	fmt.Println(z.State, z.Month, decline == nil)

	account, z, decline = rules.Capture(account, z, 250_00, morning.Add(time.Minute))
	fmt.Println(z.State, decline == nil, account.UsedIn(z.Month))
	// Output:
	// pending 2026-01 true
	// captured true 250.00
}

// A decline carries the numbers behind it, when it would pass by itself, who
// can help, and a text for the app.
func ExampleDecline() {
	january := credit.MonthOf(morning, zone)
	account := credit.Account{Limit: 500_00, Used: []credit.Usage{{Month: january, Amount: 250_00}}}
	_, z, decline := rules.Authorize(account, credit.Request{
		ID: credit.AuthorizationID{1}, Amount: 250_01, At: morning, ExpiresAt: morning.Add(15 * time.Minute),
	})
	fmt.Println(z.State, decline.Code)
	fmt.Println("limit", decline.Limit, "used", decline.Used, "available", decline.Available, "short by", decline.ShortBy)
	fmt.Println("passes at", decline.PassesAt.In(zone).Format(time.DateTime), "or ask the", decline.Helper)
	fmt.Println(decline.Text(language.Swedish, zone))
	fmt.Println(decline.Text(language.English, zone))
	// Output:
	// declined limit_exceeded
	// limit 500 used 250 available 250 short by 0.01
	// passes at 2026-02-01 00:00:00 or ask the administrator
	// Beloppet 250,01 kr är 0,01 kr mer än vad som är kvar av månadens kreditgräns. Kvar: 250,00 kr av 500,00 kr. Kreditgränsen är hel igen 2026-02-01. En administratör i företaget kan höja den.
	// The amount 250.01 kr is 0.01 kr more than what is left of this month's credit limit. Left: 250.00 kr of 500.00 kr. The credit is whole again on 2026-02-01. An administrator of your company can raise the limit.
}

// What the traveler may see at any time: January's purchases do not burden
// February, and what January left is not added to it.
func ExampleRules_Balance() {
	account := credit.Account{Limit: 500_00, Used: []credit.Usage{{Month: credit.NewMonth(2026, time.January), Amount: 250_00}}}
	midnight := time.Date(2026, time.February, 1, 0, 0, 0, 0, zone)
	for _, at := range []time.Time{midnight.Add(-time.Millisecond), midnight} {
		b := rules.Balance(account, at)
		fmt.Printf("%s: used %s, available %s of %s until %s\n", b.Month, b.Used, b.Available, b.Limit, b.ResetsAt.In(zone).Format(time.DateOnly))
	}
	// Output:
	// 2026-01: used 250.00, available 250.00 of 500.00 until 2026-02-01
	// 2026-02: used 0.00, available 500.00 of 500.00 until 2026-03-01
}

// Months begin at midnight in the operator's zone, in summer and in winter.
func ExampleMonthOf() {
	for _, at := range []string{"2026-01-31T22:59:59.999Z", "2026-01-31T23:00:00Z", "2026-06-30T21:59:59Z", "2026-06-30T22:00:00Z"} {
		instant, err := time.Parse(time.RFC3339, at)
		if err != nil {
			fmt.Println(err)
			return
		}
		m := credit.MonthOf(instant, zone)
		fmt.Println(at, m, "until", m.End(zone).Format(time.RFC3339))
	}
	// Output:
	// 2026-01-31T22:59:59.999Z 2026-01 until 2026-01-31T23:00:00Z
	// 2026-01-31T23:00:00Z 2026-02 until 2026-02-28T23:00:00Z
	// 2026-06-30T21:59:59Z 2026-06 until 2026-06-30T22:00:00Z
	// 2026-06-30T22:00:00Z 2026-07 until 2026-07-31T22:00:00Z
}

// A limit above a maximum is refused by name.
func ExampleRules_SetLimit() {
	account := credit.Account{Maximum: 2_000_00} // the company's own
	for _, limit := range []credit.Amount{2_000_00, 2_000_01, 15_000_01, 0} {
		_, err := rules.SetLimit(account, limit)
		fmt.Println(limit, err)
	}
	// Output:
	// 2000.00 <nil>
	// 2000.01 credit limit 2000.01 exceeds the maximum 2000.00 (company)
	// 15000.01 credit limit 15000.01 exceeds the maximum 15000.00 (operator)
	// 0.00 credit limit 0.00 must be more than 0
}

// A temporary limit ends by itself.
func ExampleRules_SetRaise() {
	until := morning.AddDate(0, 0, 7)
	account, err := rules.SetRaise(credit.Account{Limit: 500_00}, credit.Raise{Limit: 900_00, Until: until}, morning)
	fmt.Println(err, rules.Balance(account, morning).Available, rules.Balance(account, until).Available)
	// Output:
	// <nil> 900.00 500.00
}

// A refund frees credit of the month of the purchase, never of another.
func ExampleRules_Refund() {
	account := credit.Account{Limit: 500_00}
	account, z, _ := rules.Authorize(account, credit.Request{
		ID: credit.AuthorizationID{1}, Amount: 250_00, At: morning, ExpiresAt: morning.Add(15 * time.Minute),
	})
	account, z, _ = rules.Capture(account, z, 250_00, morning)

	february := time.Date(2026, time.February, 3, 12, 0, 0, 0, zone)
	account, z, decline := rules.Refund(account, z, 100_00, february)
	fmt.Println(decline == nil, account.UsedIn(z.Month), z.Refundable(), rules.Balance(account, february).Available)
	_, _, decline = rules.Refund(account, z, 150_01, february)
	fmt.Println(decline.Code)
	// Output:
	// true 150.00 150.00 500.00
	// exceeds_captured
}

// Closing a month fences it.
func ExampleRules_Close() {
	account := credit.Account{Limit: 500_00}
	account, z, _ := rules.Authorize(account, credit.Request{
		ID: credit.AuthorizationID{1}, Amount: 250_00, At: morning, ExpiresAt: morning.AddDate(0, 2, 0),
	})
	account, expired, ok := rules.Close(account, z.Month)
	fmt.Println(ok, len(expired), account.ClosedThrough)
	_, _, decline := rules.Capture(account, z, 250_00, morning.AddDate(0, 1, 0))
	fmt.Println(decline.Code)
	// Output:
	// true 1 2026-01
	// authorization_expired
}

// Amounts are exact, or refused.
func ExampleFromDecimal() {
	for _, s := range []string{"250.01", "250.015", "1e1000000"} {
		amount, err := credit.FromDecimal(decimal.RequireFromString(s))
		fmt.Println(amount, err)
	}
	// Output:
	// 250.01 <nil>
	// 0.00 more than two decimals: 250.015
	// 0.00 amount out of range: a number of about 10^1000000
}
