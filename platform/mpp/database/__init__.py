"""Engines, sessions and the fence: how every statement reaches PostgreSQL."""
