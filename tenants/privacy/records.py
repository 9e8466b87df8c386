"""Kinds of record about people that a region keeps; see mpp.privacy.kinds."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, Text, and_, cast, func, literal, select

from mpp.privacy.kinds import REMOVED, Erasure, Expiry, Kind, Whose, declare
from mpp.storage.service import remove_all
from tenants.privacy import files
from tenants.privacy.models import RequestState, RightsRequest
from tenants.queueing.models import BY_HOLDER, OPEN_STATES, Ticket

SERVICE = "Pasal 20 ayat (2) huruf e UU 27/2022 (pelayanan publik)"
CONSENT = "Pasal 20 ayat (2) huruf a UU 27/2022 (persetujuan Anda saat pertama masuk)"
RIGHTS = "Pasal 6 sampai 9, 30, dan 43 UU 27/2022"
PROCESSING_LOG = "Pasal 31 UU 27/2022 (perekaman pemrosesan)"
OFFICERS = "Petugas loket dan resepsionis yang melayani Anda"
NOBODY_ELSE = "Tidak ada"
OPEN = [state.value for state in OPEN_STATES]


def _ended(table: Table) -> ColumnElement[bool]:
    return table.c.state.not_in(OPEN)


def _spoken_of_ended(table: Table) -> ColumnElement[bool]:
    ended = select(Ticket.id).where(Ticket.state.not_in(OPEN))
    return and_(table.c.reason != BY_HOLDER, table.c.ticket_id.in_(ended))


def _not_erased(table: Table) -> ColumnElement[bool]:
    return table.c.erased_at.is_(None)


def _not_waiting(table: Table) -> ColumnElement[bool]:
    """Of a request that is still to be decided the files stay, however late it is."""
    waiting = select(files.of_request(RightsRequest.id)).where(RightsRequest.state == RequestState.OPEN.value)
    return table.c.subject.not_in(waiting)


def _no_address(table: Table) -> ColumnElement[str]:
    """A code that no address has: the link of a ticket ends with its owner's data."""
    return literal("-").concat(cast(table.c.id, Text))


# What takes the person out of a ticket and leaves its times to the statistics.
FORGET_TICKET = {
    "holder": REMOVED, "phone": None, "phone_index": None, "phone_open": None, "profile_id": None,
    "code": _no_address,
}  # fmt: skip

FORGET_PROFILE = {
    **dict.fromkeys(("subject", "name", "phone", "phone_index", "nik", "nik_index")),
    "erased_at": lambda _table: func.now(),
}

