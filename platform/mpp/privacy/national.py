"""Kinds of record about citizens that the centre keeps: the national account, what proves it, whom regions know."""

from __future__ import annotations

from mpp.privacy.kinds import Erasure, Expiry, Kind, Whose, declare

CONSENT = "Pasal 20 ayat (2) huruf a UU 27/2022 (persetujuan Anda saat mendaftar)"
SAFETY = "Pasal 35 UU 27/2022 (kewajiban melindungi data)"
YOU = "Anda isi sendiri"
NOBODY_ELSE = "Tidak ada"
GONE = "Dihapus bersama akun"

declare(
    Kind(
        key="citizen.account", name="Akun nasional", whose=Whose.CITIZEN,
        columns={"platform.citizen": (
            "name", "phone", "phone_index", "left_phone", "left_phone_index", "nik", "nik_index", "email",
            "password_hash", "last_login_at",
        )},
        purpose="Satu akun untuk masuk di semua MPP; nomor HP yang dulu hanya untuk menemukan akun yang nomornya kini "
        "dipakai orang lain", basis=CONSENT, origin=YOU,
        receivers="Daerah yang Anda masuki dan setujui: nama, nomor HP, dan NIK bila Anda isi",
        after="selama akun dipakai", why="Tanpa ini Anda tidak bisa masuk",
        erasure=Erasure.DELETED,
        erasure_words="Nama, nomor HP (juga yang dulu), NIK, surel, dan kata sandi dikosongkan; tinggal nomor akun",
    ),
    Kind(
        key="citizen.proof", name="Bukti masuk dan perangkat", whose=Whose.CITIZEN,
        columns={
            "platform.citizen_session": ("account_id", "profile_id", "token_hash", "device", "address"),
            "platform.citizen_passkey": ("account_id", "credential_id", "public_key", "name"),
            "platform.citizen_recovery": ("account_id", "code_hash"),
            "platform.citizen_try": ("key",),
        },
        purpose="Membuktikan bahwa yang masuk memang Anda, dan menunjukkan perangkat mana yang sedang masuk",
        basis=SAFETY, origin="Perangkat Anda", receivers=NOBODY_ELSE,
        after="sampai Anda keluar, melepasnya, atau sesi berakhir", why="Tanpa ini Anda tidak bisa masuk",
        ended_by="citizens.prune", erasure=Erasure.DELETED, erasure_words=GONE,
    ),
    Kind(
        key="citizen.code", name="Kode sekali pakai dan pesan", whose=Whose.CITIZEN,
        columns={
            "platform.citizen_code": ("phone", "account_id", "browser_hash", "code_hash"),
            "platform.citizen_message": ("phone", "email", "secret"),
            "platform.citizen_wait": ("account_id", "phone", "cancel_hash"),
        },
        purpose="Mengirim kode dan peringatan ke HP dan surel Anda; memberi waktu membatalkan perubahan yang bukan "
        "dari Anda",
        basis=SAFETY, origin=YOU, receivers="Penyedia pesan: nomor HP atau alamat surel, dan isi pesan",
        after="beberapa hari sesudah terkirim atau selesai", why="Cukup untuk satu percobaan masuk",
        ended_by="citizens.prune", erasure=Erasure.DELETED, erasure_words=GONE,
    ),
    Kind(
        key="citizen.region", name="Daerah yang Anda masuki", whose=Whose.CITIZEN,
        columns={
            "platform.citizen_subject": ("citizen_id", "subject"),
            "platform.oidc_grant": ("citizen_id", "session_id", "code_hash", "token_hash"),
            "platform.citizen_identity": ("citizen_id", "subject", "subject_index"),
        },
        purpose="Mengenali Anda di tiap daerah dengan nama samaran yang berbeda, agar daerah tidak bisa mencocokkan",
        basis=CONSENT, origin="Dibuat sistem saat Anda masuk di satu daerah",
        receivers="Tiap daerah: hanya nama samarannya sendiri", after="selama akun dipakai",
        why="Agar Anda dikenali lagi di daerah yang sama", erasure=Erasure.DELETED, erasure_words=GONE,
    ),
    Kind(
        key="citizen.family", name="Keluarga satu KK", whose=Whose.CITIZEN,
        columns={
            "platform.citizen_household": ("account_id", "card", "card_index"),
            "platform.family_member": (
                "account_id", "member_id", "name", "nik", "nik_index", "birth_year", "phone", "phone_index",
            ),
        },
        purpose="Mengurus layanan untuk anggota keluarga satu KK", basis=CONSENT,
        origin="Anda isi sendiri; orang dewasa diminta setuju dahulu",
        receivers="Daerah tempat Anda mengurus: nama saja",
        days=365, after="Anda melepas orang itu; selama dipakai tetap disimpan",
        why="Bukti siapa boleh bertindak waktu itu",
        erasure=Erasure.DELETED, erasure_words=GONE,
        expiries=(Expiry("platform.family_member", "ended_at"),),
    ),
    Kind(
        key="citizen.power", name="Surat kuasa dan pemakaiannya", whose=Whose.CITIZEN,
        columns={
            "platform.power_of_attorney": ("giver_id", "holder_id", "holder_name", "phone", "phone_index", "reason"),
            "platform.acting_use": ("actor_id",),
        },
        purpose="Membuktikan siapa boleh bertindak untuk siapa, dan kapan itu dipakai", basis=CONSENT,
        origin="Pemberi kuasa mengisi, penerima menyetujui", receivers="Daerah tempat kuasa dipakai",
        days=365, after="hari terakhir kuasa", why="Bukti siapa boleh bertindak waktu itu",
        erasure=Erasure.DELETED, erasure_words="Kuasa yang Anda beri dihapus; yang Anda terima dikembalikan",
        expiries=(Expiry("platform.power_of_attorney", "ends_on"),),
    ),
    Kind(
        key="citizen.erasure", name="Permintaan hapus akun", whose=Whose.CITIZEN,
        columns={"platform.citizen_erasure": ("account_id",)},
        purpose="Menghapus akun sesudah masa tenang tujuh hari, dan membuktikan bahwa itu sudah dilakukan",
        basis="Pasal 8, 43, dan 45 UU 27/2022", origin=YOU, receivers=NOBODY_ELSE,
        days=365, after="selesai atau dibatalkan",
        why="Bukti pelaksanaan permintaan Anda", source="Pasal 31 UU 27/2022",
        erasure=Erasure.KEPT,
        erasure_words="Bukti pelaksanaan menurut Pasal 31 dan 45 UU 27/2022; hanya tanggal dan nomor urut",
        expiries=(Expiry("platform.citizen_erasure", "ended_at"),),
    ),
    Kind(
        key="citizen.leak", name="Pemberitahuan kebocoran data", whose=Whose.CITIZEN,
        columns={"platform.leak_notice": ("citizen_id", "staff_id", "phone")},
        purpose="Memberi tahu Anda bila data Anda terungkap, dan membuktikannya",
        basis="Pasal 46 UU 27/2022", origin="Dibuat sistem", receivers=NOBODY_ELSE,
        days=365, after="diberitahukan", why="Bukti pelaksanaan pemberitahuan", source="Pasal 31 UU 27/2022",
        erasure=Erasure.DELETED, erasure_words=GONE,
        expiries=(Expiry("platform.leak_notice", "told_at"),),
    ),
    nobody={
        "platform.oidc_key": "kunci penanda tangan, bukan data orang",
        "platform.leak": "uraian kejadian, tanpa nama siapa pun",
    },
    harmless={
        "platform.oidc_key.private": "kunci penanda tangan, bukan data orang",
        "platform.oidc_grant.code_challenge": "nilai acak peramban",
        "platform.oidc_grant.code_challenge_method": "nama cara",
        "platform.oidc_grant.token_expires_at": "waktu",
    },
)  # fmt: skip
