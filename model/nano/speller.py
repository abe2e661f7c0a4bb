"""The layer that tells letters from patches. It serves training only, and is no part of the model.

A new one takes some hundred steps to learn, in which it misleads an encoder that knows its letters
already; so a run that goes on takes over the one that the last run left beside its checkpoint.
"""

from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Generator, nn
from transformers import Qwen2VLForConditionalGeneration

from qvl_agent.actions.errors import DataError
from qvl_agent.model.nano.forward import LETTERS, SLOTS

__all__ = ["load_speller", "new_speller", "save_speller"]

_FILE = "letters.safetensors"


def new_speller(model: Qwen2VLForConditionalGeneration, seed: int) -> nn.Linear:
    """Return one that knows nothing, the same in all processes of a run."""
    width = model.config.vision_config.embed_dim
    speller = nn.Linear(width, SLOTS * (1 + len(LETTERS)))
    generator = Generator().manual_seed(seed)
    nn.init.normal_(speller.weight, std=width**-0.5, generator=generator)
    nn.init.zeros_(speller.bias)
    return speller


def save_speller(folder: Path, speller: nn.Linear) -> None:
    """Put one beside a checkpoint."""
    save_file(
        {name: value.detach() for name, value in speller.state_dict().items()}, folder / _FILE
    )
    (folder / _FILE).chmod(0o644)


def load_speller(
    folder: Path | None, model: Qwen2VLForConditionalGeneration, seed: int
) -> nn.Linear:
    """Return the one beside a checkpoint; a new one if there is none.

    Raises:
        DataError: If it is another encoder's.
    """
    speller = new_speller(model, seed)
    if folder is None or not (folder / _FILE).is_file():
        return speller
    kept = load_file(folder / _FILE)
    shapes = {name: tuple(value.shape) for name, value in kept.items()}
    expected = {name: tuple(value.shape) for name, value in speller.state_dict().items()}
    if shapes != expected:
        raise DataError(f"{folder / _FILE}: expected tensors {expected}, got {shapes}")
    speller.load_state_dict(kept)
    return speller
