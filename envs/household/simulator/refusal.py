"""An action that the household refuses. Knows nothing."""

__all__ = ["Refused"]


class Refused(Exception):
    """An action cannot be carried out; nothing has changed.

    Attributes:
        code: THOR's errorCode; "" where it gives none.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
