module github.com/tjansteresor/tjansteresor/examples

go 1.25.0

require (
	github.com/shopspring/decimal v1.4.0
	github.com/stretchr/testify v1.10.0
	github.com/tjansteresor/tjansteresor v0.0.0
	golang.org/x/text v0.34.0
)

replace github.com/tjansteresor/tjansteresor => ../
