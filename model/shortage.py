"""Memory that does not suffice: how it is told from other errors, and what the user is told."""

import os

import torch

from qvl_agent.actions.errors import PolicyError
from qvl_agent.model.decoder import DecoderShape

__all__ = ["is_out_of_memory", "out_of_memory"]


def is_out_of_memory(exc: BaseException) -> bool:
    """Return whether an allocation failed; on a CPU torch says so in a bare RuntimeError.

    While a CUDA graph is recorded, what comes out is that the recording failed; the allocation is
    what went before.
    """
    return (
        isinstance(exc, torch.OutOfMemoryError | MemoryError)
        or "can't allocate memory" in str(exc)
        or "not enough memory" in str(exc)
        or (exc.__context__ is not None and is_out_of_memory(exc.__context__))
    )


def out_of_memory(length: int, shape: DecoderShape, cause: BaseException) -> PolicyError:
    """Return the error of a sequence that does not fit even alone: what it needs, what is free."""
    needed = length * shape.bytes_per_token
    error = PolicyError(
        f"out of memory for a prompt of {length} tokens, even with empty caches: its "
        f"keys and values alone take {needed / 1e9:.3f} GB and {_free(shape.device)} is free; "
        "use a smaller context, smaller pictures (max_pixels) or a smaller model"
    )
    error.__cause__ = cause
    return error


def _free(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{torch.cuda.mem_get_info(device)[0] / 1e9:.3f} GB"
    pages: int = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{pages / 1e9:.3f} GB"
