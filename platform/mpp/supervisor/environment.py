"""What the children are told, and the secret that outlives a restart."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from mpp.embedded.process import write_private

_FILE = "environment.json"


def secret_key(data_dir: Path) -> str:
    """The signing key: made once, kept in `data_dir`/secret-key with mode 0600."""
    path = data_dir / "secret-key"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def children_environment(
    base: Mapping[str, str], *, port: int, data_dir: Path, database_url: str, valkey_url: str
) -> dict[str, str]:
    """`base` with the addresses of this run. What the operator set himself stays."""
    env = dict(base)
    env.setdefault("MPP_ENV", "development")
    if env["MPP_ENV"] != "production":  # a real installation must name its domain itself
        env.setdefault("MPP_DOMAIN", "localhost")
    if not env.get("MPP_SECRET_KEY"):
        env["MPP_SECRET_KEY"] = secret_key(data_dir)
    env.update(
        DATABASE_URL=database_url,
        VALKEY_URL=valkey_url,
        MPP_PORT=str(port),
        MPP_EVENTS_PORT=str(port + 1),
        MPP_DATA_DIR=str(data_dir),
        PYTHONUNBUFFERED="1",
    )
    return env


def remember(env: Mapping[str, str], data_dir: Path) -> None:
    """Keep what other `mpp` commands need to reach this run, in a file of mode 0600."""
    names = (
        "DATABASE_URL",
        "VALKEY_URL",
        "MPP_SECRET_KEY",
        "MPP_PORT",
        "MPP_EVENTS_PORT",
        "MPP_DATA_DIR",
        "MPP_DOMAIN",
    )
    kept = {name: env[name] for name in names if name in env}
    write_private(data_dir / _FILE, json.dumps(kept, indent=1))


def remembered(data_dir: Path) -> dict[str, str]:
    """What `remember` kept for the run in `data_dir`.

    Empty when there was none or it is not ours to read.
    """
    try:
        kept: dict[str, str] = json.loads((data_dir / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept


def forget(data_dir: Path) -> None:
    """Drop what `remember` kept: the servers are gone."""
    (data_dir / _FILE).unlink(missing_ok=True)
