"""One view, one action: fetch, form, service, answer."""
