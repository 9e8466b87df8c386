"""Benchmarks: ratios inside one run, one line a figure. `make bench`."""
