"""What is refused about a hall's sound: one Indonesian line each, shown as it stands."""

from __future__ import annotations


class SoundError(Exception):
    """The act was refused. `field` names the form's field that must change, when it is one."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class RecordingError(SoundError):
    """A file can't be a unit of the voice."""


class UploadError(SoundError):
    """An upload was refused as a whole: `problems` says what is wrong with which file; nothing was kept."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(problems[0], "file")
        self.problems = problems
