"""Reuse never changes an answer. Double precision makes rounding invisible and mistakes glaring."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qvl_agent.model import prefix
from qvl_agent.model.chat import PictureSpan
from qvl_agent.model.policy import Decoding
from qvl_agent.model.prefix import HeldPicture
from qvl_agent.model.prompt import Part, Picture, Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.reference import Reference
from qvl_agent.model.vision import FeatureCache

DECODING = Decoding(max_tokens=6)
BOUNDS = (28 * 28 * 4, 28 * 28 * 16)
"""Most of the pictures are cut to other sizes by one than by the other."""


@dataclass
class Episode:
    """Steps of (picture, answer), as the paper's dialect lays them out: one growing turn."""

    steps: list[tuple[Part, ...]] = field(default_factory=list)

    def prompt(self) -> Prompt:
        parts = tuple(part for step in self.steps for part in step)
        system = Turn("system", (Text("You help."),))
        return Prompt((system, Turn("user", (Text("Go."),)), Turn("assistant", parts)))


def new_picture(source: random.Random) -> Picture:
    height, width = source.choice([(56, 56), (60, 90), (120, 40), (28, 150)])
    pixels = np.random.default_rng(source.randrange(2**32)).integers(
        0, 256, (height, width, 3), dtype=np.uint8
    )
    return Picture(pixels)


def one_pixel_off(picture: Picture, source: random.Random) -> Picture:
    pixels = picture.pixels.copy()
    y, x = source.randrange(len(pixels)), source.randrange(pixels.shape[1])
    pixels[y, x] ^= 128
    return Picture(pixels)


WEIGHTS = {
    "append": 8,
    "rewind": 1,
    "fork": 1,
    "evict": 2,
    "repeat": 1,
    "pixel": 1,
    "bound": 1,
    "same": 1,
}


