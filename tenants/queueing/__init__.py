"""Tickets: numbers that never repeat, calls that never double, every change a row."""
