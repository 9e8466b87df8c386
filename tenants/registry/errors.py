"""What can be refused about a region; each text is one line for the person who asked."""

from __future__ import annotations


class RegistryError(Exception):
    """The act was refused."""


class UnknownRegionError(RegistryError):
    """No such region is registered, or no such code is among the 514."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Daerah “{name}” tidak ditemukan.")


class RegionExistsError(RegistryError):
    """The region is registered already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} sudah terdaftar.")


class HostError(RegistryError):
    """The host name cannot lead to the region."""
