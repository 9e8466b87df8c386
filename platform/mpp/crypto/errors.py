"""What can go wrong with keys and sealed values. No message ever carries a value."""

from __future__ import annotations

from mpp.settings import SettingsError


class SecretsError(Exception):
    """Base of the package's errors; the text is one line for the operator."""


class MasterKeyError(SecretsError, SettingsError):
    """The master key is missing, malformed, or not the one that wrapped a region's key."""


class UnknownKeyError(SecretsError):
    """A sealed value names a key version that its region does not have."""


class SealBrokenError(SecretsError):
    """A sealed value was changed, or belongs to another column or region."""
