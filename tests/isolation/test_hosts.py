"""Which host leads where: only ours, exactly, whatever a client writes into the header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpp.tenancy.region import Region
from mpp.tenancy.resolver import CENTRE, NOWHERE, Resolver, Scope

A = Region(
    1,
    "13.75",
    "bukittinggi",
    "Kota Bukittinggi",
    "kota",
    "Sumatera Barat",
    "region_1",
    "x_region_1",
    "Asia/Jakarta",
)


def resolver(domain: str = "mpp.example") -> Resolver:
    return Resolver(
        domain, lambda label, host: A if label == A.slug or host == "layanan.kota.example" else None
    )


@pytest.mark.parametrize(
    "header",
    [
        "bukittinggi.mpp.example",
        "BUKITTINGGI.MPP.EXAMPLE:8000",
        "bukittinggi.mpp.example.",
        "layanan.kota.example:443",
    ],
)
def test_a_regions_hosts_lead_to_it(header: str) -> None:
    assert resolver().resolve(header).region is A


@pytest.mark.parametrize("header", ["mpp.example", "MPP.example:80", "127.0.0.1:8000"])
def test_the_domain_itself_is_the_centre(header: str) -> None:
    assert resolver().resolve(header) == CENTRE


@pytest.mark.parametrize(
    "header",
    [
        "", "evil.com", "mpp.example.evil.com", "bukittinggi.mpp.example.evil.com", "evilmpp.example",
        "x.bukittinggi.mpp.example", "-.mpp.example", "a_b.mpp.example", ".mpp.example", "..mpp.example",
        "bukittinggi.mpp.example/@x", "bukittinggi mpp.example", "[::1]", "bukittinggi", "<invalid>",
        "bukittinggi.mpp.example\x00", "*.mpp.example", "%62ukittinggi.mpp.example", "banyuwangi.mpp.example",
    ],
)  # fmt: skip
def test_anything_else_leads_nowhere(header: str) -> None:
    assert resolver().resolve(header) == NOWHERE


@given(st.text(max_size=80))
def test_no_text_but_ours_is_a_region(header: str) -> None:
    site = resolver().resolve(header)
    if site.scope is Scope.REGION:
        assert header.strip().lower().partition(":")[0].rstrip(".") in {
            "bukittinggi.mpp.example",
            "layanan.kota.example",
        }


def test_memory_is_bounded() -> None:
    here = resolver()
    for number in range(5000):
        here.resolve(f"h{number}.mpp.example")
    assert len(here._kept) <= 2000
