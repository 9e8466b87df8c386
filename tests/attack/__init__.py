"""Proof by attack: a crawler with a payload list, marked values that must show nowhere, JSON routes under fire."""