def mutations(source: random.Random, count: int) -> Iterator[tuple[Episode, int, str]]:
    """Yield an episode to answer, an index into `BOUNDS` and what was done, `count` times."""
    episodes = [Episode() for _ in range(3)]
    bound = 0
    for _ in range(count):
        episode = source.choice(episodes)
        pictures = [p for e in episodes for step in e.steps for p in step if type(p) is Picture]
        (done,) = source.choices(list(WEIGHTS), list(WEIGHTS.values()))
        match done:
            case "rewind" if episode.steps:
                del episode.steps[source.randrange(len(episode.steps)) :]
            case "fork":
                episodes[source.randrange(3)] = episode = Episode(list(episode.steps))
            case "evict" if len(episode.steps) > 2:
                del episode.steps[: len(episode.steps) // 2]
            case "repeat" if pictures:
                episode.steps.append((source.choice(pictures), Text(" again")))
            case "pixel" if episode.steps:
                at = source.randrange(len(episode.steps))
                episode.steps[at] = tuple(
                    one_pixel_off(part, source) if type(part) is Picture else part
                    for part in episode.steps[at]
                )
            case "bound":
                bound = 1 - bound
            case "same":
                pass
            case _:
                done = "append"
                episode.steps.append((new_picture(source), Text(source.choice([" see", "\n*"]))))
        if len(episode.steps) > 8:
            del episode.steps[:4]
        yield episode, bound, done


def load(folder: Path, **limits: Any) -> Qwen2VLPolicy:
    return Qwen2VLPolicy.load(folder, device="cpu", dtype="float64", **limits)


def play(folder: Path, count: int, seed: int) -> tuple[float, Counter[str]]:
    """Compare `count` answers with those of empty caches.

    Returns:
        The share of tokens that was reused, and how often each thing was done.
    """
    # Room for about two of the three episodes, and for a few pictures.
    caching = load(folder, cache_bytes=2_000_000, feature_bytes=100_000)
    fresh = load(folder)
    by_bound = [
        (caching.with_pixels(max_pixels=b), fresh.with_pixels(max_pixels=b)) for b in BOUNDS
    ]
    reused = total = 0
    drawn: Counter[str] = Counter()
    for episode, bound, done in mutations(random.Random(seed), count):
        drawn[done] += 1
        cached, uncached = by_bound[bound]
        prompt = episode.prompt()
        fresh.clear()
        expected = uncached.generate(prompt, DECODING)
        answer = cached.generate(prompt, DECODING)
        assert answer.tokens == expected.tokens
        assert answer.prompt_tokens == expected.prompt_tokens
        difference = cached.next_logits(prompt) - uncached.next_logits(prompt)
        assert np.abs(difference).max() <= 1e-9
        reused += answer.reused_tokens
        total += answer.prompt_tokens
        if random.Random(total).random() < 0.8:  # the answer becomes history, mostly
            episode.steps.append((Text(answer.text, answer.tokens),))
    return reused / total, drawn


def test_interleaved_prompts_are_answered_as_if_nothing_were_cached(tiny_folder: Path) -> None:
    reused, drawn = play(tiny_folder, 300, seed=1)
    assert reused > 0.5
    assert set(drawn) == set(WEIGHTS)


@pytest.mark.slow
def test_10000_interleaved_prompts_are_answered_as_if_nothing_were_cached(
    tiny_folder: Path,
) -> None:
    reused, drawn = play(tiny_folder, 10_000, seed=2)
    assert reused > 0.5
    assert all(drawn[done] > 300 for done in WEIGHTS)


@pytest.mark.parametrize("part", [0, 1], ids=["pixels", "settings"])
def test_features_kept_without_part_of_their_key_are_noticed(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    get, put = FeatureCache.get, FeatureCache.put

    def half(key: Any) -> Any:
        return key[1 - part]

    monkeypatch.setattr(FeatureCache, "get", lambda self, key: get(self, half(key)))
    monkeypatch.setattr(FeatureCache, "put", lambda self, key, seen: put(self, half(key), seen))
    with pytest.raises((AssertionError, RuntimeError)):
        play(tiny_folder, 100, seed=1)


def test_a_prefix_that_is_reused_whatever_its_pictures_show_is_noticed(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(span: PictureSpan) -> HeldPicture:
        return HeldPicture(span.start, span.rows, span.columns, ("", span.settings))

    monkeypatch.setattr(prefix, "_held", held)
    with pytest.raises(AssertionError):
        play(tiny_folder, 100, seed=1)


def test_two_interleaved_episodes_equal_transformers_at_every_step_and_after_eviction(
    policy: Qwen2VLPolicy, reference: Reference
) -> None:
    source = random.Random(3)
    episodes = [Episode(), Episode()]
    for step in range(16):
        episode = episodes[step % 2]
        if len(episode.steps) == 10:
            del episode.steps[:6]
        episode.steps.append((new_picture(source), Text(f" step {step}")))
        prompt = episode.prompt()
        answer = policy.generate(prompt, Decoding(max_tokens=8))
        difference = policy.next_logits(prompt) - reference.next_logits(prompt)
        assert np.abs(difference).max() <= 1e-5
        expected = reference.generate(prompt, Decoding(max_tokens=8)).tokens
        assert answer.tokens == expected[: len(answer.tokens)]
        episode.steps.append((Text(answer.text, answer.tokens),))


def test_a_step_prefills_only_what_is_new(policy: Qwen2VLPolicy) -> None:
    source = random.Random(4)
    episode = Episode()
    before = 0
    for _ in range(5):
        episode.steps.append((new_picture(source), Text(" and")))
        answer = policy.generate(episode.prompt(), DECODING)
        if before:
            assert answer.reused_tokens >= before - 1
        episode.steps.append((Text(answer.text, answer.tokens),))
        before = answer.prompt_tokens + len(answer.tokens)


def test_after_eviction_no_picture_is_encoded_again(policy: Qwen2VLPolicy) -> None:
    source = random.Random(5)
    episode = Episode([(new_picture(source), Text(" and" * 9)) for _ in range(6)])
    policy.generate(episode.prompt(), DECODING)
    del episode.steps[:3]
    answer = policy.generate(episode.prompt(), DECODING)
    assert answer.seconds.vision == 0
    assert answer.reused_tokens < answer.prompt_tokens / 2


def test_prefill_in_chunks_equals_prefill_at_once(tiny_folder: Path) -> None:
    source = random.Random(6)
    episode = Episode([(new_picture(source), Text(" and so on" * 5)) for _ in range(5)])
    whole, chunked = load(tiny_folder), load(tiny_folder)
    chunked._engine._chunk = 7
    difference = whole.next_logits(episode.prompt()) - chunked.next_logits(episode.prompt())
    assert np.abs(difference).max() <= 1e-9


def test_caches_stay_within_their_bounds(tiny_folder: Path) -> None:
    policy = load(tiny_folder, cache_bytes=1_000_000, feature_bytes=30_000)
    source = random.Random(7)
    for _ in range(12):
        episode = Episode([(new_picture(source), Text(" look")) for _ in range(3)])
        policy.generate(episode.prompt(), DECODING)
        assert policy._engine.prefixes.nbytes <= 1_000_000
        assert policy._engine.vision.cache.nbytes <= 30_000
    assert len(policy._engine.vision.cache) > 1
