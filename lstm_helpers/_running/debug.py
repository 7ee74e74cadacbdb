"""A switch for those who work on the instruments: their own exceptions come through."""

import os


def let_through() -> None:
    """In an `except` block: raise again where LSTM_HELPERS_DEBUG is set, as in the tests.

    A failure of an instrument costs its user a name or a cause, never the answer.
    """
    if os.environ.get("LSTM_HELPERS_DEBUG"):
        raise  # the exception that is being handled
