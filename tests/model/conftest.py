"""A tiny checkpoint, the policy made from it, and transformers' own answer to the same question."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers.utils import logging

from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.reference import Reference
from qvl_agent.model.tiny import make_tiny_checkpoint

logging.disable_progress_bar()


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def policy(tiny_folder: Path) -> Qwen2VLPolicy:
    return Qwen2VLPolicy.load(tiny_folder, device="cpu")


@pytest.fixture(scope="session")
def reference(tiny_folder: Path) -> Reference:
    return Reference(Qwen2VLPolicy.load(tiny_folder, device="cpu"), tiny_folder)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def as_published() -> Callable[[Path], None]:
    """Rewrite a checkpoint as those on the hub are laid out, which are older than the library.

    Their config.json has no text_config and names the rotary settings otherwise; their weights have
    other names and stand in several files.

    Source: Qwen/Qwen2-VL-2B-Instruct, config.json and model.safetensors.index.json.
    """

    def rewrite(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        text = config.pop("text_config")
        rope = text.pop("rope_parameters")
        vision = config["vision_config"] | {"in_chans": 3, "spatial_patch_size": 14}
        for key in ("in_channels", "initializer_range"):
            vision.pop(key, None)
        flat = text | config | {"vision_config": vision, "transformers_version": "4.41.2"}
        flat |= {"rope_theta": rope["rope_theta"], "torch_dtype": "bfloat16", "use_cache": True}
        flat["rope_scaling"] = {"type": "mrope", "mrope_section": rope["mrope_section"]}
        for key in ("dtype", "layer_types"):
            flat.pop(key, None)
        (folder / "config.json").write_text(json.dumps(flat))

        weights = load_file(folder / "model.safetensors")
        (folder / "model.safetensors").unlink()
        older = {
            name.replace("model.visual.", "visual.").replace("model.language_model.", "model."): w
            for name, w in weights.items()
        }
        shards = {"visual.": "model-00001-of-00002.safetensors"}
        places = {n: shards.get(n[:7], "model-00002-of-00002.safetensors") for n in older}
        for file in set(places.values()):
            part = {name: w for name, w in older.items() if places[name] == file}
            save_file(part, folder / file, {"format": "pt"})
        index = {"metadata": {}, "weight_map": places}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))

    return rewrite
