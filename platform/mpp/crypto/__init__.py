"""Secrets of the person: keys of each region, sealed columns, blind indexes, masks, rotation."""
