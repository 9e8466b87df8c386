"""What is refused about a region's services: one Indonesian line each, shown as it stands."""

from __future__ import annotations


class ServiceError(Exception):
    """The act was refused. `field` names the form's field that must change, when it is one."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class UnknownServiceError(ServiceError, LookupError):
    """No such service in the catalogue, or the region has never taken it over."""

    def __init__(self) -> None:
        super().__init__("Layanan itu tidak ada. Muat ulang daftar, lalu pilih lagi.")


class NoPendingChangeError(ServiceError):
    """The national change was accepted or declined already, or a newer one has come."""

    def __init__(self) -> None:
        super().__init__(
            "Perubahan ini sudah diputuskan atau sudah ada yang lebih baru. Lihat perbedaannya lagi."
        )
