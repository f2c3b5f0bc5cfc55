package smstest

var receiptCases = []Case{
	{
		"receipt/gateway", "Gateway names the gateway.", Accepts, nil,
		(*check).receiptGateway,
	},
	{
		"receipt/id", "GatewayID names the message there; delivery reports come back with it.", Accepts, nil,
		(*check).receiptID,
	},
}

func (c *check) receiptGateway() {
	if receipt := c.taken(c.anyMessage()); receipt.Gateway != c.o.Gateway {
		c.Errorf("Gateway is %q, want %q", receipt.Gateway, c.o.Gateway)
	}
}

func (c *check) receiptID() {
	first, second := c.taken(c.message(0, code)), c.taken(c.message(1, code))
	if first.GatewayID == "" || first.GatewayID == second.GatewayID {
		c.Errorf("two messages have the ids %q and %q", first.GatewayID, second.GatewayID)
	}
}
