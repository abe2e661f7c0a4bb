"""A checkpoint in the hub's file format: finding it, checking it, loading it. Knows no prompts.

config.json               architecture and sizes
model.safetensors         weights, or model.safetensors.index.json with its shards
tokenizer.json            vocabulary
preprocessor_config.json  how pictures are resized and cut
agent.json                optional: how this checkpoint wants to be prompted (`Profile`)
"""

import dataclasses
import hashlib
import json
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from qvl_agent.actions.errors import DataError, PolicyError, UsageError
from qvl_agent.model.policy import Profile

__all__ = [
    "QUANTIZATIONS",
    "broken_torchvision",
    "find_checkpoint",
    "load_model",
    "read_json",
    "read_profile",
    "weights_identity",
]

_CLASSES = {
    "qwen2_vl": "Qwen2VLForConditionalGeneration",
    "qwen2_5_vl": "Qwen2_5_VLForConditionalGeneration",
    "qwen3_vl": "Qwen3VLForConditionalGeneration",
}
_PROFILES = {
    "qwen2_5_vl": Profile(dialect="hermes", frame="pixels"),
    "qwen3_vl": Profile(dialect="hermes", frame="0-999"),
}
"""How the published checkpoints were trained: pixels of the resized picture in one, a grid in the
other, and calls as JSON in tags in both. Qwen2-VL's is the default profile. Source: `frames`."""

QUANTIZATIONS = ("int8", "nf4")
"""Weights of 8 and of 4 bits, by bitsandbytes: a 7B takes about 9 and 6 GB."""

_WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_HASHED_WHOLE = 1 << 30


def find_checkpoint(source: str | Path) -> Path:
    """Return the local folder of a checkpoint, downloaded from the hub if it has to be.

    Args:
        source: A folder, or a hub id such as "Qwen/Qwen2-VL-2B-Instruct".

    Raises:
        DataError: If it is a folder in which a file is missing.
        UsageError: If it is neither a folder nor the id of a model on the hub.
        PolicyError: If the hub cannot be reached.
    """
    folder = Path(source).expanduser()
    if not folder.is_dir():
        if not _HUB_ID.fullmatch(str(source)):
            raise UsageError(
                f"no model {str(source)!r}: expected a folder with a checkpoint, or a hub id such "
                "as Qwen/Qwen2-VL-2B-Instruct"
            )
        folder = _download(str(source))
    for name in ("config.json", "tokenizer.json", "preprocessor_config.json"):
        if not (folder / name).is_file():
            raise DataError(f"{folder} is not a checkpoint: it has no {name}")
    if not any((folder / name).is_file() for name in _WEIGHTS):
        raise DataError(f"{folder} is not a checkpoint: it has no {_WEIGHTS[0]}")
    return folder


