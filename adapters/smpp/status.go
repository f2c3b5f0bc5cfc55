package smpp

import (
	"errors"
	"fmt"

	"github.com/tjansteresor/tjansteresor/sms"
)

// ErrNotBound is why a message could not be handed over: there is no bound
// connection at the moment.
var ErrNotBound = errors.New("smpp: not bound")

// ErrRunning is returned by [Client.Run] when it runs already.
var ErrRunning = errors.New("smpp: already running")

var (
	errProtocol   = errors.New("smpp: not SMPP 3.4")
	errUnbound    = errors.New("smpp: the SMSC has unbound")
	errRefused    = errors.New("smpp: refused by the SMSC")
	errStopped    = errors.New("smpp: stopped")
	errLost       = errors.New("smpp: the connection ended before the answer")
	errUnanswered = errors.New("smpp: no answer in time")
)

// BindError says with which status the SMSC has refused a bind.
type BindError struct {
	Status Status
}

// Error names the status.
func (e *BindError) Error() string { return "refused: " + e.Status.String() }

// Status is the command_status of a PDU (SMPP 3.4, 5.1.3). 0 is success.
type Status uint32

// String gives what stands as the code of an error: "esme 0x0b".
func (s Status) String() string { return fmt.Sprintf("esme 0x%02x", uint32(s)) }

const (
	statusOK            Status = 0x00
	statusBadCommand    Status = 0x03
	statusSystemError   Status = 0x08
	statusBindFailed    Status = 0x0d
	statusBadPassword   Status = 0x0e
	statusBadSystemID   Status = 0x0f
	statusQueueFull     Status = 0x14
	statusBadSystemType Status = 0x53
	statusThrottled     Status = 0x58
	statusComeAgain     Status = 0x64 // ESME_RX_T_APPN
	statusNeverAgain    Status = 0x65 // ESME_RX_P_APPN
)

// kind says what is certain of a submit_sm that got this answer. What the
// specification does not say, as of the codes of vendors and of failures inside
// of the SMSC, is unknown.
func (s Status) kind() sms.Kind {
	switch s {
	case 0x04, // ESME_RINVBNDSTS
		statusQueueFull,
		0x45, // ESME_RSUBMITFAIL
		statusThrottled,
		statusComeAgain:
		return sms.KindTemporary
	case 0x01, 0x02, statusBadCommand, // the PDU
		0x06, 0x07, // flags
		0x0a, 0x0b, // source and destination
		0x15,             // service type
		0x33, 0x34, 0x40, // lists of destinations
		0x42, 0x43, 0x44, // options
		0x48, 0x49, 0x50, 0x51, // types of numbers
		statusBadSystemType,
		0x54, 0x55, // options
		0x61, 0x62, 0x63, // times, message templates
		statusNeverAgain, 0x66, // ESME_RX_R_APPN
		0xc0, 0xc1, 0xc2, 0xc3, 0xc4, // optional parameters
		0x100, 0x101, 0x102, 0x103, 0x104: // SMPP 5: services and codings
		return sms.KindPermanent
	}
	return sms.KindUnknown
}

// asksToWait tells whether the SMSC wants less.
func (s Status) asksToWait() bool { return s == statusThrottled || s == statusQueueFull }

// refusesCredentials tells whether the answer to a bind will be the same next
// time, unless somebody changes something.
func (s Status) refusesCredentials() bool {
	return s == statusBindFailed || s == statusBadPassword || s == statusBadSystemID || s == statusBadSystemType
}
