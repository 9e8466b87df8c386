"""From an empty database to a platform that serves: install, catalogue, regions; stopped anywhere, it resumes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from mpp import audit
from mpp.crypto.keyring import keyring_of, using
from mpp.settings import Settings
from mpp.tenancy.migrate import Outcome, Target, head, migrate_all
from mpp.tenancy.models import MigrationEntry, RegionRecord, RegionState
from mpp.tenancy.provision import install, owner, owner_session, provision, register
from mpp.tenancy.region import Region
from tenants.catalogue.loader import load_catalogue
from tenants.registry.demo import seed_demo, seed_demo_centre, seed_demo_citizens
from tenants.registry.files import RegionFacts, facts_of, pilots
from tenants.registry.seed import seed_region

Progress = Callable[[str], None]


def prepare(settings: Settings, *, demo: bool, slugs: tuple[str, ...] | None, progress: Progress) -> None:
    """Make the database serve the pilots (those of `slugs`, or all 21); a second run changes nothing.

    `demo` adds the demo accounts. `progress` gets one line a step. A region whose migration fails is named and
    left as it stands: the others go on.
    """
    began = time.perf_counter()
    install(settings)
    progress(f"Basis data siap ({_seconds(began)})")
    began = time.perf_counter()
    with using(keyring_of(settings)), owner_session(settings) as session:
        loaded = load_catalogue(session)
        if demo:
            seed_demo_centre(session)
            seed_demo_citizens(session)
        chosen = [p for p in pilots() if slugs is None or p.slug in slugs]
        records = [_register(session, settings, facts) for facts in chosen]
    news = "tidak berubah" if loaded.nothing else f"{loaded.versions} versi standar baru"
    progress(f"Katalog nasional: {news} ({_seconds(began)})")
    behind = migrate_pending(settings, progress)
    for position, record in enumerate(records, start=1):
        if record.schema_name in behind:
            continue
        began = time.perf_counter()
        provision(settings, record, seed_with_demo if demo else seed_region)
        progress(f"  {position}/{len(records)} {record.name} siap ({_seconds(began)})")


def seed_with_demo(session: Session, region: Region) -> None:
    """Plant a region's seed and its demo accounts."""
    seed_region(session, region)
    seed_demo(session, region)


def create_region(settings: Settings, code: str) -> RegionRecord:
    """Register and provision one of the 514 and return its record; one that is served is left as it is.

    Raises UnknownRegionError for any other code. Runs with the owner's rights: command line and worker only.
    """
    facts = facts_of(code)
    with owner_session(settings) as session:
        new = session.scalar(select(RegionRecord.id).where(RegionRecord.code == code)) is None
        record = _register(session, settings, facts)
        if new:
            audit.record(session, action="region.create", subject=f"region:{facts.slug}", data={"code": code})
    if record.state == RegionState.REGISTERED:
        provision(settings, record, seed_region)
    return record


def migrate_pending(settings: Settings, progress: Progress) -> set[str]:
    """Bring provisioned regions that stand on an older revision to head; returns the schemas that failed."""
    pending = targets(settings, pending_only=True)
    if not pending:
        return set()

    def report(outcome: Outcome) -> None:
        state = f"gagal: {outcome.error}" if outcome.error else f"di revisi {outcome.revision}"
        progress(f"Skema {outcome.target.slug} {state}")

    with owner(settings) as connection:
        done = {
            outcome.target.schema for outcome in migrate_all(connection, pending, report) if not outcome.error
        }
    return {target.schema for target in pending} - done


def targets(settings: Settings, slugs: Sequence[str] = (), *, pending_only: bool = False) -> list[Target]:
    """Return the provisioned regions, or those of `slugs`; `pending_only` leaves out those on the head."""
    # A region that failed before comes last: as canary it would keep all others waiting for ever.
    failed = exists().where(
        MigrationEntry.region_id == RegionRecord.id,
        MigrationEntry.to_revision == head("tenant"),
        MigrationEntry.state == "failed",
    )
    query = select(RegionRecord).where(RegionRecord.state != RegionState.REGISTERED)
    query = query.order_by(failed, RegionRecord.code)
    if slugs:
        query = query.where(RegionRecord.slug.in_(slugs))
    if pending_only:
        query = query.where(RegionRecord.schema_revision.is_distinct_from(head("tenant")))
    with owner_session(settings) as session:
        return [Target(r.id, r.slug, r.schema_name, r.role_name) for r in session.scalars(query)]


def _register(session: Session, settings: Settings, facts: RegionFacts) -> RegionRecord:
    return register(session, settings, **asdict(facts))


def _seconds(began: float) -> str:
    return f"{time.perf_counter() - began:.1f} dtk".replace(".", ",")
