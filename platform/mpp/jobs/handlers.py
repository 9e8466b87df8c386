"""Which function does which kind of job, and which jobs the clock starts.

A region's job and a job of the centre are two separate lists: a row in a region's outbox can never start work
that only the centre may do, whatever it calls itself.
"""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from mpp.database.registry import FEATURES
from mpp.settings import Settings
from mpp.tenancy.region import Region

KERNEL_JOBS = (
    "mpp.jobs.housekeeping",
    "mpp.accounts.jobs",
    "mpp.citizens.jobs",
    "mpp.audit.anchors",
    "mpp.storage.jobs",
    "mpp.identity.jobs",
    "mpp.privacy.jobs",
    "mpp.support.jobs",
)


@dataclass(frozen=True, slots=True)
class Job:
    """What a handler gets. `session` is in the transaction that also marks the job done: it never commits.

    `region` is None for a job of the centre, whose session stands on schema `platform`.
    """

    session: Session
    payload: Mapping[str, Any]
    settings: Settings
    region: Region | None


Handler = Callable[[Job], None]


@dataclass(frozen=True, slots=True)
class Registration:
    """A kind of job. `every` repeats it; `daily` starts it once a local day, for the day before."""

    kind: str
    run: Handler
    every: dt.timedelta | None = None
    daily: dt.time | None = None


class UnknownKindError(LookupError):
    """No handler of this kind is declared for this side (region or centre)."""


_of_regions: dict[str, Registration] = {}
_of_centre: dict[str, Registration] = {}


def handler(
    kind: str, *, every: dt.timedelta | None = None, daily: dt.time | None = None
) -> Callable[[Handler], Handler]:
    """Declare the function that does region jobs of `kind`; it must be safe to run twice."""
    return _declare(_of_regions, kind, every, daily)


def central_handler(
    kind: str, *, every: dt.timedelta | None = None, daily: dt.time | None = None
) -> Callable[[Handler], Handler]:
    """Declare the function that does the centre's jobs of `kind`; only these run without a region."""
    return _declare(_of_centre, kind, every, daily)


def _declare(
    into: dict[str, Registration], kind: str, every: dt.timedelta | None, daily: dt.time | None
) -> Callable[[Handler], Handler]:
    def keep(run: Handler) -> Handler:
        known = into.get(kind)
        if known is not None and known.run is not run:
            raise ValueError(f"two handlers for job {kind!r}")
        into[kind] = Registration(kind, run, every, daily)
        return run

    return keep


def find(kind: str, region: Region | None) -> Registration:
    """Return the handler of `kind` on the job's own side. Raises UnknownKindError."""
    load()
    try:
        return (_of_centre if region is None else _of_regions)[kind]
    except KeyError:
        side = "the centre" if region is None else "a region"
        raise UnknownKindError(f"no job {kind!r} of {side}") from None


def clocked(region: Region | None) -> Iterator[Registration]:
    """Return the jobs that the clock starts, for a region or for the centre."""
    load()
    declared = _of_centre if region is None else _of_regions
    return (entry for entry in declared.values() if entry.every or entry.daily)


@cache
def load() -> None:
    """Import the kernel's jobs and each feature's `jobs` module; found by name, as higher floors must be."""
    for name in KERNEL_JOBS:
        importlib.import_module(name)
    package = importlib.import_module(FEATURES)
    for feature in pkgutil.iter_modules(package.__path__, f"{FEATURES}."):
        try:
            importlib.import_module(f"{feature.name}.jobs")
        except ModuleNotFoundError as error:
            if error.name != f"{feature.name}.jobs":
                raise
