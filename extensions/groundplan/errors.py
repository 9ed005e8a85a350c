"""The root of the errors that a user can cause and mend."""


class UserError(Exception):
    """Something a user can mend; the message is one line and says how.

    Attributes:
        status: The command's exit status: 2 for wrong use, unless a subclass knows better.
    """

    status = 2


def told(error: Exception) -> str:
    """Return an error as one line for people: what the system refused with the file that it is about."""
    if isinstance(error, OSError) and error.strerror:
        file = error.filename2 or error.filename
        return f"{file}: {error.strerror}" if file else error.strerror
    return str(error)
