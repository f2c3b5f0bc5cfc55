// Package browser holds the tests that sit down at a browser: whole journeys
// through the pages of examples/transitbackend, and with them those of
// adapters/portal, in Chromium, by what the pages say.
//
// The backend is built and started as its README tells, and nothing is asked of
// it but by its pages. Every page that a journey comes to, at the width of a
// phone and of a desktop:
//
//   - axe-core finds no violation of WCAG 2.2 AA on it,
//   - at 320 px nothing of it lies beside the screen,
//   - the browser has nothing to complain of: no error, no script, style or
//     picture that the Content-Security-Policy stops, nothing that is missing.
//
// One journey has scripts switched off.
//
// They need Chromium, and AXE_NODE_MODULES with what npm install axe-core@4.14.1
// makes; .ci/run has both. The go command takes an old result for good when only
// the pages have changed: say -count=1. Pictures of every page, to look at, are in
// the folder that SCREENSHOTS names:
//
//	SCREENSHOTS=/tmp/pages go test -count=1 ./internal/proof/browser
//
// The package has no code of its own.
package browser
