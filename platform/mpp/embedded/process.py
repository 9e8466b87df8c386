"""Child processes that never outlive us, free ports, and files that only their owner reads."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mpp.embedded.privileges import Identity

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: a child between fork and exec must not load libraries.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    argv: Sequence[str],
    *,
    log: Path | int,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    identity: Identity | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a process group of its own.

    Stdout and stderr are appended to `log` (a path, mode 0600, or a descriptor).

    The kernel sends the child `death_signal` when the *thread* that called this ends, also after
    kill -9, so call it from the main thread. With `identity` the child runs as that user, without
    supplementary groups. Raises OSError when the program can't be started.
    """
    parent = os.getpid()

    def tie_to_parent() -> None:
        # Runs after the change of user, which would clear the setting.
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != parent:  # the parent died between fork and prctl
                os._exit(1)

    output = log if isinstance(log, int) else open_log(log)
    try:
        return subprocess.Popen(  # noqa: S603  # our own commands, as a list, never through a shell
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            user=None if identity is None else identity.uid,
            group=None if identity is None else identity.gid,
            extra_groups=None if identity is None else [],
            process_group=0,  # Ctrl-C reaches only us; we stop the children in order
            preexec_fn=tie_to_parent,  # noqa: PLW1509  # takes no lock; nothing else sets the signal
        )
    finally:
        if not isinstance(log, int):
            os.close(output)


def open_log(path: Path) -> int:
    """A descriptor that appends to `path`, created with mode 0600 in a folder of mode 0700."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def text_after(path: Path, offset: int, *, limit: int = 65536) -> str:
    """What `path` holds after byte `offset`, at most its last `limit` bytes.

    Empty when there is no such file.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(min(offset, size), size - limit))
            return file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def write_private(path: Path, text: str, identity: Identity | None = None) -> None:
    """Replace `path` by `text` in one step, mode 0600, owned by `identity` (by us when None)."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        if identity is not None:
            os.fchown(file.fileno(), identity.uid, identity.gid)
    temporary.replace(path)


def port_is_free(port: int) -> bool:
    """True when a server could listen on 127.0.0.1:`port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: TIME_WAIT is no obstacle
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None) -> int:
    """`preferred` when it is free, else any free port of 127.0.0.1."""
    if preferred is not None and port_is_free(preferred):
        return preferred
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
