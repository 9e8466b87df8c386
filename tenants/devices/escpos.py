"""A small encoder of ESC/POS, the language of receipt printers, and the way to the printer.

Commands follow Epson's published command reference, kept to those that the common 80 mm printers share.
"""

from __future__ import annotations

import enum
import socket
import textwrap
import unicodedata
from typing import Self

from tenants.devices.errors import PrinterError
from tenants.devices.settings import check_printer

# Characters on a line of 80 mm paper in the usual font; some printers fit 48, all fit 42.
COLUMNS = 42
SECONDS_CONNECT = 3.0
SECONDS_SEND = 5.0
ESC, GS = b"\x1b", b"\x1d"
LONGEST_QR = 700


class Align(enum.IntEnum):
    """Where a line stands."""

    LEFT = 0
    CENTRE = 1
    RIGHT = 2


class Slip:
    """A strip of paper, put together line by line."""

    def __init__(self) -> None:
        # ESC @: whatever the one before has left behind is forgotten.
        self._bytes = bytearray(ESC + b"@")

    def align(self, where: Align) -> Slip:
        """Set lines left, centred or right from here on."""
        return self._add(ESC + b"a" + bytes([where]))

    def text(self, words: str, *, size: int = 1, bold: bool = False) -> Slip:
        """Print a paragraph `size` times (1 to 8) as wide and high, broken between words."""
        if not 1 <= size <= 8:
            raise ValueError("a printer's letters are one to eight times as large")
        self._add(ESC + b"E" + bytes([bold]) + GS + b"!" + bytes([(size - 1) << 4 | (size - 1)]))
        for line in textwrap.wrap(plain(words), COLUMNS // size) or [""]:
            self._add(line.encode("ascii") + b"\n")
        return self._add(GS + b"!\x00" + ESC + b"E\x00")

    def rule(self) -> Slip:
        """Print a dashed line."""
        return self._add(b"-" * COLUMNS + b"\n")

    def feed(self, lines: int = 1) -> Slip:
        """Move the paper on."""
        return self._add(ESC + b"d" + bytes([min(lines, 255)]))

    def qr(self, content: str, *, dots: int = 7) -> Slip:
        """Print a QR code that the printer draws itself: model 2, `dots` (1 to 16) wide, error correction M."""
        data = content.encode("ascii")
        if not 0 < len(data) <= LONGEST_QR or not 1 <= dots <= 16:
            raise ValueError("this does not fit a QR code on a slip")
        self._qr(b"1A2\x00")
        self._qr(b"1C" + bytes([dots]))
        self._qr(b"1E1")
        self._qr(b"1P0" + data)
        return self._qr(b"1Q0")

    def cut(self) -> Slip:
        """Feed to the knife and cut."""
        return self._add(GS + b"VB\x00")

    def __bytes__(self) -> bytes:
        """Return what goes to the printer."""
        return bytes(self._bytes)

    def _qr(self, body: bytes) -> Slip:
        return self._add(GS + b"(k" + len(body).to_bytes(2, "little") + body)

    def _add(self, command: bytes) -> Slip:
        self._bytes += command
        return self


def plain(words: str) -> str:
    """Return text in the letters that every printer has, control signs gone: a name can't carry a command."""
    dashes = words.translate(str.maketrans("\u2013\u2014\u2018\u2019\u201c\u201d\u00b7\u2026", "--''\"\"-."))
    letters = unicodedata.normalize("NFKD", dashes).encode("ascii", "ignore").decode()
    return "".join(sign if sign.isprintable() else " " for sign in letters)


class Line:
    """An open line to a printer, as a context manager."""

    def __init__(self, host: str, port: int) -> None:
        """Reach the printer. Raises PrinterError, BadSettingError for an address outside the building."""
        check_printer(host, port)
        try:
            self._socket = socket.create_connection((host, port), timeout=SECONDS_CONNECT)
        except OSError as error:
            raise PrinterError(f"Printer {host}:{port} tidak terjangkau ({_why(error)}).") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def send(self, slip: Slip) -> None:
        """Send a slip whole. Raises PrinterError, whose `sent` says that part of it may be on paper."""
        try:
            self._socket.settimeout(SECONDS_SEND)
            self._socket.sendall(bytes(slip))
            # Some printers drop what they hold when the line is cut hard: say that this was all first.
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            raise PrinterError(f"Sambungan ke printer terputus ({_why(error)}).", sent=True) from error


def _why(error: OSError) -> str:
    return "tidak menjawab" if isinstance(error, TimeoutError) else error.strerror or type(error).__name__
