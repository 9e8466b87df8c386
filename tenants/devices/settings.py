"""How a kiosk behaves: what it offers, in which languages, and where it prints. Needs no SQL."""

from __future__ import annotations

import enum
import ipaddress
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tenants.devices.errors import BadSettingError

MOST_LANGUAGES = 3
# Printers in a hall listen on 9100 and, for several behind one box, on the numbers after it. Nothing else may be
# reached from here: a setting of a region must not become a way into other services of the network.
PRINTER_PORTS = range(9100, 9110)
# Addresses of a building's own network, and the machine itself. Link-local ones are left out on purpose.
PRINTER_NETWORKS = tuple(
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fd00::/8", "::1/128")
)
SHORTEST_QUIET, LONGEST_QUIET = 15, 300


class Printing(enum.StrEnum):
    """How a ticket gets onto paper."""

    BROWSER = "browser"
    NETWORK = "network"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class KioskSettings:
    """Settings of a kiosk. Empty `agencies` and `services` (slugs) mean all that the hall offers."""

    agencies: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("id", "en")
    printing: Printing = Printing.BROWSER
    printer_host: str = ""
    printer_port: int = PRINTER_PORTS.start
    # Seconds without a touch before the kiosk asks, and goes back to its start.
    quiet_seconds: int = 45

    def offers(self, agency: str, service: str) -> bool:
        """Return whether this kiosk shows a service of an agency."""
        if not self.agencies and not self.services:
            return True
        return agency in self.agencies or service in self.services

    def as_json(self) -> dict[str, Any]:
        """Return the settings as they are stored."""
        return {
            key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()
        }


def settings_of(stored: Mapping[str, Any]) -> KioskSettings:
    """Return stored settings; what is missing has its usual value."""
    usual = KioskSettings()
    return KioskSettings(
        agencies=tuple(stored.get("agencies", ())),
        services=tuple(stored.get("services", ())),
        languages=tuple(stored.get("languages", usual.languages)),
        printing=Printing(stored.get("printing", usual.printing)),
        printer_host=str(stored.get("printer_host", "")),
        printer_port=int(stored.get("printer_port", usual.printer_port)),
        quiet_seconds=int(stored.get("quiet_seconds", usual.quiet_seconds)),
    )


def checked(settings: KioskSettings) -> KioskSettings:
    """Return `settings` as they may be stored. Raises BadSettingError."""
    if not SHORTEST_QUIET <= settings.quiet_seconds <= LONGEST_QUIET:
        raise BadSettingError(f"Isi {SHORTEST_QUIET} sampai {LONGEST_QUIET} detik.", "quiet_seconds")
    if not settings.languages or len(settings.languages) > MOST_LANGUAGES:
        raise BadSettingError(f"Pilih satu sampai {MOST_LANGUAGES} bahasa.", "languages")
    if settings.printing is Printing.NETWORK or settings.printer_host:
        check_printer(settings.printer_host, settings.printer_port)
    return settings


def check_printer(host: str, port: int) -> None:
    """Let through only a printer inside a building's network. Raises BadSettingError."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise BadSettingError("Isi alamat IP printer, misalnya 192.168.1.50.", "printer_host") from None
    if not any(address in network for network in PRINTER_NETWORKS):
        raise BadSettingError(
            "Printer harus berada di jaringan gedung: alamat yang diawali 10., 172.16. sampai 172.31., atau 192.168.",
            "printer_host",
        )
    if port not in PRINTER_PORTS:
        raise BadSettingError(
            f"Isi port {PRINTER_PORTS.start} sampai {PRINTER_PORTS.stop - 1}.", "printer_port"
        )
