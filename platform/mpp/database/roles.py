"""The login roles of the application and their addresses.

`<prefix>_app` serves regions: NOINHERIT, empty search_path, no grant of its own. `<prefix>_central` reads and
writes schema `platform` and can become no region. `<prefix>_gate` sees each region's state and content version,
nothing else. `<prefix>_region` is what every region's role inherits: the right to read the national catalogue.
"""

from __future__ import annotations

import hashlib
import hmac

from sqlalchemy import URL, make_url

from mpp.settings import Settings


def app_role(settings: Settings) -> str:
    """Name of the login role that serves regions."""
    return f"{settings.role_prefix}_app"


def central_role(settings: Settings) -> str:
    """Name of the login role of the centre."""
    return f"{settings.role_prefix}_central"


def gate_role(settings: Settings) -> str:
    """Name of the login role that reads which regions are served and how new their content is."""
    return f"{settings.role_prefix}_gate"


def reader_role(settings: Settings) -> str:
    """Name of the group whose members may read the national catalogue."""
    return f"{settings.role_prefix}_region"


def gate_role_beside(role: str) -> str:
    """Name of the gate's login that belongs to the same installation as a region's role."""
    return role.rpartition("_region_")[0] + "_gate"


def region_role(settings: Settings, region_id: int) -> str:
    """Name of a region's own role; it carries the database's name because roles are cluster-wide."""
    return f"{settings.role_prefix}_region_{region_id}"


def password(settings: Settings, role: str) -> str:
    """The role's password, derived from the secret key, so that there is one secret to keep."""
    return hmac.new(settings.secret_key.encode(), f"role:{role}".encode(), hashlib.sha256).hexdigest()


def app_url(settings: Settings) -> URL:
    """Address under which web and worker processes serve regions."""
    return _as(settings, app_role(settings))


def central_url(settings: Settings) -> URL:
    """Address under which they read and write schema `platform`."""
    return _as(settings, central_role(settings))


def gate_url(settings: Settings) -> URL:
    """Address under which gates are read."""
    return _as(settings, gate_role(settings))


def _as(settings: Settings, role: str) -> URL:
    return make_url(settings.database_url).set(username=role, password=password(settings, role))
