"""Why a device or a slip is refused: one line each, shown as it stands."""

from __future__ import annotations


class DeviceError(Exception):
    """The act was refused. `field` names the form's field that must change, when it is one."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class UnknownDeviceError(DeviceError, LookupError):
    """No such device in this region."""

    def __init__(self) -> None:
        super().__init__("Perangkat itu tidak ada. Muat ulang daftar, lalu pilih lagi.")


class BadCodeError(DeviceError):
    """The enrolment code is wrong, used or too old; which of these is not told."""

    def __init__(self) -> None:
        super().__init__(
            "Kode tidak berlaku. Kode hanya bisa dipakai sekali dan berlaku 15 menit. "
            "Minta kode baru kepada admin.",
            "code",
        )


class RevokedError(DeviceError):
    """The device has been shut out."""

    def __init__(self) -> None:
        super().__init__("Perangkat ini sudah dicabut. Tambahkan sebagai perangkat baru.")


class BadSettingError(DeviceError):
    """A setting can't be used."""


class NothingToPrintError(DeviceError):
    """The slip needs no second paper, or can't have one."""


class PrinterError(Exception):
    """The printer did not take the slip. `sent` is True once bytes may have reached it."""

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
