#!/usr/bin/env python3
"""Make the national voice: every unit that the hall's display joins into a call, and the bell.

Needs Debian's espeak-ng and opus-tools. Run `python scripts/voice.py`; it writes static/audio/<language>/<unit>.ogg and
gives the same sound each time. What the units are is said once, by tenants/queueing/speech.py.
"""

from __future__ import annotations

import array
import io
import math
import shutil
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from tenants.queueing.speech import BELL, LANGUAGES, spoken_words  # noqa: E402  # the path is set above

OUT = ROOT / "static" / "audio"
RATE = 22_050
# Loud enough for a hall, below the point where joined units clip.
PEAK = 29_000
# What counts as silence at the ends of a unit; a little of it stays, so that words don't run into each other.
SILENCE = 350
KEPT_SECONDS = 0.02
VOICES = {"id": ("id", "145"), "en": ("en-gb", "150")}
# Two falling strokes, a sixth apart: (hertz, seconds from the start).
BELL_STROKES = ((659.26, 0.0), (523.25, 0.45))
BELL_SECONDS = 1.3
KILOBITS = "20"


def main() -> None:
    """Write all units anew."""
    for program in ("espeak-ng", "opusenc"):
        if shutil.which(program) is None:
            sys.exit(f"voice: {program} is missing (Debian: apt-get install espeak-ng opus-tools)")
    total = 0
    for language in LANGUAGES:
        folder = OUT / language
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.ogg"):
            old.unlink()
        for unit, text in spoken_words(language).items():
            total += encode(bell() if unit == BELL else speak(text, language), folder / f"{unit}.ogg")
    print(f"voice: {total} bytes in {OUT.relative_to(ROOT)}")


def speak(text: str, language: str) -> array.array[int]:
    """Return the samples of `text`, without silence at its ends, at one loudness."""
    voice, speed = VOICES[language]
    argv = ["espeak-ng", "-v", voice, "-s", speed, "-p", "45", "--stdout", text]
    sound = subprocess.run(argv, capture_output=True, check=True).stdout  # noqa: S603  # our own words
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        samples = array.array("h", file.readframes(file.getnframes()))
    return even(trim(samples))


def trim(samples: array.array[int]) -> array.array[int]:
    """Return the samples from the first sound to the last."""
    loud = [index for index, value in enumerate(samples) if abs(value) > SILENCE]
    kept = int(KEPT_SECONDS * RATE)
    return samples[max(0, loud[0] - kept) : loud[-1] + 2 * kept]


def even(samples: array.array[int]) -> array.array[int]:
    """Return the samples with their peak at PEAK."""
    factor = PEAK / max(abs(value) for value in samples)
    return array.array("h", (int(value * factor) for value in samples))


def bell() -> array.array[int]:
    """Return two soft strokes that die away."""
    count = int(BELL_SECONDS * RATE)
    values = [0.0] * count
    for hertz, start in BELL_STROKES:
        for index in range(int(start * RATE), count):
            moment = index / RATE - start
            swell = min(1.0, moment / 0.004) * math.exp(-4.2 * moment)
            tone = math.sin(math.tau * hertz * moment) + 0.3 * math.sin(math.tau * 2 * hertz * moment)
            values[index] += swell * tone
    fade = int(0.1 * RATE)
    for step in range(fade):
        values[count - 1 - step] *= step / fade
    return even(array.array("h", (int(value * 12_000) for value in values)))


def encode(samples: array.array[int], target: Path) -> int:
    """Write `target` as mono Ogg Opus; return its size in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "unit.wav"
        with wave.open(str(source), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples.tobytes())
        # A fixed serial and no padding: the same sound gives the same bytes.
        argv = ["opusenc", "--quiet", "--bitrate", KILOBITS, "--serial", "1", "--padding", "0", "--discard-comments",
                str(source), str(target)]  # fmt: skip
        subprocess.run(argv, check=True)  # noqa: S603  # our own files
    return target.stat().st_size


if __name__ == "__main__":
    main()
