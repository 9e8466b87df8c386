"""The HTTP edge, by audience."""
