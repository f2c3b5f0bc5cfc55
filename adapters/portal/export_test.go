package portal

// Route is a row of the table of routes, for tests that visit them all.
type Route struct {
	Methods, Path string
	Whole         bool
}

// Routes lists all pages.
func (p *Portal) Routes() (list []Route) {
	for _, r := range p.table() {
		list = append(list, Route{r.methods, r.path, bool(r.reach)})
	}
	return list
}

// Contrast is the ratio between two colors.
func Contrast(a, b string) float64 { return contrast(a, b) }

// Style is the style sheet as it is written, without the accent.
func Style() string { return string(style) }

// Topics are the names of the manual's pages.
func Topics() (names []string) {
	for _, t := range topics {
		names = append(names, t.name)
	}
	return names
}
