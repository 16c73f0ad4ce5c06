"""One file per command; each parses, calls a service and answers."""
