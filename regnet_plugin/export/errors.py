"""The error of an export that something in the network does not allow."""


class NotExportable(ValueError):
    """Something in a network cannot be exported; another part of it perhaps can."""