def _download(hub_id: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        return Path(snapshot_download(hub_id, allow_patterns=["*.json", "*.safetensors"]))
    except RepositoryNotFoundError as exc:
        raise UsageError(f"there is no model {hub_id!r} on the hub, or it is not public") from exc
    except Exception as exc:  # whatever the client's HTTP library raises; all mean the same here
        raise PolicyError(
            f"cannot fetch {hub_id} from the hub ({type(exc).__name__}); check the connection, or "
            "download the checkpoint elsewhere and pass its folder"
        ) from exc


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file.

    Raises:
        DataError: If the file holds none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise DataError(f"{path} is not readable as JSON: {exc}") from exc
    if not isinstance(content, dict):
        raise DataError(f"{path}: expected a JSON object, got {type(content).__name__}")
    return content


def read_profile(folder: Path) -> Profile:
    """Return the profile stored with a checkpoint, or that of its architecture.

    Raises:
        DataError: If `agent.json` has unknown fields.
    """
    path = folder / "agent.json"
    if not path.is_file():
        architecture = read_json(folder / "config.json").get("model_type")
        return _PROFILES.get(str(architecture), Profile())
    content = read_json(path)
    known = {field.name for field in dataclasses.fields(Profile)}
    if unknown := sorted(set(content) - known):
        raise DataError(f"{path}: unknown fields {unknown}; a profile has {sorted(known)}")
    return Profile(**content)


def load_model(
    folder: Path,
    *,
    dtype: Any,
    attention: str,
    quantize: str | None = None,
    device_map: Any = None,
) -> Any:
    """Return the transformers model of a checkpoint in evaluation mode.

    Args:
        folder: The checkpoint.
        dtype: Of weights and activations; of a quantised model, of activations.
        attention: As transformers names it.
        quantize: One of `QUANTIZATIONS`, or None.
        device_map: Where its parts go, as accelerate understands it; None is the CPU.

    Raises:
        UsageError: If the architecture is not one of the supported ones, or a package is missing.
        DataError: If the weights are incomplete or unreadable.
        PolicyError: If transformers cannot be imported, or the GPUs cannot hold all weights.
    """
    model_type = read_json(folder / "config.json").get("model_type")
    if model_type not in _CLASSES:
        raise UsageError(
            f"{folder.name} is a {model_type!r} model; supported are {', '.join(_CLASSES)}"
        )
    model_class = _transformers_class(_CLASSES[model_type])
    placement = _placement(quantize, device_map, dtype)
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        model, report = model_class.from_pretrained(
            folder,
            dtype=dtype,
            attn_implementation=attention,
            local_files_only=True,
            output_loading_info=True,
            **placement,
        )
    except Exception as exc:  # safetensors and transformers raise many kinds for a bad file
        raise DataError(f"cannot load the weights in {folder}: {exc}") from exc
    finally:
        if shown:
            logging.enable_progress_bar()
    if missing := sorted(report["missing_keys"]):
        # transformers would go on with random weights.
        raise DataError(f"{folder}: {len(missing)} weights are missing, such as {missing[0]}")
    if any(parameter.device.type == "meta" for parameter in model.parameters()):
        raise PolicyError(
            f"the GPUs cannot hold all weights of {folder.name}; load it with --quantize nf4, or "
            "choose a smaller model"
        )
    return model.eval()


def _placement(quantize: str | None, device_map: Any, dtype: Any) -> dict[str, Any]:
    """Return the further arguments of `from_pretrained`."""
    if quantize is not None and quantize not in QUANTIZATIONS:
        raise UsageError(f"no quantisation {quantize!r}; there are {', '.join(QUANTIZATIONS)}")
    needed = ["bitsandbytes"] * (quantize is not None) + ["accelerate"] * (device_map is not None)
    if missing := [package for package in needed if find_spec(package) is None]:
        raise UsageError(
            f"this way of loading needs {' and '.join(missing)}: pip install 'qvl-agent[quant]'"
        )
    placement = {} if device_map is None else {"device_map": device_map}
    if quantize is not None:
        from transformers import BitsAndBytesConfig

        # The vision tower is small, and its patch projection is read as a matrix, see `vision`.
        # transformers looks for these where a module's full name begins or ends.
        whole = ["model.visual", "lm_head"]
        placement["quantization_config"] = (
            BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=whole)
            if quantize == "int8"
            else BitsAndBytesConfig(
                load_in_4bit=True,
                bnb_4bit_quant_type="nf4",
                bnb_4bit_compute_dtype=dtype,
                llm_int8_skip_modules=whole,
            )
        )
    return placement


def _transformers_class(name: str) -> Any:
    try:
        import transformers

        return getattr(transformers, name)
    except Exception as exc:  # a broken torchvision surfaces as several kinds
        message = f"transformers cannot provide {name}: {exc}"
        if broken := broken_torchvision():
            message = (
                f"the installed torchvision does not fit the installed torch ({broken}), and keeps "
                "transformers from loading any Qwen model; torchvision is not needed here: "
                "run pip uninstall torchvision, or install the build that matches torch"
            )
        raise PolicyError(message) from exc


def broken_torchvision() -> str | None:
    """Return why torchvision cannot be imported, or None if it is absent or sound."""
    if find_spec("torchvision") is None:
        return None
    try:
        import_module("torchvision")
    except Exception as exc:  # a missing operator is a RuntimeError, a missing library an OSError
        return f"{type(exc).__name__}: {exc}"
    return None


def weights_identity(folder: Path) -> str:
    """Return a hash that tells checkpoints apart: "sha256:..." or "sha256-sampled:...".

    Weights of more than 1 GiB are not read whole: name, size, and the first and last MiB of each
    file go in, the first holding the safetensors header with every tensor's name and shape.
    """
    files = sorted(folder.glob("*.safetensors"))
    digest = hashlib.sha256()
    if sum(file.stat().st_size for file in files) <= _HASHED_WHOLE:
        for file in files:
            digest.update(file.read_bytes())
        return f"sha256:{digest.hexdigest()}"
    for file in files:
        size = file.stat().st_size
        digest.update(f"{file.name} {size}\n".encode())
        with file.open("rb") as stream:
            digest.update(stream.read(1 << 20))
            stream.seek(max(0, size - (1 << 20)))
            digest.update(stream.read())
    return f"sha256-sampled:{digest.hexdigest()}"
