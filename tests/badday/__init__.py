"""Bad days: real processes that are cut off, restarted and killed, and people who must not notice more than a wait."""