declare(
    Kind(
        key="ticket.person", name="Nama dan nomor HP pada nomor antrean", whose=Whose.CITIZEN,
        columns={
            "ticket": ("holder", "phone_sealed", "phone_index", "phone", "profile_id", "code"),
            "ticket_event": ("reason",),
            "wait_announcement": ("ticket_id",),
        },
        purpose="Memanggil dan menghubungi Anda tentang nomor antrean itu", basis=SERVICE,
        origin="Anda isi sendiri, atau petugas atas permintaan Anda", receivers=OFFICERS,
        days=90, after="hari antrean", why="Cukup untuk mengadu dan menjawab pengaduan tentang layanan hari itu",
        erasure=Erasure.ANONYMISED,
        erasure_words="Nama ditulis “(dihapus)”, nomor HP, tautan, dan alasan yang diketik petugas dikosongkan; "
        "waktu tunggu tetap untuk statistik",
        expiries=(
            Expiry("ticket", "local_day", FORGET_TICKET, _ended),
            Expiry("ticket_event", "at", {"reason": None}, _spoken_of_ended),
        ),
    ),
    Kind(
        key="ticket.class", name="Kelas prioritas", whose=Whose.CITIZEN,
        columns={"ticket": ("priority_class",)},
        purpose="Mendahulukan lansia, penyandang disabilitas, ibu hamil atau menyusui, dan pembawa balita",
        basis="Pasal 29 UU 25/2009 (perlakuan khusus); data spesifik menurut Pasal 4 UU 27/2022",
        origin="Anda pilih sendiri, atau petugas di gedung", receivers=OFFICERS,
        days=90, after="hari antrean, lalu tidak lagi menunjuk siapa pun", why="Ikut nomor antreannya",
        erasure=Erasure.ANONYMISED, erasure_words="Tinggal sebagai angka: barisnya tidak lagi menunjuk Anda",
        ended_by="privacy.retain",
    ),
    Kind(
        key="ticket.history", name="Riwayat nomor antrean", whose=Whose.CITIZEN,
        columns={
            "ticket_event": ("ticket_id", "actor_kind", "actor_id"),
            "queue_call": ("ticket_id",),
        },
        purpose="Menunjukkan mengapa dan kapan tiap nomor dipanggil, dan menghitung lama tunggu", basis=SERVICE,
        origin="Dicatat sistem saat Anda dilayani", receivers="Petugas di gedung; tanpa nama di layar mana pun",
        after="tanpa batas, sebagai angka",
        why="Sumber semua statistik; sesudah nomornya dianonimkan tidak menunjuk siapa pun",
        source=PROCESSING_LOG, erasure=Erasure.ANONYMISED,
        erasure_words="Tinggal sebagai waktu dan loket: nomornya tidak lagi menunjuk Anda",
    ),
    Kind(
        key="ticket.message", name="Pesan tentang nomor antrean", whose=Whose.CITIZEN,
        columns={"ticket_message": ("ticket_id", "body"), "print_job": ("ticket_id", "address")},
        purpose="Memberi tahu bahwa giliran Anda dekat, dan mencetak karcis", basis=SERVICE,
        origin="Dibuat sistem", receivers="Penyedia pesan bila daerah memakainya",
        days=30, after="dikirim atau dicetak", why="Cukup untuk memeriksa keluhan tentang pesan",
        erasure=Erasure.DELETED, erasure_words="Dihapus",
        expiries=(
            Expiry("ticket_message", "posted_at"),
            Expiry("print_job", "created_at", {"address": None}),
        ),
    ),
    Kind(
        key="acting", name="Siapa membantu atau mewakili siapa", whose=Whose.CITIZEN,
        columns={
            "helping": ("staff_id", "profile_id", "name", "phone", "phone_index", "reason"),
            "ticket_acting": ("ticket_id", "principal", "profile_id"),
        },
        purpose="Mencatat bahwa petugas, keluarga, atau penerima kuasa mengisi untuk Anda, dan dengan hak apa",
        basis=SERVICE, origin="Yang membantu mengisi, dengan persetujuan Anda", receivers=OFFICERS,
        days=90, after="dibantu", why="Ikut nomor antreannya",
        erasure=Erasure.ANONYMISED, erasure_words="Nama dan nomor HP dikosongkan; tinggal bahwa ada bantuan",
        expiries=(
            Expiry("helping", "started_at", {"name": None, "phone": None, "phone_index": None}),
            Expiry("ticket_acting", "created_at", {"principal": None, "profile_id": None}),
        ),
    ),
    Kind(
        key="profile", name="Profil Anda di daerah ini", whose=Whose.CITIZEN,
        columns={"profile": ("subject", "name", "phone", "phone_index", "nik", "nik_index")},
        purpose="Mengenali Anda di daerah ini dan mengisi formulir tanpa mengetik ulang", basis=CONSENT,
        origin="Akun nasional Anda, saat Anda menyetujui", receivers="Petugas daerah ini yang menangani urusan Anda",
        days=3, after="Anda menarik persetujuan; selama Anda setuju tetap disimpan",
        why="Dibekukan saat itu juga; tiga hari memberi Anda waktu berubah pikiran",
        source="Pasal 40 dan 43 UU 27/2022",
        erasure=Erasure.DELETED, erasure_words="Nama, nomor HP, NIK, dan nama samaran dikosongkan",
        expiries=(Expiry("profile", "withdrawn_at", FORGET_PROFILE, _not_erased),),
    ),
    Kind(
        key="rights", name="Permintaan Anda tentang data", whose=Whose.CITIZEN,
        columns={
            "rights_request": ("ticket_id", "profile_id", "wanted_sealed", "answer_sealed", "decided_by"),
            "leak_notice": ("ticket_id", "profile_id"),
        },
        purpose="Menjalankan hak Anda dan membuktikannya", basis=RIGHTS, origin="Anda isi sendiri",
        receivers="Admin daerah ini", days=365, after="diputuskan", why="Bukti pelaksanaan permintaan Anda",
        source=PROCESSING_LOG, erasure=Erasure.KEPT,
        erasure_words="Isi permintaan dikosongkan; tanggal dan keputusannya disimpan menurut Pasal 31 UU 27/2022",
        expiries=(
            Expiry(
                "rights_request", "decided_at", {"wanted": None, "answer": None, "ticket_id": None, "profile_id": None},
            ),
            Expiry("leak_notice", "told_at"),
        ),
    ),
    Kind(
        key="files", name="Berkas unggahan", whose=Whose.CITIZEN,
        columns={"stored_file": ("name", "subject", "key_sealed", "actor_kind", "actor_id")},
        purpose="Membuktikan apa yang Anda minta dibetulkan", basis=RIGHTS, origin="Anda unggah sendiri",
        receivers="Admin daerah ini yang memutuskan permintaannya", days=30,
        after="dikirim; selama permintaannya belum diputuskan tetap disimpan",
        why="Cukup untuk memutuskan, dan untuk menjawab bila Anda keberatan",
        erasure=Erasure.DELETED, erasure_words="Baris dan kuncinya dihapus; berkasnya lalu tidak bisa dibuka siapa pun",
        expiries=(Expiry("stored_file", "created_at", only=_not_waiting, remove=remove_all),),
    ),
    Kind(
        key="staff.work", name="Penugasan dan perbuatan petugas", whose=Whose.STAFF,
        columns={
            "counter": ("officer_id",), "counter_officer": ("staff_id",), "queue_rule": ("staff_id", "reason"),
            "hall_alert": ("raised_by", "acknowledged_by", "outcome"), "portal_version": ("created_by", "note"),
            "announcement": ("created_by",),
        },
        purpose="Mengatur siapa melayani di loket mana, dan siapa mengubah apa", basis=SERVICE,
        origin="Admin daerah", receivers="Petugas daerah ini", after="selama platform dipakai",
        why="Riwayat pelayanan", source="UU 43/2009 (kearsipan)",
        erasure=Erasure.KEPT, erasure_words="Disimpan menurut UU 43/2009; petugas yang berhenti tinggal nama",
    ),
    nobody={
        "asset": "gambar portal", "leak": "uraian kejadian, tanpa nama siapa pun",
        "hall": "gedung, bukan orang", "agency_presence": "instansi, bukan orang",
        "closure": "hari libur", "device": "mesin di gedung, tanpa akun orang", "hall_sound": "pengaturan suara",
        "opening_hours": "jam buka", "counter_service": "layanan tiap loket", "region_service": "ketentuan layanan",
        "ticket_series": "angka terakhir", "number_lease": "blok nomor untuk kertas",
        "voice_unit": "rekaman suara penyiar",
    },
    harmless={
        "counter.name": "nama loket", "counter.state_note": "keterangan keadaan loket",
        "announcement.body": "isi pengumuman",
        "announcement.body_en": "isi pengumuman",
        "ticket.idempotency_key": "kunci formulir acak", "print_job.device_id": "nomor mesin",
    },
)  # fmt: skip
