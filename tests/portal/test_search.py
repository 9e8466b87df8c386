"""What people type, and what they must find in the first three."""

from __future__ import annotations

import pytest

from mpp.database.session import read, serve
from mpp.tenancy.region import Region
from mpp.web.flask import Platform
from tenants.portal.search import everyday, normalise, search

# As people write it on a phone: slang, typing errors, half sentences. Right: a service's slug.
QUERIES = (
    ("bikin ktp ilang", "ktp-el-penggantian"),
    ("ktp ilamg", "ktp-el-penggantian"),
    ("ktp hilang", "ktp-el-penggantian"),
    ("ktp saya patah", "ktp-el-penggantian"),
    ("ganti foto ktp", "ktp-el-penggantian"),
    ("bikin ktp baru umur 17", "ktp-el-baru"),
    ("rekam ktp", "ktp-el-baru"),
    ("ktp digital", "aktivasi-ikd"),
    ("ikd", "aktivasi-ikd"),
    ("akte lahir", "akta-kelahiran"),
    ("akta kelairan", "akta-kelahiran"),
    ("bikin akte anak baru lahir", "akta-kelahiran"),
    ("surat kematian", "akta-kematian"),
    ("orang tua meninggal", "akta-kematian"),
    ("kartu keluarga baru", "kk-baru"),
    ("kk ilang", "kk-hilang-rusak"),
    ("tambah anggota kk", "kk-perubahan-data"),
    ("pecah kk", "kk-pisah"),
    ("kartu identitas anak", "kia"),
    ("pindah ke kota lain", "pindah-keluar"),
    ("surat pindah", "pindah-keluar"),
    ("sim abis", "sim-perpanjangan"),
    ("perpanjang sim c", "sim-perpanjangan"),
    ("bikin sim baru", "sim-baru"),
    ("surat kelakuan baik", "skck"),
    ("skck", "skck"),
    ("bikin skck buat ngelamar kerja", "skck"),
    ("surat kehilangan polisi", "laporan-kehilangan"),
    ("bayar pajak motor", "stnk-tahunan"),
    ("ganti plat 5 tahun", "stnk-lima-tahunan"),
    ("balik nama motor", "balik-nama-kendaraan"),
    ("bikin paspor", "paspor"),
    ("pasport", "paspor"),
    ("paspor hilang", "paspor"),
    ("nikah di kua", "pendaftaran-nikah"),
    ("kawin", "pendaftaran-nikah"),
    ("daftar haji", "pendaftaran-haji"),
    ("izin usaha", "nib"),
    ("buka warung", "nib"),
    ("imb rumah", "pbg"),
    ("izin praktek bidan", "sip-tenaga-kesehatan"),
    ("kartu kuning", "kartu-ak1"),
    ("kartu pencari kerja", "kartu-ak1"),
    ("bpjs kesehatan bayi", "jkn-daftar-mandiri"),
    ("pindah faskes bpjs", "jkn-ubah-data"),
    ("cairkan jamsostek", "klaim-jht"),
    ("pbb rumah", "pbb-bphtb"),
    ("npwp", "npwp-coretax"),
    ("lapor pajak", "npwp-coretax"),
    ("cek sertifikat tanah", "pengecekan-sertipikat"),
    ("balik nama sertifikat", "peralihan-hak-tanah"),
    ("bebas narkoba", "skhpn"),
    ("pasang listrik", "pasang-baru-air-listrik"),
    ("pensiunan taspen", "klaim-taspen"),
)
FIRST = (
    ("bikin ktp ilang", "ktp-el-penggantian"),
    ("sim abis", "sim-perpanjangan"),
    ("surat kelakuan baik", "skck"),
    ("akte lahir", "akta-kelahiran"),
    ("ktp ilamg", "ktp-el-penggantian"),
    ("pasport", "paspor"),
)


def _slugs(app: Platform, region: Region, query: str) -> list[str]:
    with app.app_context(), serve(region), read() as session:
        return [row.service.slug for row in search(session, query).services]


def test_everyday_queries_find_the_service_in_the_first_three(app: Platform, bukittinggi: Region) -> None:
    missed = {
        query: found[:3]
        for query, slug in QUERIES
        if slug not in (found := _slugs(app, bukittinggi, query))[:3]
    }
    assert not missed


def test_the_plainest_queries_find_it_first(app: Platform, bukittinggi: Region) -> None:
    missed = {q: found[:1] for q, slug in FIRST if (found := _slugs(app, bukittinggi, q))[:1] != [slug]}
    assert not missed


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("bikin KTP ilang!", ["ktp", "hilang"]),
        ("surat kelakuan baik", ["skck"]),
        ("apa", ["apa"]),
        ("", []),
        ("%_'; --", []),
    ],
)
def test_a_query_is_said_in_the_words_of_the_catalogue(query: str, words: list[str]) -> None:
    assert normalise(query) == words


def test_a_long_query_is_cut() -> None:
    assert len(normalise("surat " + " ".join(f"kata{n}" for n in range(100)))) <= 8


def test_life_events_and_agencies_are_found_too(app: Platform, bukittinggi: Region) -> None:
    with app.app_context(), serve(bukittinggi), read() as session:
        assert "menikah" in [event.slug for event in search(session, "menikah").life_events]
        assert "imigrasi" in [agency.slug for agency in search(session, "imigrasi").agencies]


def test_nothing_found_suggests_the_nearest_words(app: Platform, bukittinggi: Region) -> None:
    with app.app_context(), serve(bukittinggi), read() as session:
        nothing = search(session, "qwxzyv")
        assert nothing.empty
        assert search(session, "").empty


def test_the_words_file_is_read_once() -> None:
    assert everyday() is everyday()
