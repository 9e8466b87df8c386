"""All models of the platform in one metadata; who adds a models module is known from its name alone."""

from __future__ import annotations

import importlib
import pkgutil

from sqlalchemy import MetaData, Table

from mpp.database.models import PLATFORM_SCHEMA, Base

KERNEL_MODELS = (
    "mpp.tenancy.models",
    "mpp.accounts.models",
    "mpp.accounts.proof_models",
    "mpp.audit",
    "mpp.audit.models",
    "mpp.outbox",
    "mpp.crypto.models",
    "mpp.storage.models",
)
# Packages that sit on higher floors are found by name, not imported upwards.
FEATURES = "tenants"


def metadata() -> MetaData:
    """Return the metadata with every model loaded: the kernel's and each feature's `models` module."""
    for name in KERNEL_MODELS:
        importlib.import_module(name)
    package = importlib.import_module(FEATURES)
    for feature in pkgutil.iter_modules(package.__path__, f"{FEATURES}."):
        try:
            importlib.import_module(f"{feature.name}.models")
        except ModuleNotFoundError as error:
            if error.name != f"{feature.name}.models":
                raise
    return Base.metadata


def region_tables() -> list[Table]:
    """Return the tables of a region's schema, referenced ones first."""
    return [table for table in metadata().sorted_tables if table.schema is None]


def platform_tables() -> list[Table]:
    """Return the tables of schema `platform`, referenced ones first."""
    return [table for table in metadata().sorted_tables if table.schema == PLATFORM_SCHEMA]
