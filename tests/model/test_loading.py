import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers.quantizers.quantizers_utils import should_convert_module

from qvl_agent.actions.errors import DataError, PolicyError, UsageError
from qvl_agent.model import attention, loading, qwen2vl
from qvl_agent.model.decoder import TextDecoder
from qvl_agent.model.loading import (
    QUANTIZATIONS,
    find_checkpoint,
    load_model,
    read_profile,
    weights_identity,
)
from qvl_agent.model.policy import Profile
from qvl_agent.model.prompt import Picture, Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "copy"))


@pytest.mark.parametrize(
    "name", ["config.json", "tokenizer.json", "preprocessor_config.json", "model.safetensors"]
)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(DataError, match=f"no {name}"):
        find_checkpoint(folder)


@pytest.mark.parametrize("source", ["./nowhere", "/no/such/folder", "nano2"])
def test_what_is_neither_folder_nor_hub_id_is_refused(source: str) -> None:
    with pytest.raises(UsageError, match="no model"):
        find_checkpoint(source)


def test_an_unreachable_hub_is_one_clear_line() -> None:
    code = (
        "from qvl_agent.model.loading import find_checkpoint\n"
        "from qvl_agent.actions.errors import PolicyError\n"
        "try: find_checkpoint('Qwen/Qwen2-VL-2B-Instruct')\n"
        "except PolicyError as exc: print(exc)"
    )
    environment = os.environ | {"HF_ENDPOINT": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("cannot fetch Qwen/Qwen2-VL-2B-Instruct from the hub")
    assert done.stdout.count("\n") == 1


def test_another_architecture_is_refused_by_name(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "llama"}))
    with pytest.raises(UsageError, match="'llama' model; supported are qwen2_vl"):
        load_model(folder, dtype="auto", attention="sdpa")


def test_missing_weights_are_an_error_and_not_random(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["model.language_model.norm.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(DataError, match=r"1 weights are missing.*norm"):
        load_model(folder, dtype="auto", attention="sdpa")


def test_cut_off_weights_are_an_error(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match="cannot load the weights"):
        load_model(folder, dtype="auto", attention="sdpa")


def test_a_checkpoint_as_the_hub_has_it_is_the_same_model(
    folder: Path, as_published: Callable[[Path], None], rng: np.random.Generator
) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["rope_parameters"]["rope_theta"] = 50_000.0  # no library's default
    (folder / "config.json").write_text(json.dumps(config))
    pixels = rng.integers(0, 256, (90, 150, 3), dtype=np.uint8)
    prompt = Prompt((Turn("user", (Picture(pixels), Text("What is there?"))),))
    one = Qwen2VLPolicy.load(folder, device="cpu")
    expected = one.next_logits(prompt)
    as_published(folder)
    other = Qwen2VLPolicy.load(folder, device="cpu")
    assert np.array_equal(other.next_logits(prompt), expected)
    assert other.profile == one.profile


def test_a_missing_shard_is_named(folder: Path, as_published: Callable[[Path], None]) -> None:
    as_published(folder)
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(DataError, match="model-00002-of-00002"):
        Qwen2VLPolicy.load(folder, device="cpu")


def test_a_profile_beside_the_weights_is_used(folder: Path) -> None:
    (folder / "agent.json").write_text('{"dialect": "hermes", "context_tokens": 1000}')
    policy = Qwen2VLPolicy.load(folder, device="cpu")
    assert policy.profile == Profile(dialect="hermes", context_tokens=1000)


def test_no_profile_promises_more_than_the_models_window(folder: Path) -> None:
    assert Qwen2VLPolicy.load(folder, device="cpu").profile.context_tokens == 4096


def test_an_unknown_field_of_a_profile_is_named(folder: Path) -> None:
    (folder / "agent.json").write_text('{"dialekt": "star"}')
    with pytest.raises(DataError, match="dialekt"):
        read_profile(folder)


@pytest.mark.parametrize("content", ["[]", "{", ""])
def test_a_broken_json_file_is_named(folder: Path, content: str) -> None:
    (folder / "agent.json").write_text(content)
    with pytest.raises(DataError, match=r"agent\.json"):
        read_profile(folder)


def test_a_torchvision_that_does_not_fit_torch_is_explained(folder: Path, tmp_path: Path) -> None:
    package = tmp_path / "broken" / "torchvision"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "raise RuntimeError('operator torchvision::nms does not exist')"
    )
    metadata = tmp_path / "broken" / "torchvision-0.28.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: torchvision\nVersion: 0.28.0")
    code = (
        "import sys; from pathlib import Path\n"
        "from qvl_agent.model.loading import load_model\n"
        "from qvl_agent.actions.errors import PolicyError\n"
        "try: load_model(Path(sys.argv[1]), dtype='auto', attention='sdpa')\n"
        "except PolicyError as exc: print(exc)"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "broken")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pip uninstall torchvision" in done.stdout


