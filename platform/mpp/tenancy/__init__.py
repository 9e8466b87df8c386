"""Regions: who they are, which one is being served, and the fence between them."""
