"""A Qwen2-VL checkpoint as a policy, in this process. One code path from tiny to 72B.

Here the pieces meet: checkpoint files, chat format, engine. Generation is plain: a checkpoint's own
`generation_config.json` (repetition penalty, sampling) is not applied, `Decoding` says it all.
"""

import copy
import dataclasses
import threading
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray

from qvl_agent.actions.dialects import get_dialect
from qvl_agent.actions.errors import PolicyError, UsageError
from qvl_agent.model.attention import has_flash_attention
from qvl_agent.model.chat import ChatFormat
from qvl_agent.model.chat import Sequence as TokenSequence
from qvl_agent.model.decoder import TextDecoder
from qvl_agent.model.engine import CacheUse, Engine
from qvl_agent.model.guidance import GuidedWriting, Guides
from qvl_agent.model.images import ImageSettings, Resample
from qvl_agent.model.loading import (
    find_checkpoint,
    load_model,
    read_json,
    read_profile,
    weights_identity,
)
from qvl_agent.model.policy import Decoding, Generation, Profile
from qvl_agent.model.prefix import PrefixCache
from qvl_agent.model.prompt import Part, Prompt
from qvl_agent.model.rows import Request
from qvl_agent.model.service import EngineDesk, Service
from qvl_agent.model.static import StaticDecode
from qvl_agent.model.tokenizer import TextTokenizer
from qvl_agent.model.vision import FeatureCache, VisionEncoder
from qvl_agent.model.writing import Writing

__all__ = ["Qwen2VLPolicy"]

_DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "float64": torch.float64,
}


