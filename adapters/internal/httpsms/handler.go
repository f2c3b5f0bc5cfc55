package httpsms

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/tjansteresor/tjansteresor/sms"
)

// maxReceipt bounds what is read of a receipt. Those of the gateways are below
// 4 KiB.
const maxReceipt = 64 << 10

// What Read of a Handler fails with.
var (
	// ErrForbidden: it is not proven that the gateway has sent the receipt.
	ErrForbidden = errors.New("not from the gateway")
	// ErrUnauthorized: as ErrForbidden, and the sender has shown no credentials
	// at all; it is asked for them.
	ErrUnauthorized = errors.New("no credentials")
	// ErrForm: it is from the gateway and not in the form of a receipt.
	ErrForm = errors.New("not a receipt")
)

// Handler takes the delivery receipts of one gateway and hands them to a
// ReportReceiver. Its answers have no body. It is safe for concurrent use.
type Handler struct {
	gateway  string
	receiver sms.ReportReceiver
	read     func(r *http.Request, body []byte) (sms.DeliveryReport, error)
	clock    func() time.Time
	logger   *slog.Logger
}

// NewHandler returns a Handler. read verifies a request and reads the report
// from it; Gateway and At are set by the Handler. A clock of nil is time.Now, a
// logger of nil discards. The error wraps [sms.ErrOption].
func NewHandler(gateway string, receiver sms.ReportReceiver, clock func() time.Time, logger *slog.Logger,
	read func(r *http.Request, body []byte) (sms.DeliveryReport, error),
) (*Handler, error) {
	if receiver == nil {
		return nil, Invalid("receiver", "is required")
	}
	if clock == nil {
		clock = time.Now
	}
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Handler{gateway: gateway, receiver: receiver, read: read, clock: clock, logger: logger}, nil
}

// ServeHTTP answers 204 when the report is saved, or was before. 503 asks the
// gateway to come again: the message is not known yet, or the store has failed
// (500). What cannot be proven is 403, what cannot be read 400.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(h.answer(w, r))
}

func (h *Handler) answer(w http.ResponseWriter, r *http.Request) int {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return http.StatusMethodNotAllowed
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxReceipt))
	if err != nil {
		var size *http.MaxBytesError
		if errors.As(err, &size) {
			return h.refuse(r, http.StatusRequestEntityTooLarge)
		}
		return h.refuse(r, http.StatusBadRequest)
	}
	report, err := h.read(r, body)
	switch {
	case errors.Is(err, ErrUnauthorized):
		w.Header().Set("WWW-Authenticate", `Basic realm="receipts"`)
		return h.refuse(r, http.StatusUnauthorized)
	case errors.Is(err, ErrForbidden):
		return h.refuse(r, http.StatusForbidden)
	case err != nil:
		return h.refuse(r, http.StatusBadRequest)
	}
	report.Gateway, report.At = h.gateway, h.clock().UTC()
	return h.receive(r, report)
}

func (h *Handler) receive(r *http.Request, report sms.DeliveryReport) int {
	err := h.receiver.ReceiveReport(r.Context(), report)
	if err == nil {
		return http.StatusNoContent
	}
	status, level := http.StatusInternalServerError, slog.LevelError
	if errors.Is(err, sms.ErrUnknownMessage) {
		status, level = http.StatusServiceUnavailable, slog.LevelWarn
	}
	h.logger.LogAttrs(r.Context(), level, "sms: receipt", slog.String("gateway", h.gateway),
		slog.String("gateway_id", report.GatewayID), slog.String("id", report.ID.String()),
		slog.String("state", report.State.String()), slog.Any("error", err))
	return status
}

// refuse logs that a request was turned away, and nothing of it: it may come
// from anybody.
func (h *Handler) refuse(r *http.Request, status int) int {
	h.logger.LogAttrs(r.Context(), slog.LevelWarn, "sms: receipt refused",
		slog.String("gateway", h.gateway), slog.Int("status", status))
	return status
}
