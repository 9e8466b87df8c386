"""The audit log: who did what to what; a chain that shows whether somebody changed it afterwards."""

from mpp.audit.log import (
    NOBODY_NAME,
    SYSTEM,
    Actor,
    AuditEntry,
    AuditHead,
    CentralAuditEntry,
    CentralAuditHead,
    actor,
    chain,
    record,
)

__all__ = [
    "NOBODY_NAME",
    "SYSTEM",
    "Actor",
    "AuditEntry",
    "AuditHead",
    "CentralAuditEntry",
    "CentralAuditHead",
    "actor",
    "chain",
    "record",
]
