"""A QParkIn of our own to try the panel on: a private server, believable data, two people."""
