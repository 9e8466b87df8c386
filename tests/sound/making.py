"""Recordings made by hand: what a test sends in, right or wrong."""

from __future__ import annotations

import io
import math
import struct
import wave
import zipfile

from mpp.settings import ROOT

AUDIO = ROOT / "static" / "audio"
RATE = 22_050


def national(name: str) -> bytes:
    """A national recording: "id/nol"."""
    return (AUDIO / f"{name}.ogg").read_bytes()


def wav(seconds: float = 0.4, rate: int = RATE, channels: int = 1) -> bytes:
    """A tone as WAV PCM of 16 bits."""
    values = (int(9000 * math.sin(math.tau * 440 * step / rate)) for step in range(int(seconds * rate)))
    frames = b"".join(struct.pack("<h", value) * channels for value in values)
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(frames)
    return target.getvalue()


def packed(files: dict[str, bytes]) -> bytes:
    """A zip of files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def page(body: bytes, number: int, moment: int = 0, flags: int = 0, serial: int = 7) -> bytes:
    """An Ogg page with one packet, its checksum worked out bit by bit."""
    sizes = bytes([255] * (len(body) // 255) + [len(body) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, moment, serial, number, 0, len(sizes)) + sizes
    value = 0
    for byte in head + body:
        value ^= byte << 24
        for _bit in range(8):
            value = (value << 1 ^ 0x104C11DB7) if value & 0x80000000 else value << 1
    return head[:22] + struct.pack("<I", value) + head[26:] + body


def vorbis(seconds: float = 0.5, rate: int = RATE) -> bytes:
    """The pages of a Vorbis stream; only its head says anything."""
    head = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 1, rate, 0, 32_000, 0, 0xB8, 1)
    return page(head, 0, flags=2) + page(b"\x03vorbis", 1) + page(bytes(300), 2, int(seconds * rate), 4)
