"""What can go wrong in a way that a person can put right; each message says what to do.

Bad input is never raised, it is returned (`records.rejected`). These are for machinery.
"""


class Trouble(Exception):  # noqa: N818 - a trouble is what it is called
    """Something expected went wrong; the message tells the reader what to do next."""


class Unreachable(Trouble):
    """Something outside did not answer; trying again later may help."""


class Refused(Trouble):
    """Something was asked that cannot be done; trying again as it is will not help."""


class Forged(Refused):
    """A signature is not of whom it says to be; nothing that came with it was looked at."""


class Misconfigured(Trouble):
    """A setting or a file of the workspace is wrong; the message names it and the cure."""


class Damaged(Trouble):
    """What is stored is not what was written; only a copy of it helps."""
