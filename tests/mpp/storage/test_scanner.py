"""The virus scanner: asked over its own protocol, and nothing is taken that it has not seen."""

from __future__ import annotations

import socket
import socketserver
import threading
from pathlib import Path

import pytest

from mpp.settings import SettingsError
from mpp.storage import clamd
from mpp.storage.clamd import Clamd
from mpp.storage.errors import FileRefusedError, ScannerAwayError
from tests.support.files import EICAR, Scanner, Talk


def client(scanner: Scanner) -> Clamd:
    return Clamd(f"tcp://127.0.0.1:{scanner.server_address[1]}")


def test_a_clean_file_passes_and_was_seen_whole(scanner: Scanner) -> None:
    data = b"bersih" * 50_000
    client(scanner).scan(data)
    assert scanner.seen == [data]


def test_a_virus_is_refused(scanner: Scanner) -> None:
    with pytest.raises(FileRefusedError, match="virus") as refused:
        client(scanner).scan(b"x" * 70_000 + EICAR)
    assert not isinstance(refused.value, ScannerAwayError)


def test_what_the_scanner_could_not_see_whole_is_not_taken(scanner: Scanner) -> None:
    scanner.limit = 100
    with pytest.raises(ScannerAwayError):
        client(scanner).scan(b"x" * 1000)
    for odd in (b"", b"stream: OK and more", b"UNKNOWN COMMAND"):
        scanner.answer = odd
        with pytest.raises(ScannerAwayError):
            client(scanner).scan(b"x")


def test_a_scanner_that_is_away_or_silent_lets_nothing_through(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(ScannerAwayError):
            Clamd(f"tcp://127.0.0.1:{port}").scan(b"x")
        monkeypatch.setattr(clamd, "SECONDS_PATIENT", 0.3)
        free.listen()
        with pytest.raises(ScannerAwayError):
            Clamd(f"tcp://127.0.0.1:{port}").scan(b"x")


def test_over_a_unix_socket(tmp_path: Path) -> None:
    class Local(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True
        limit, answer, seen = 10**6, None, []

    path = tmp_path / "clamd.ctl"
    with Local(str(path), Talk) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        Clamd(f"unix://{path}").scan(b"bersih")
        with pytest.raises(FileRefusedError, match="virus"):
            Clamd(f"unix://{path}").scan(EICAR)
        server.shutdown()
        thread.join()
    with pytest.raises(ScannerAwayError):
        Clamd(f"unix://{tmp_path}/none").scan(b"x")


@pytest.mark.parametrize("url", ["http://scanner", "tcp://", "unix://", "clamd"])
def test_an_address_that_is_none_is_said_at_the_start(url: str) -> None:
    with pytest.raises(SettingsError, match="MPP_CLAMD_URL"):
        Clamd(url)
