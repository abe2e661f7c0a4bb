"""What an episode of 32K tokens holds in memory (M1).

Measured with the shapes of the 2B's keys and values (2 heads of 128) in fewer and thinner layers:
bytes are proportional to the layers, so what holds here holds there, and the weights are no matter.
"""

import re
from pathlib import Path

import numpy as np

from qvl_agent.evals.bench.scorecard import Figure, Row
from qvl_agent.evals.bench.subjects import Episode, random_picture
from qvl_agent.model.policy import Decoding
from qvl_agent.model.prompt import Prompt
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.tiny import make_tiny_checkpoint

__all__ = ["long_episode"]

_WINDOW = 32_768
_LAYERS = 2
_KV_HEADS, _HEAD_DIM = 2, 128
_2B_LAYERS, _BF16, _FLOAT32 = 28, 2, 4
_SCREENSHOT = (1484, 672)
"""(height, width) of 1,272 visual tokens: a phone's screen at one million pixels."""


def long_episode(folder: Path, window: int = _WINDOW) -> Row:
    """M1: screenshots until the window is full, half of the history dropped, and on.

    Args:
        folder: Where the checkpoint is made.
        window: Tokens.
    """
    policy = _policy(folder, window)
    rng = np.random.default_rng(11)
    episode, reserve = Episode(), 200
    policy.generate(_said(episode, rng, (56, 56)), Decoding(max_tokens=1))  # warm-up
    policy.clear()
    episode = Episode()
    evictions, steps, longest = 0, 0, 0
    begin = _reset_peak()
    while evictions == 0 or steps < 3:
        prompt = _said(episode, rng, _SCREENSHOT)
        if policy.length(prompt) + reserve > window:
            evictions += 1
            while policy.length(prompt) > window // 2:
                episode.drop_oldest(1)
                prompt = episode.prompt()
        steps = steps + 1 if evictions else 0
        longest = max(longest, policy.length(prompt))
        episode.write(policy.generate(prompt, Decoding(max_tokens=8)))
    peak = _peak() - begin
    held = policy.cache_use
    token = 2 * _KV_HEADS * _HEAD_DIM
    one_cache = window * token * _LAYERS * _FLOAT32
    rest = peak - held.keys_and_values - held.features
    return Row(
        "M1",
        f"an episode that fills {window} tokens ({longest} at most), and its eviction",
        f"arithmetic; {_LAYERS} layers of the 2B's key and value heads, float32",
        exact=held.slots == 1 and held.keys_and_values <= one_cache,
        figures=(
            Figure("keys and values / one full cache", held.keys_and_values / one_cache, 1.0, True),
            Figure("peak beyond caches, MB", rest / 1e6, 0.35 * one_cache / 1e6 + 300, True),
            Figure("2B in bf16: one full cache, GB", window * token * _2B_LAYERS * _BF16 / 1e9),
            Figure("features kept at most, GB", held.features_bound / 1e9),
        ),
        details={
            "keys_and_values_mb": held.keys_and_values / 1e6,
            "features_mb": held.features / 1e6,
            "peak_mb": peak / 1e6,
        },
    )


def _policy(folder: Path, window: int) -> Qwen2VLPolicy:
    make_tiny_checkpoint(
        folder,
        hidden_size=_KV_HEADS * _HEAD_DIM,
        layers=_LAYERS,
        heads=_KV_HEADS,
        kv_heads=_KV_HEADS,
        vision_layers=1,
        context=window,
        max_pixels=28 * 28 * 1280,
        ends=False,
    )
    return Qwen2VLPolicy.load(folder, device="cpu", dtype="float32")


def _said(episode: Episode, rng: np.random.Generator, size: tuple[int, int]) -> Prompt:
    """Return the prompt of an episode's next step."""
    episode.observe(random_picture(rng, *size), " Result: the screen has changed." * 3)
    return episode.prompt()


def _reset_peak() -> int:
    """Let the kernel begin anew with the process's peak; return the bytes resident now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status("VmRSS")


def _peak() -> int:
    """Return the most bytes that were resident since the peak began anew."""
    return _status("VmHWM")


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{field}:\s+(\d+) kB$", lines, re.MULTILINE)
    assert found is not None, f"the kernel tells no {field}"
    return int(found[1]) * 1024
