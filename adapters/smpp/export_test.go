package smpp

// Changed is closed when a Client gets bound or unbound.
func Changed(c *Client) <-chan struct{} {
	_, changed, _ := c.session()
	return changed
}
