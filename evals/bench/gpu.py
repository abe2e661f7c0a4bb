"""The scorecard's rows that need a GPU (G1 to G7), and a rehearsal of them that needs none.

Weights are random, of the 2B's and 7B's sizes, in bfloat16; times are wall seconds up to the moment
when the GPU is done. Guesses are off: what a random model writes says nothing of them, see S7. The
gate is S3, run on the same device in float64 with guesses and graphs, where rounding hides nothing.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qvl_agent.actions.errors import UsageError
from qvl_agent.evals.bench.geometry import GEOMETRIES, REHEARSAL, Geometry
from qvl_agent.evals.bench.scorecard import Row

if TYPE_CHECKING:
    from qvl_agent.evals.bench.subjects import Subject
    from qvl_agent.model.hardware import Hardware

__all__ = ["FULL", "GPU_ROWS", "REHEARSED", "Bench", "Scale", "run_gpu"]

GPU_ROWS = ("G1", "G2", "G3", "G4", "G5", "G6", "G7")


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is run.

    Attributes:
        geometries: Of which models.
        device: As torch names it.
        dtype: Of weights and activations.
        picture: (height, width) of a screenshot in pixels, as the model sees it.
        written: Tokens of an answer.
        peer_steps: Steps at which the peer answers too; the last is the episode's length.
        decode_context: Tokens in the cache when decoding is timed.
        prefill_pasts: Tokens in the cache when reading is timed.
        prefill_tokens: Tokens read then.
        batches: Episodes side by side.
        batch_steps: Steps of each of them.
        window: Tokens of a full context.
        pause: Seconds that a world takes, in which the next prompt can be read.
        phone: (height, width) of a phone's screenshot.
        rate_size: Side of the matrices by which the device's rate is measured.
        rate_bytes: Size of the tensor by which its bandwidth is.
    """

    geometries: tuple[Geometry, ...]
    device: str
    dtype: str
    picture: tuple[int, int]
    written: int
    peer_steps: tuple[int, ...]
    decode_context: int
    prefill_pasts: tuple[int, ...]
    prefill_tokens: int
    batches: tuple[int, ...]
    batch_steps: int
    window: int
    pause: float
    phone: tuple[int, int] = (2400, 1080)
    rate_size: int = 8192
    rate_bytes: int = 1 << 31


FULL = Scale(
    GEOMETRIES,
    device="cuda",
    dtype="bfloat16",
    picture=(728, 1288),
    written=100,
    peer_steps=(1, 5, 10, 20),
    decode_context=16_384,
    prefill_pasts=(16_384, 30_000),
    prefill_tokens=1316,
    batches=(1, 8, 32),
    batch_steps=4,
    window=32_768,
    pause=1.0,
)
REHEARSED = Scale(
    (REHEARSAL,),
    device="cpu",
    dtype="float32",
    picture=(56, 84),
    written=24,
    peer_steps=(1, 3),
    decode_context=200,
    prefill_pasts=(100,),
    prefill_tokens=20,
    batches=(1, 2),
    batch_steps=2,
    window=1200,
    pause=0.05,
    phone=(240, 108),
    rate_size=128,
    rate_bytes=1 << 16,
)


@dataclass(frozen=True, slots=True)
class Bench:
    """What the rows of one geometry share.

    Attributes:
        scale: How much is run.
        geometry: Of which model.
        subject: The model, as our policy and as transformers' own: the same weights.
        hardware: The device.
        bandwidth: Bytes a second that it was measured to read.
        rate: Operations a second that it was measured to do.
    """

    scale: Scale
    geometry: Geometry
    subject: "Subject"
    hardware: "Hardware"
    bandwidth: float
    rate: float


def run_gpu(scale: Scale = FULL, rows: Sequence[str] = GPU_ROWS) -> Iterator[Row]:
    """Run rows of the scorecard for each geometry and yield each as it is done.

    Raises:
        UsageError: If there is no such device.
    """
    from qvl_agent.evals.bench import episodes, gpu_rows
    from qvl_agent.model.hardware import Hardware, has_gpu

    if scale.device != "cpu" and not has_gpu():
        raise UsageError("torch finds no GPU here; --rehearse runs the same rows, tiny, on the CPU")
    row_of: dict[str, Callable[[Bench], Row]] = {
        "G1": gpu_rows.episode,
        "G2": gpu_rows.decoding,
        "G3": gpu_rows.looking,
        "G4": gpu_rows.reading,
        "G5": gpu_rows.serving,
        "G6": gpu_rows.evicting,
        "G7": gpu_rows.cutting,
    }
    hardware = Hardware(scale.device, scale.dtype)
    with tempfile.TemporaryDirectory() as folder:
        gate = _subject(scale, REHEARSAL, Path(folder) / "gate", "float64", drafting=True)
        yield episodes.exactness(gate)
        bandwidth = hardware.bandwidth(scale.rate_bytes)
        rate = hardware.operations(scale.rate_size)
        for geometry in scale.geometries:
            subject = _subject(scale, geometry, Path(folder) / geometry.name, scale.dtype)
            bench = Bench(scale, geometry, subject, hardware, bandwidth, rate)
            for name in GPU_ROWS:
                if name in rows:
                    subject.policy.clear()
                    yield row_of[name](bench)
            del bench, subject


def _subject(
    scale: Scale, geometry: Geometry, folder: Path, dtype: str, *, drafting: bool = False
) -> "Subject":
    from qvl_agent.evals.bench.subjects import Subject
    from qvl_agent.model.policy import Profile
    from qvl_agent.model.qwen2vl import Qwen2VLPolicy
    from qvl_agent.model.random_weights import make_random_model
    from qvl_agent.model.reference import Reference

    spread = geometry.width**-0.5  # so that logits are about one
    model = make_random_model(
        folder,
        text={
            "hidden_size": geometry.width,
            "intermediate_size": geometry.intermediate,
            "num_hidden_layers": geometry.layers,
            "num_attention_heads": geometry.heads,
            "num_key_value_heads": geometry.kv_heads,
            "vocab_size": geometry.vocabulary,
            "max_position_embeddings": scale.window,
            "initializer_range": spread,
        },
        vision={
            "depth": geometry.vision_layers,
            "embed_dim": geometry.vision_width,
            "hidden_size": geometry.width,
            "num_heads": geometry.vision_heads,
            "initializer_range": geometry.vision_width**-0.5,
        },
        head_dim=geometry.head_dim,
        tied=geometry.tied,
        max_pixels=28 * 28 * 1280,
        device=scale.device,
        dtype=dtype,
    )
    policy = Qwen2VLPolicy.load(
        folder,
        model=model,
        device=scale.device,
        dtype=dtype,
        drafting=drafting,
        profile=Profile(context_tokens=scale.window),
    )
    return Subject(folder, policy, Reference(policy, folder, model))
