"""What can go wrong when an embedded server starts."""


class EmbeddedError(Exception):
    """A server could not be started.

    Its text is one plain Indonesian line for the person at the terminal.
    """
