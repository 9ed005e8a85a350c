"""The root of the errors that a user can cause and mend."""


class UserError(Exception):
    """Something a user can mend; the message is one line and says how.

    Attributes:
        status: The command's exit status: 2 for wrong use, unless a subclass knows better.
    """

    status = 2
