"""Why `mpp up` stops."""


class UpError(Exception):
    """Something the operator must change. Its text is one plain Indonesian line."""


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal.

    Like KeyboardInterrupt it is no Exception, so nobody swallows it.
    """
