"""The HTTP kernel: hosts, access, sessions, headers, cached pages. Knows no page of the product."""
