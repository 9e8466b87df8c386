"""What the centre does to regions: suspend, reactivate, create, give a domain. Each act is in its audit log."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mpp import audit, outbox
from mpp.database.session import central_read, central_write
from mpp.settings import Settings
from mpp.tenancy import lifecycle
from mpp.tenancy.lifecycle import LifecycleError
from mpp.tenancy.models import RegionHost, RegionRecord
from mpp.tenancy.provision import register
from mpp.tenancy.resolver import LABEL, normalise
from tenants.registry.directory import Place, known_places
from tenants.registry.errors import HostError, RegionExistsError, RegistryError, UnknownRegionError
from tenants.registry.files import facts_of

PROVISION = "region.provision"


def suspend(slug: str, reason: str, contact: str) -> str:
    """Suspend a region and return its name. Raises RegistryError with the reason it was refused."""
    try:
        with central_write() as session:
            return lifecycle.suspend(session, slug, reason, contact).name
    except LifecycleError as error:
        raise RegistryError(str(error)) from error


def activate(slug: str) -> str:
    """Bring a suspended region back and return its name. Raises RegistryError."""
    try:
        with central_write() as session:
            return lifecycle.activate(session, slug).name
    except LifecycleError as error:
        raise RegistryError(str(error)) from error


def candidates() -> list[Place]:
    """Return those of the 514 regions that the centre has not registered yet."""
    with central_read() as session:
        taken = set(session.scalars(select(RegionRecord.code)))
    return [place for place in known_places() if place.code not in taken]


def candidate(code: str) -> Place:
    """Return one of the 514 by its code. Raises UnknownRegionError."""
    found = next((place for place in known_places() if place.code == code), None)
    if found is None:
        raise UnknownRegionError(code)
    return found


def create(settings: Settings, code: str) -> str:
    """Register one of the 514 and promise its provisioning; returns its slug.

    The worker provisions with the owner's rights, which no web process holds. Raises RegionExistsError when
    the region is registered, UnknownRegionError when the code is none of the 514.
    """
    place = candidate(code)
    try:
        with central_write() as session:
            if session.scalar(select(RegionRecord.id).where(RegionRecord.code == code)) is not None:
                raise RegionExistsError(place.name)
            register(session, settings, **asdict(facts_of(code)))
            outbox.post(session, PROVISION, code=place.code)
            audit.record(session, action="region.create", subject=f"region:{place.slug}", data={"code": code})
    except IntegrityError as error:
        # Two people created it in the same moment; the second one reads that it is there.
        raise RegionExistsError(place.name) from error
    return place.slug


def add_host(settings: Settings, slug: str, host: str) -> str:
    """Let a domain of the region's own lead to it and return its bare name. Raises HostError, UnknownRegionError."""
    name = valid_host(settings, host)
    with central_write() as session:
        record = session.scalar(select(RegionRecord).where(RegionRecord.slug == slug).with_for_update())
        if record is None:
            raise UnknownRegionError(slug)
        taken = session.get(RegionHost, name)
        if taken is not None:
            whose = "daerah ini" if taken.region_id == record.id else "daerah lain"
            raise HostError(f"{name} sudah dipakai {whose}.")
        session.add(RegionHost(host=name, region_id=record.id))
        audit.record(session, action="region.add_host", subject=f"region:{slug}", data={"host": name})
    return name


def remove_host(slug: str, host: str) -> None:
    """Take a domain away from its region; unknown ones raise HostError."""
    with central_write() as session:
        found = session.get(RegionHost, host)
        if found is None or found.region.slug != slug:
            raise HostError(f"{host} bukan alamat daerah ini.")
        session.delete(found)
        audit.record(session, action="region.remove_host", subject=f"region:{slug}", data={"host": host})


def valid_host(settings: Settings, text: str) -> str:
    """Return the bare name of a domain somebody typed. Raises HostError saying what is wrong with it."""
    bare = text.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/")
    try:
        # Internationalised names are stored as browsers send them.
        name = normalise(bare.encode("idna").decode()) if bare and "/" not in bare else ""
    except UnicodeError:
        name = ""
    labels = name.split(".")
    if len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise HostError("Tulis nama domain saja, misalnya mpp.contoh.go.id.")
    if name == settings.domain or name.endswith(f".{settings.domain}"):
        raise HostError(
            f"Alamat di bawah {settings.domain} sudah diatur platform. Tulis domain milik daerah."
        )
    return name
