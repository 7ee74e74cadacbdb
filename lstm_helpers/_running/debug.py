"""A switch for those who work on the instruments: their own exceptions come through."""

import os
import sys


class OwnFailure(BaseException):
    """An instrument's own exception. It is no `Exception`: nothing takes it for the model's."""


def let_through() -> None:
    """In an `except` block: raise again where LSTM_HELPERS_DEBUG is set, as in the tests.

    Else a failure of an instrument costs its user a name or a cause, never the answer.
    """
    if os.environ.get("LSTM_HELPERS_DEBUG"):
        raise OwnFailure(repr(sys.exception())) from sys.exception()
