"""Kinds of record about the people who work with the platform, in regions and at the centre; and the logs of acts."""

from __future__ import annotations

from mpp.privacy.kinds import Erasure, Kind, Whose, declare

WORK = "Pasal 20 ayat (2) huruf e UU 27/2022 (tugas pelayanan publik)"
LOG_LAW = "Pasal 31 UU 27/2022 (perekaman pemrosesan) dan UU 43/2009 (kearsipan)"

declare(
    Kind(
        key="staff.account", name="Akun petugas", whose=Whose.STAFF,
        columns={
            "staff": ("name", "email", "password_hash", "last_login_at"),
            "platform.central_staff": ("name", "email", "password_hash", "last_login_at"),
            "staff_link": ("email", "staff_id", "token_hash", "created_by", "created_by_id"),
            "platform.central_link": ("email", "staff_id", "token_hash", "created_by", "created_by_id"),
        },
        purpose="Mengizinkan petugas masuk dan mencatat siapa mengerjakan apa", basis=WORK,
        origin="Petugas sendiri dan admin yang mengundang", receivers="Admin daerah; pusat untuk akun pusat",
        after="selama bertugas; sesudah itu nonaktif dan tinggal nama",
        why="Nama harus tetap terbaca di catatan perbuatan", source=LOG_LAW,
        erasure=Erasure.KEPT, erasure_words=f"Disimpan menurut {LOG_LAW}; akun yang berhenti tidak bisa masuk lagi",
    ),
    Kind(
        key="staff.proof", name="Bukti masuk petugas", whose=Whose.STAFF,
        columns={
            "staff_session": ("account_id", "token_hash", "device", "address"),
            "staff_totp": ("account_id", "secret"),
            "staff_passkey": ("account_id", "credential_id", "public_key", "name"),
            "staff_recovery": ("account_id", "code_hash"),
            "platform.central_session": ("account_id", "token_hash", "device", "address"),
            "platform.central_totp": ("account_id", "secret"),
            "platform.central_passkey": ("account_id", "credential_id", "public_key", "name"),
            "platform.central_recovery": ("account_id", "code_hash"),
            "sign_in_try": ("key",),
            "platform.central_sign_in_try": ("key",),
        },
        purpose="Membuktikan bahwa yang masuk memang petugas itu", basis=WORK,
        origin="Perangkat petugas", receivers="Tidak ada; admin hanya melihat nama perangkat",
        after="sampai sesi berakhir, faktor dilepas, atau petugas berhenti", why="Tanpa ini petugas tidak bisa masuk",
        erasure=Erasure.DELETED, erasure_words="Dihapus saat petugas berhenti", ended_by="accounts.prune",
    ),
    Kind(
        key="audit", name="Catatan perbuatan", whose=Whose.STAFF,
        columns={
            "audit_log": ("actor_kind", "actor_id", "actor_name", "subject", "data", "hash", "prev_hash"),
            "platform.audit_log": ("actor_kind", "actor_id", "actor_name", "subject", "data", "hash", "prev_hash"),
        },
        purpose="Menunjukkan siapa berbuat apa, juga siapa melihat data warga", basis=LOG_LAW,
        origin="Dicatat sistem pada setiap perbuatan",
        receivers="Admin daerah; warga membaca nama kantor, waktu, dan keperluan atas datanya sendiri",
        after="selama platform dipakai; tidak dapat diubah atau dihapus",
        why="Rantai yang utuh adalah bukti; isinya tidak memuat nilai data pribadi warga", source=LOG_LAW,
        erasure=Erasure.KEPT,
        erasure_words=f"Disimpan menurut {LOG_LAW}; nomor urut di dalamnya tidak lagi menunjuk siapa pun",
    ),
    Kind(
        key="support", name="Akses dukungan pusat", whose=Whose.STAFF,
        columns={"platform.support_access": (
            "staff_id", "staff_name", "central_session_id", "reason", "hand_over_hash", "session_hash",
        )},
        purpose="Menunjukkan kepada daerah kapan, mengapa, dan sampai kapan orang pusat masuk ke sana", basis=LOG_LAW,
        origin="Petugas pusat yang meminta akses", receivers="Admin daerah: kantor, alasan, dan waktu",
        after="selama platform dipakai", why="Bukti bagi daerah", source=LOG_LAW,
        erasure=Erasure.KEPT, erasure_words=f"Disimpan menurut {LOG_LAW}",
    ),
    Kind(
        key="outbox", name="Pekerjaan antre", whose=Whose.STAFF,
        columns={"outbox": ("payload",), "platform.outbox": ("payload",)},
        purpose="Mengerjakan sesudahnya apa yang sudah diputuskan; hanya memuat nomor urut, tanpa nilai", basis=WORK,
        origin="Dicatat sistem", receivers="Tidak ada", days=7, after="pekerjaan selesai",
        why="Cukup untuk melihat kembali gangguan", ended_by="outbox.prune",
        erasure=Erasure.DELETED, erasure_words="Habis sendiri",
    ),
    nobody={
        "platform.agency": "katalog nasional", "platform.service": "katalog nasional", "platform.holiday": "hari libur",
        "platform.service_standard": "katalog nasional; created_by adalah nama jabatan penyunting",
        "platform.life_event": "katalog nasional", "platform.life_event_service": "katalog nasional",
        "platform.region": "data daerah", "platform.region_host": "alamat situs", "platform.region_rollup": "angka",
        "platform.migration_ledger": "versi skema", "platform.audit_anchor": "ujung rantai catatan",
        "platform.audit_head": "ujung rantai catatan", "audit_head": "ujung rantai catatan",
        "platform.region_key": "kunci terbungkus",
        "platform.support_consent": "pilihan daerah, bukan orang", "content_state": "versi isi portal",
    },
)  # fmt: skip
