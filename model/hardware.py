"""What a device reaches, measured on it: the ground on which speeds are judged. Knows no model."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

__all__ = ["Hardware", "has_gpu"]


def has_gpu() -> bool:
    """Return whether torch finds a CUDA device."""
    return torch.cuda.is_available()


@dataclass(frozen=True, slots=True)
class Hardware:
    """A device and its rates.

    Attributes:
        device: As torch names it.
        dtype: As torch names it.
    """

    device: str
    dtype: str

    @property
    def name(self) -> str:
        """What its maker calls it."""
        return torch.cuda.get_device_name(self.device) if self._is_gpu else "CPU"

    @property
    def _is_gpu(self) -> bool:
        return torch.device(self.device).type == "cuda"

    def wait(self) -> None:
        """Return when everything that was launched is done."""
        if self._is_gpu:
            torch.cuda.synchronize(self.device)

    def seconds(self, work: Callable[[], object], repeats: int = 5) -> float:
        """Return the least wall seconds of some work, after one run that is not counted."""
        spent = []
        for _ in range(repeats + 1):
            self.wait()
            begin = time.perf_counter()
            work()
            self.wait()
            spent.append(time.perf_counter() - begin)
        return min(spent[1:])

    def bandwidth(self, nbytes: int = 1 << 31) -> float:
        """Return the bytes a second that a sum over a large tensor reads."""
        tensor = torch.ones(nbytes // 4, device=self.device)
        return tensor.nbytes / self.seconds(tensor.sum)

    def operations(self, size: int = 8192) -> float:
        """Return the operations a second of a large matrix product."""
        matrix = torch.ones((size, size), device=self.device, dtype=getattr(torch, self.dtype))
        return 2.0 * size**3 / self.seconds(lambda: matrix @ matrix)

    def forget_peak(self) -> None:
        """Let `peak_bytes` begin anew."""
        if self._is_gpu:
            torch.cuda.reset_peak_memory_stats(self.device)

    def peak_bytes(self) -> int:
        """Return the most bytes that were allocated on it at once; 0 where nobody counts."""
        return torch.cuda.max_memory_allocated(self.device) if self._is_gpu else 0
