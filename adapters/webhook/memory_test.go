package webhook_test

import (
	"testing"

	"github.com/tjansteresor/tjansteresor/adapters/webhook"
	"github.com/tjansteresor/tjansteresor/adapters/webhook/webhooktest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	webhooktest.Run(t, func(testing.TB) webhook.Store { return webhook.NewMemory() })
}
