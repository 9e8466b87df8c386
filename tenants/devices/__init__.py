"""Machines in the hall: kiosks and displays, how they are enrolled, what they print."""