def test_the_identity_follows_the_weights(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = weights_identity(folder)
    monkeypatch.setattr("qvl_agent.model.loading._HASHED_WHOLE", 0)
    sampled = weights_identity(folder)
    assert whole.startswith("sha256:")
    assert sampled.startswith("sha256-sampled:")
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert weights_identity(folder) != sampled


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"device": "quantum"}, "no device"),
        ({"dtype": "float8"}, "no dtype"),
        ({"attention": "fast"}, "no attention"),
        ({"attention": "flash_attention_2"}, "needs a GPU"),
    ],
)
def test_options_that_do_not_exist_are_refused(
    tiny_folder: Path, arguments: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        Qwen2VLPolicy.load(tiny_folder, **({"device": "cpu"} | arguments))


@pytest.mark.parametrize(
    ("capability", "dtype", "fits", "chosen"),
    [
        ((9, 0), torch.bfloat16, True, "flash_attention_2"),
        ((9, 0), torch.bfloat16, False, "sdpa"),
        ((9, 0), torch.float64, True, "sdpa"),
        ((7, 5), torch.float16, True, "sdpa"),
    ],
)
def test_flash_attention_is_chosen_where_it_runs(
    monkeypatch: pytest.MonkeyPatch,
    capability: tuple[int, int],
    dtype: torch.dtype,
    fits: bool,
    chosen: str,
) -> None:
    def load(name: str) -> object:
        if not fits:
            raise ImportError("undefined symbol: _ZN3c10")
        return object()

    monkeypatch.setattr(attention, "find_spec", lambda name: object())
    monkeypatch.setattr(attention, "import_module", load)
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda device: capability)
    gpu = torch.device("cuda")
    assert qwen2vl._attention("auto", gpu, dtype) == chosen
    if chosen == "sdpa":
        with pytest.raises(UsageError, match="flash-attn package that fits"):
            qwen2vl._attention("flash_attention_2", gpu, dtype)


def test_weights_that_do_not_fit_the_device_are_no_crash(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(model: torch.nn.Module, device: torch.device) -> torch.nn.Module:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(torch.nn.Module, "to", full)
    monkeypatch.setattr("transformers.PreTrainedModel.to", full)
    with pytest.raises(PolicyError, match=r"0\.0 GB of weights do not fit cpu .*--quantize nf4"):
        Qwen2VLPolicy.load(tiny_folder, device="cpu")


def test_a_gpu_that_is_not_there_is_refused(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(UsageError, match="no GPU"):
        Qwen2VLPolicy.load(tiny_folder, device="cuda")


# --- Quantised and spread weights -----------------------------------------------------------------


@pytest.mark.parametrize("how", [{"quantize": "nf4"}, {"device_map": "auto"}])
def test_quantised_and_spread_weights_need_a_gpu(tiny_folder: Path, how: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="need a GPU"):
        Qwen2VLPolicy.load(tiny_folder, device="cpu", **how)


def test_an_unknown_quantisation_is_answered_with_the_known_ones(tiny_folder: Path) -> None:
    with pytest.raises(UsageError, match="int8, nf4"):
        load_model(tiny_folder, dtype=torch.float32, attention="sdpa", quantize="int3")


@pytest.mark.parametrize(
    ("how", "missing"),
    [
        ({"quantize": "int8", "device_map": {"": "cpu"}}, "bitsandbytes and accelerate"),
        ({"device_map": "auto"}, "accelerate"),
    ],
)
def test_a_missing_package_is_named_with_the_extra_that_has_it(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any], missing: str
) -> None:
    monkeypatch.setattr(loading, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=rf"needs {missing}: pip install 'qvl-agent\[quant\]'"):
        load_model(tiny_folder, dtype=torch.float32, attention="sdpa", **how)


@pytest.mark.parametrize("quantize", QUANTIZATIONS)
def test_only_the_language_models_layers_are_quantised(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, quantize: str
) -> None:
    model = load_model(tiny_folder, dtype=torch.float32, attention="sdpa")
    monkeypatch.setattr(loading, "find_spec", lambda name: object())
    config = loading._placement(quantize, {"": 0}, torch.bfloat16)["quantization_config"]
    assert (config.load_in_8bit, config.load_in_4bit) == (quantize == "int8", quantize == "nf4")
    linears = [name for name, part in model.named_modules() if isinstance(part, torch.nn.Linear)]
    assert len(linears) == 2 * 7 + 2 * 4 + 2 + 1  # of layers, of the vision tower, and the head
    quantised = [n for n in linears if should_convert_module(n, config.llm_int8_skip_modules)]
    assert quantised == [n for n in linears if n.startswith("model.language_model.layers.")]
    if quantize == "nf4":
        assert config.bnb_4bit_compute_dtype is torch.bfloat16


def test_projections_that_are_no_plain_matrices_keep_their_own_kernels(tiny_folder: Path) -> None:
    class Own(torch.nn.Linear):
        """Stands for a quantised projection."""

    model = load_model(tiny_folder, dtype=torch.float32, attention="sdpa")
    plain = TextDecoder(model.model.language_model, model.lm_head)
    for layer in model.model.language_model.layers:
        for projection in (layer.self_attn.q_proj, layer.mlp.up_proj):
            projection.__class__ = Own
    own = TextDecoder(model.model.language_model, model.lm_head)
    assert (plain.fused, own.fused) == (True, False)
    x = torch.randn(3, 64, generator=torch.Generator().manual_seed(0))
    rotary = plain.rotary(torch.arange(3).expand(3, -1))

    def attend(layer: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return query.flatten(1) + key.sum() + value.sum()

    with torch.inference_mode():
        difference = plain.forward(x, rotary, attend) - own.forward(x, rotary, attend)
    assert difference.abs().max() <= 1e-5


@pytest.mark.parametrize(
    ("architecture", "frame", "dialect"),
    [("qwen2_5_vl", "pixels", "hermes"), ("qwen3_vl", "0-999", "hermes")],
)
def test_newer_architectures_are_prompted_as_they_were_trained(
    folder: Path, architecture: str, frame: str, dialect: str
) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": architecture}))
    assert read_profile(folder) == Profile(frame=frame, dialect=dialect)
