module github.com/tjansteresor/tjansteresor/adapters/pdf

go 1.25.0

require (
	codeberg.org/go-pdf/fpdf v0.12.0
	github.com/stretchr/testify v1.10.0
	github.com/tjansteresor/tjansteresor v0.0.0
	golang.org/x/image v0.40.0
	golang.org/x/text v0.37.0
)

require (
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	github.com/shopspring/decimal v1.4.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)

replace github.com/tjansteresor/tjansteresor => ../..
