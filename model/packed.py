"""A large matrix laid out once for products with a handful of rows. Knows no model.

MKL multiplies up to three rows as fast as it reads the matrix; from the fourth on it first lays
the matrix out anew, at every product, which takes twice as long. Laid out before, eight rows take
what one does. It costs a second copy of the matrix.
"""

from typing import TypeGuard

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["FEWEST", "PackedLinear"]

FEWEST = 4
"""Rows from which on it pays."""

_ROWS = 8
"""The layout is for products with so many; fewer are filled up, more are taken in turns."""


class PackedLinear:
    """A projection of several rows, as `torch.nn.Linear` computes it up to rounding.

    Args:
        linear: In float32 on the CPU; it is kept, and its weight must not change any more.

    Raises:
        ValueError: If `fits` says no.
    """

    def __init__(self, linear: nn.Linear) -> None:
        if not self.fits(linear):
            raise ValueError("expected a float32 linear layer on a CPU, and a torch with MKL")
        self._linear = linear
        self._packed = torch.ops.mkl._mkl_reorder_linear_weight(linear.weight.data, _ROWS)

    @staticmethod
    def fits(linear: nn.Module) -> TypeGuard[nn.Linear]:
        """Return whether a layer can be packed here."""
        return (
            type(linear) is nn.Linear
            and linear.weight.device.type == "cpu"
            and linear.weight.dtype == torch.float32
            and torch.backends.mkl.is_available()  # type: ignore[no-untyped-call]
            and hasattr(torch.ops.mkl, "_mkl_linear")
        )

    def __call__(self, x: Tensor) -> Tensor:
        """Return (n, out) of float32 (n, in)."""
        rows = len(x)
        filled = F.pad(x, (0, 0, 0, -rows % _ROWS))
        weight, bias = self._linear.weight, self._linear.bias
        parts = [
            torch.ops.mkl._mkl_linear(part, self._packed, weight, bias, _ROWS)
            for part in torch.split(filled, _ROWS)
        ]
        return (parts[0] if len(parts) == 1 else torch.cat(parts))[:rows]
