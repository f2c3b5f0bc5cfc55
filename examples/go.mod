module github.com/tjansteresor/tjansteresor/examples

go 1.25.0

require (
	github.com/jackc/pgx/v5 v5.9.2
	github.com/shopspring/decimal v1.4.0
	github.com/stretchr/testify v1.11.1
	github.com/tjansteresor/tjansteresor v0.0.0
	github.com/tjansteresor/tjansteresor/adapters/pdf v0.0.0
	github.com/tjansteresor/tjansteresor/adapters/postgres v0.0.0
	github.com/tjansteresor/tjansteresor/adapters/sqlite v0.0.0
	golang.org/x/text v0.37.0
	modernc.org/sqlite v1.59.0
)

require (
	codeberg.org/go-pdf/fpdf v0.12.0 // indirect
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/dustin/go-humanize v1.0.1 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.2 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/ncruces/go-strftime v1.0.0 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	github.com/robfig/cron/v3 v3.0.1 // indirect
	golang.org/x/image v0.40.0 // indirect
	golang.org/x/sync v0.22.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
	modernc.org/libc v1.75.7 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
)

replace (
	github.com/tjansteresor/tjansteresor => ../
	github.com/tjansteresor/tjansteresor/adapters/pdf => ../adapters/pdf
	github.com/tjansteresor/tjansteresor/adapters/postgres => ../adapters/postgres
	github.com/tjansteresor/tjansteresor/adapters/sqlite => ../adapters/sqlite
)