class Qwen2VLPolicy:
    """A vision-language model that answers prompts. Make one with `load`.

    It may be shared by many episodes and threads; what they ask at the same time is answered side
    by side.

    Attributes:
        name: The folder's name or the hub id.
        profile: How it wants to be prompted.
    """

    def __init__(
        self,
        name: str,
        profile: Profile,
        chat: ChatFormat,
        engine: Engine,
        identity: dict[str, Any],
    ) -> None:
        self.name = name
        self.profile = profile
        self._chat = chat
        self._engine = engine
        self._service = Service(engine)
        self._identity = identity
        self._window = profile.context_tokens
        self._guides = Guides(chat.tokenizer, chat.end_of_turn)
        self._end_tokens = frozenset((chat.end_of_turn, chat.end_of_text))
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        source: str | Path,
        *,
        device: str = "auto",
        dtype: str = "auto",
        attention: str = "auto",
        quantize: str | None = None,
        device_map: str | None = None,
        drafting: bool | None = None,
        graphs: bool | None = None,
        min_pixels: int | None = None,
        max_pixels: int | None = None,
        resample: Resample = "exact",
        profile: Profile | None = None,
        cache_bytes: int | None = None,
        feature_bytes: int = 1 << 29,
        model: Any = None,
    ) -> "Qwen2VLPolicy":
        """Return the policy of a checkpoint.

        Args:
            source: A folder in the hub's file format, or a hub id.
            device: "cpu", "cuda", "cuda:1" ...; "auto" is the GPU if there is one.
            dtype: "float32", "bfloat16", "float16" or "float64"; "auto" is bfloat16 on a GPU and
                float32 on a CPU.
            attention: "flash_attention_2" or "sdpa"; "auto" is the first that is installed and
                fits device and dtype.
            quantize: "int8" or "nf4", the language model's weights in 8 or 4 bits; needs a GPU and
                the extra `quant`.
            device_map: "auto" or another word of accelerate's spreads the model over all GPUs;
                needs the extra `quant`. None keeps it on one.
            drafting: Let one pass check several guessed tokens when one prompt is answered alone;
                the answer stays the same. None measures whether that is faster, and is off on a
                CPU, where it is not.
            graphs: Write with CUDA graphs when one prompt is answered alone, for which a second
                cache of the window's size is kept; None is where it can be done.
            min_pixels: Smaller pictures are enlarged to this area; None is the checkpoint's.
            max_pixels: Larger pictures are shrunk to this area; None is the checkpoint's, which
                for the published ones is 12.8 million.
            resample: "exact" resizes as transformers does; "fast" is quicker and a little off.
            profile: How to prompt it; None is the checkpoint's `agent.json`, or the defaults.
            cache_bytes: Bound of the keys and values kept for reuse; None is half of the GPU's
                free memory, or 2 GiB on a CPU.
            feature_bytes: Bound of the visual features kept for reuse.
            model: A model of transformers, on the device already, in place of the folder's weights.

        Raises:
            UsageError: If an argument does not fit, or there is no such model.
            DataError: If a file of the checkpoint is missing or unreadable.
            PolicyError: If the hub or the device cannot be used, or the weights do not fit it.
        """
        folder = find_checkpoint(source)
        on = _device(device)
        data_type = _dtype(dtype, on)
        kernel = _attention(attention, on, data_type)
        settings = ImageSettings.from_config(
            read_json(folder / "preprocessor_config.json"),
            min_pixels=min_pixels,
            max_pixels=max_pixels,
            resample=resample,
        )
        chat = ChatFormat(TextTokenizer.from_file(folder / "tokenizer.json"), settings)
        if (quantize or device_map) and on.type != "cuda":
            raise UsageError("quantised or spread weights (quantize, device_map) need a GPU")
        given = model is not None
        if not given:
            placed = {"": on} if quantize and device_map is None else device_map
            model = load_model(
                folder, dtype=data_type, attention=kernel, quantize=quantize, device_map=placed
            )
            model = model if placed else _moved(model, on)
            model.requires_grad_(False)
        decoder = TextDecoder(model.model.language_model, model.lm_head)
        if cache_bytes is None:
            cache_bytes = torch.cuda.mem_get_info(on)[0] // 2 if on.type == "cuda" else 1 << 31
        profile = profile or read_profile(folder)
        window = decoder.window = min(profile.context_tokens, decoder.window)
        profile = dataclasses.replace(profile, context_tokens=window)
        engine = Engine(
            decoder,
            VisionEncoder(model.model.visual, FeatureCache(feature_bytes)),
            PrefixCache(decoder.shape, cache_bytes, window=window),
            flash=kernel == "flash_attention_2",
            static=_static(decoder, graphs),
            drafting=drafting,
        )
        name = folder.name if Path(source).expanduser().is_dir() else str(source)
        identity = {
            "policy": "qwen2vl",
            "name": name,
            "weights": "given" if given else weights_identity(folder),
            "architecture": model.config.model_type,
            "parameters": sum(p.numel() for p in model.parameters()),
            "device": str(on),
            "dtype": str(data_type).removeprefix("torch."),
            "quantize": quantize,
            "attention": kernel,
            "images": dataclasses.asdict(settings),
            "versions": {package: version(package) for package in ("torch", "transformers")},
        }
        return cls(name, profile, chat, engine, identity)

    def with_pixels(
        self, *, min_pixels: int | None = None, max_pixels: int | None = None
    ) -> "Qwen2VLPolicy":
        """Return a policy that shares this one's weights and caches and resizes in its own way."""
        settings = dataclasses.replace(
            self._chat.settings,
            min_pixels=min_pixels or self._chat.settings.min_pixels,
            max_pixels=max_pixels or self._chat.settings.max_pixels,
        )
        other = copy.copy(self)
        other._chat = ChatFormat(self._chat.tokenizer, settings)
        other._identity = self._identity | {"images": dataclasses.asdict(settings)}
        return other

    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        """Return what the model writes after the prompt.

        Raises:
            PolicyError: If the prompt does not fit the window, a picture cannot be shown, the
                logits are not finite, or memory does not suffice.
        """
        return self.generate_batch([prompt], decoding)[0]

    def generate_batch(self, prompts: Sequence[Prompt], decoding: Decoding) -> list[Generation]:
        """Return one generation per prompt, computed side by side.

        Raises:
            PolicyError: As `generate`.
        """
        requests = [self._request(prompt, decoding) for prompt in prompts]
        return [row.generation() for row in self._service.answer(requests)]

    def prepare(self, prompt: Prompt) -> None:
        """Read a prompt that others will begin with, so that they need not.

        Raises:
            PolicyError: As `generate`.
        """
        (row,) = self._service.answer([Request(self._fitting(prompt), deletion=self._deletes)])
        row.next_logits()

    def desk(self) -> EngineDesk:
        """Return a desk that takes prompts while others are being answered."""
        return EngineDesk(self._service, self._request)

    def assemble(self, prompt: Prompt) -> TokenSequence:
        """Return what the model reads for a prompt: ids, pictures and positions."""
        return self._chat.assemble(prompt)

    def next_logits(self, prompt: Prompt) -> NDArray[Any]:
        """Return the logits (vocabulary,) of the token that would follow the prompt."""
        (row,) = self._service.answer([Request(self._fitting(prompt), deletion=self._deletes)])
        logits = row.next_logits()
        return logits.to("cpu", torch.promote_types(logits.dtype, torch.float32)).numpy()

    def count(self, part: Part) -> int:
        """Return the exact number of tokens a part takes (delimiters of a picture included)."""
        return self._chat.count(part)

    def overhead(self, role: str) -> int:
        """Return how many tokens opening and closing a turn of this role takes."""
        return self._chat.overhead(role)

    def length(self, prompt: Prompt) -> int:
        """Return the exact number of tokens of a whole prompt."""
        return self._chat.length(prompt)

    def picture_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the (height, width) in pixels at which the model sees a picture of this size."""
        return self._chat.settings.size(height, width)

    def describe(self) -> dict[str, Any]:
        """Return what a trace has to say about the policy, as JSON values."""
        return self._identity | {"name": self.name, "profile": dataclasses.asdict(self.profile)}

    @property
    def warm_up(self) -> float:
        """Seconds spent so far on recording CUDA graphs, once for each shape of pass."""
        return 0.0 if self._engine.static is None else self._engine.static.warm_up

    @property
    def cache_use(self) -> CacheUse:
        """What is kept of earlier prompts."""
        return self._engine.use

    def clear(self) -> None:
        """Forget all earlier prompts: the next call computes everything."""
        self._service.clear()

    @property
    def _deletes(self) -> bool:
        return self.profile.eviction == "deletion"

    def _request(self, prompt: Prompt, decoding: Decoding) -> Request:
        with self._lock:  # of what is remembered of recent prompts and grammars
            sequence = self._fitting(prompt)
            room = self._window - len(sequence)
            return Request(sequence, self._writing(decoding, room), decoding, self._deletes)

    def _writing(self, decoding: Decoding, room: int) -> Writing:
        tokenizer = self._chat.tokenizer
        if decoding.space is None:
            return Writing(tokenizer, decoding, self._end_tokens, room)
        dialect = decoding.dialect or get_dialect(self.profile.dialect)
        guide = self._guides.get(decoding.space, decoding.frame, dialect)
        return GuidedWriting(tokenizer, decoding, dialect, guide, room)

    def _fitting(self, prompt: Prompt) -> TokenSequence:
        sequence = self._chat.assemble(prompt)
        if len(sequence) >= self._window:
            raise PolicyError(
                f"the prompt has {len(sequence)} tokens and the window {self._window}, of which "
                "at least one must be left for the answer; drop old steps or shrink the pictures"
            )
        return sequence


def _static(decoder: TextDecoder, graphs: bool | None) -> StaticDecode | None:
    """Return what decodes a lone answer with CUDA graphs, where that can be done."""
    shape = decoder.shape
    fits = (
        shape.device.type == "cuda" and decoder.fused and set(shape.layer_devices) == {shape.device}
    )
    if graphs and not fits:
        raise UsageError("graphs need one GPU that holds the whole model, not quantised")
    if not fits or graphs is False:
        return None
    try:
        return StaticDecode(decoder, decoder.window, graphs=True)
    except torch.OutOfMemoryError as exc:
        if graphs:
            raise PolicyError(f"no room for the graphs' second cache: {exc}") from exc
        return None


def _moved(model: Any, device: torch.device) -> Any:
    try:
        return model.to(device)
    except torch.OutOfMemoryError as exc:
        raise PolicyError(
            f"the model's {model.get_memory_footprint() / 1e9:.1f} GB of weights do not fit "
            f"{device} ({exc}); load them with --quantize nf4, spread them with --device-map auto, "
            "or choose a smaller model"
        ) from exc


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as exc:
        raise UsageError(f"no device {name!r}: expected auto, cpu, cuda or cuda:N") from exc
    if device.type == "cuda" and not torch.cuda.is_available():
        raise UsageError(f"device {name!r} was asked for, but torch {torch.__version__} has no GPU")
    return device


def _dtype(name: str, device: torch.device) -> torch.dtype:
    if name == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if name not in _DTYPES:
        raise UsageError(f"no dtype {name!r}: expected auto, {', '.join(_DTYPES)}")
    return _DTYPES[name]


def _attention(name: str, device: torch.device, dtype: torch.dtype) -> str:
    halves = dtype in (torch.bfloat16, torch.float16)
    fits = device.type == "cuda" and halves and has_flash_attention(device)
    if name == "auto":
        return "flash_attention_2" if fits else "sdpa"
    if name not in ("flash_attention_2", "sdpa"):
        raise UsageError(f"no attention {name!r}: expected auto, flash_attention_2 or sdpa")
    if name == "flash_attention_2" and not fits:
        raise UsageError(
            "flash_attention_2 needs a GPU of compute capability 8 or more, bfloat16 or float16, "
            "and a flash-attn package that fits torch: pip install flash-attn --no-build-isolation"
        )
    return name
