package smpp_test

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"

	"github.com/tjansteresor/tjansteresor/adapters/smpp"
	"github.com/tjansteresor/tjansteresor/sms"
)

// A host's process that sends over SMPP until ctx is done. It needs an SMSC, so
// it is compiled and not run.
func Example() {
	send := func(ctx context.Context, queue sms.Queue, ring *sms.KeyRing, password string, logger *slog.Logger) error {
		client, err := smpp.New(smpp.Options{
			Addr:     "smsc.example.com:3550",
			Dial:     (&tls.Dialer{}).DialContext,
			SystemID: "resor",
			Password: password,
			Reports:  queue,
			Logger:   logger,
		})
		if err != nil {
			return err
		}
		dispatcher, err := sms.NewDispatcher(queue, client, ring, sms.DispatcherOptions{From: "Resor"})
		if err != nil {
			return err
		}
		ctx, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- client.Run(ctx) }()
		err = client.Ready(ctx)
		if err == nil {
			err = dispatcher.Run(ctx)
		}
		stop()
		return errors.Join(err, <-ended)
	}
	_ = send
}
