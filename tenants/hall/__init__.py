"""Halls, opening hours, closures, agencies present, counters and who serves at them."""
