"""What each row of the GPU's scorecard runs; `gpu` says with what.

Goals are those of the 2B and the 7B on one large GPU; other geometries are only reported.
"""

import time
from collections.abc import Callable
from functools import partial
from threading import Thread

import numpy as np

from qvl_agent.actions.errors import PolicyError
from qvl_agent.evals.bench.geometry import GEOMETRIES
from qvl_agent.evals.bench.gpu import Bench
from qvl_agent.evals.bench.scorecard import Figure, Row
from qvl_agent.evals.bench.subjects import Episode, random_picture
from qvl_agent.model.fast_images import patches_on
from qvl_agent.model.images import ImageSettings, preprocess
from qvl_agent.model.policy import Decoding
from qvl_agent.model.prompt import Prompt, Text, Turn
from qvl_agent.model.reference import reference_patches

__all__ = ["cutting", "decoding", "episode", "evicting", "looking", "reading", "serving"]

_STEP_SECONDS = {"2B": 0.22, "7B": 0.65}
_STEP_RATIO = {"2B": 10.0, "7B": 5.0}
_DECODE_SHARE = {"2B": 0.5, "7B": 0.7}
_REPEATS = 5
_ROUGH = 0.1
"""Half precision rounds: logits may be off by this share of their spread."""


def episode(bench: Bench) -> Row:
    """G1: an episode, its every step ours, and some of them the peer's too."""
    scale, subject = bench.scale, bench.subject
    rng = np.random.default_rng(1)
    asked = Decoding(max_tokens=scale.written)
    history = Episode()
    ours: list[float] = []
    cold: list[float] = []
    theirs: dict[int, float] = {}
    off = 0.0
    bench.hardware.forget_peak()
    for step in range(1, scale.peer_steps[-1] + 1):
        history.observe(random_picture(rng, *scale.picture))
        prompt = history.prompt()
        recording = subject.policy.warm_up
        begin = time.perf_counter()
        answer = subject.policy.generate(prompt, asked)
        cold.append(time.perf_counter() - begin)
        ours.append(cold[-1] - (subject.policy.warm_up - recording))
        if step in scale.peer_steps:
            peak = bench.hardware.peak_bytes()
            begin = time.perf_counter()
            subject.reference.generate(prompt, asked)
            theirs[step] = time.perf_counter() - begin
            off = max(off, _off(bench, prompt))
        history.write(answer)
    last = scale.peer_steps[-1]
    name = bench.geometry.name
    return Row(
        f"G1 {name}",
        f"step {last} of an episode, {scale.written} tokens written a step",
        "transformers generate() on the whole history",
        exact=off <= _ROUGH,
        figures=(
            Figure(f"seconds of step {last}", ours[-1], _STEP_SECONDS.get(name), at_most=True),
            Figure(f"peer / ours at step {last}", theirs[last] / ours[-1], _STEP_RATIO.get(name)),
        ),
        details={
            "ours_s": ours,
            "ours_with_recording_s": cold,
            "peer_s": theirs,
            "context": answer.prompt_tokens,
            "logits_off": off,
            "peak_bytes": peak,
            "graphs_warm_up_s": bench.subject.policy.warm_up,
        },
    )


def decoding(bench: Bench) -> Row:
    """G2: seconds per token beside the time that reading the weights and the cache takes."""
    scale = bench.scale
    prompt = _history(bench, scale.decode_context)
    short, long = Decoding(max_tokens=1), Decoding(max_tokens=1 + scale.written)
    seconds = {
        who: (
            bench.hardware.seconds(partial(answer, prompt, long), 3)
            - bench.hardware.seconds(partial(answer, prompt, short), 3)
        )
        / scale.written
        for who, answer in (
            ("ours", bench.subject.policy.generate),
            ("peer", bench.subject.reference.generate),
        )
    }
    context = bench.subject.policy.length(prompt)
    floor = bench.geometry.decode_bytes(context) / bench.bandwidth
    name = bench.geometry.name
    return Row(
        f"G2 {name}",
        f"writing, one answer, {context} tokens in the cache",
        "transformers generate()",
        exact=_off(bench, prompt) <= _ROUGH,
        figures=(
            Figure(
                "share of the bandwidth's floor", floor / seconds["ours"], _DECODE_SHARE.get(name)
            ),
            Figure("tokens a second", 1 / seconds["ours"]),
            Figure("peer / ours per token", seconds["peer"] / seconds["ours"]),
        ),
        details={
            "seconds": seconds,
            "floor_s": floor,
            "graphs_warm_up_s": bench.subject.policy.warm_up,
        },
    )


def looking(bench: Bench) -> Row:
    """G3: encoding one screenshot."""
    policy = bench.subject.policy
    rng = np.random.default_rng(3)
    seconds: list[float] = []
    for _ in range(6):
        prompt = Prompt((Turn("assistant", (random_picture(rng, *bench.scale.picture),)),))
        answer = policy.generate(prompt, Decoding(max_tokens=1))
        seconds.append(answer.seconds.vision)
    least = min(seconds[1:])
    visual = policy.assemble(prompt).pictures[0].length
    share = bench.geometry.vision_operations(visual) / bench.rate / least
    return Row(
        f"G3 {bench.geometry.name}",
        f"encoding a picture of {visual} visual tokens",
        "the measured rate of a matrix product",
        exact=_off(bench, prompt) <= _ROUGH,
        figures=(
            Figure("ms a picture", least * 1e3, _goal(bench, 30.0), at_most=True),
            Figure("share of the rate", share),
        ),
        details={"seconds": seconds},
    )


def reading(bench: Bench) -> Row:
    """G4: reading new text after a long past, which is held already."""
    policy, scale = bench.subject.policy, bench.scale
    rng = np.random.default_rng(4)
    figures, details, exact = [], {}, True
    for past in scale.prefill_pasts:
        text, new = (
            tuple(int(i) for i in rng.integers(0, 255, count))
            for count in (past, scale.prefill_tokens)
        )
        held = Prompt((Turn("assistant", (Text("held", text),)),))
        asked = Prompt((Turn("assistant", (Text("held", text), Text("new", new))),))
        spent = []
        for _ in range(_REPEATS + 1):
            # Its cache has room for what follows: allocations are no part of reading.
            policy.clear()
            policy.generate(held, Decoding(scale.prefill_tokens + 1, stop_after=lambda _: 0))
            spent.append(_once(bench, partial(policy.next_logits, asked)))
        ours = min(spent[1:])
        ids = policy.assemble(asked).ids
        read = bench.subject.reference.reader(ids[: -scale.prefill_tokens])
        tail = ids[-scale.prefill_tokens :]
        peer = bench.hardware.seconds(partial(read, tail))
        floor = bench.geometry.prefill_operations(scale.prefill_tokens, past) / bench.rate
        exact &= _off(bench, asked) <= _ROUGH
        figures += [
            Figure(f"times the floor, past {past}", ours / floor, _goal(bench, 2.0), at_most=True),
            Figure(f"peer / ours, past {past}", peer / ours),
        ]
        details[str(past)] = {"ours_s": ours, "peer_s": peer, "floor_s": floor}
    return Row(
        f"G4 {bench.geometry.name}",
        f"reading {scale.prefill_tokens} tokens",
        "transformers with its own cache",
        exact,
        tuple(figures),
        details,
    )


def serving(bench: Bench) -> Row:
    """G5: episodes side by side, each asking for its next step as soon as it has an answer."""
    rates: dict[int, float] = {}
    texts: dict[int, list[tuple[int, ...]]] = {}
    for batch in bench.scale.batches:
        bench.subject.policy.clear()
        rates[batch], texts[batch] = _serve(bench, batch)
    first, last = bench.scale.batches[0], bench.scale.batches[-1]
    same = np.mean(
        [a == b for a, b in zip(texts[first][0], texts[last][0], strict=True)], dtype=float
    )
    return Row(
        f"G5 {bench.geometry.name}",
        f"{last} episodes side by side, {bench.scale.batch_steps} steps each",
        "one episode",
        exact=not any(len(text) != bench.scale.written for text in texts[last]),
        figures=(
            Figure(
                f"steps a second, {last} / {first}", rates[last] / rates[first], _goal(bench, 4.0)
            ),
            Figure(f"steps a second, {last}", rates[last]),
        ),
        details={
            "steps_per_s": {str(batch): rate for batch, rate in rates.items()},
            "same_first_answer": same,
        },
    )


def _serve(bench: Bench, batch: int) -> tuple[float, list[tuple[int, ...]]]:
    """Return steps a second, and the tokens of every episode's first answer."""
    asked = Decoding(max_tokens=bench.scale.written)
    rng = np.random.default_rng(5)
    episodes = [Episode() for _ in range(batch)]
    pictures = [
        [random_picture(rng, *bench.scale.picture) for _ in range(bench.scale.batch_steps)]
        for _ in episodes
    ]
    desk = bench.subject.policy.desk()
    first: dict[int, tuple[int, ...]] = {}
    playing: dict[int, int] = {}

    def ask(number: int) -> None:
        episodes[number].observe(pictures[number].pop())
        playing[desk.put(episodes[number].prompt(), asked)] = number

    recording = bench.subject.policy.warm_up
    begin = time.perf_counter()
    for number in range(batch):
        ask(number)
    while playing:
        for place, answer in desk.advance():
            if isinstance(answer, PolicyError):
                raise answer
            number = playing.pop(place)
            first.setdefault(number, answer.tokens)
            episodes[number].write(answer)
            if pictures[number]:
                ask(number)
    spent = time.perf_counter() - begin - (bench.subject.policy.warm_up - recording)
    return batch * bench.scale.batch_steps / spent, [first[number] for number in range(batch)]


def evicting(bench: Bench) -> Row:
    """G6: the step after which half of a full context goes, and the same read during a pause."""
    policy = bench.subject.policy
    rng = np.random.default_rng(6)
    full = Episode()
    while policy.length(full.prompt()) < bench.scale.window * 0.95 - bench.scale.prefill_tokens:
        full.observe(random_picture(rng, *bench.scale.picture))
    policy.next_logits(full.prompt())  # its pictures are encoded, its keys and values held
    count = len(full.steps)
    half = full.prompt(full.steps[count // 2 :])
    one = full.prompt(full.steps[1:])
    spike = _once(bench, lambda: policy.next_logits(half))
    policy.next_logits(full.prompt())
    peer = _once(bench, lambda: policy.next_logits(one))
    policy.clear()
    policy.next_logits(full.prompt())
    ahead = Thread(target=policy.prepare, args=(half,))
    ahead.start()
    time.sleep(bench.scale.pause)
    waited = _once(bench, ahead.join)
    step = _once(bench, lambda: policy.next_logits(half))
    amortised = spike / max(1, count // 2)
    halved = policy.length(half)
    floor = bench.geometry.prefill_operations(halved, 0) / bench.rate / max(1, count // 2)
    return Row(
        f"G6 {bench.geometry.name}",
        f"half of {policy.length(full.prompt())} tokens dropped, features cached",
        "dropping the oldest step at every step",
        exact=_off(bench, half) <= _ROUGH,
        figures=(
            Figure("amortised / floor", amortised / floor, _goal(bench, 2.0), at_most=True),
            Figure(
                "ms left of the spike after a pause", waited * 1e3, _goal(bench, 1.0), at_most=True
            ),
            Figure("peer / ours, amortised", peer / amortised),
        ),
        details={"spike_s": spike, "amortised_s": amortised, "peer_s": peer, "step_after_s": step},
    )


def cutting(bench: Bench) -> Row:
    """G7: a phone's screenshot to patches on the device."""
    rng = np.random.default_rng(7)
    pixels = np.repeat(np.repeat(rng.integers(0, 256, (40, 18, 3), np.uint8), 60, 0), 60, 1)
    pixels = np.ascontiguousarray(pixels[: bench.scale.phone[0], : bench.scale.phone[1]])
    ways = {way: ImageSettings(56 * 56, 28 * 28 * 1280, resample=way) for way in ("exact", "fast")}
    where = bench.scale.device
    seconds = {
        way: bench.hardware.seconds(partial(patches_on, where, pixels, how))
        for way, how in ways.items()
    }
    peer = bench.hardware.seconds(lambda: reference_patches(pixels, ways["exact"]))
    made = patches_on(where, pixels, ways["exact"])[0].cpu().numpy()
    off = float(np.abs(made - preprocess(pixels, ways["exact"])[0]).max())
    fast = patches_on(where, pixels, ways["fast"])[0].cpu().numpy()
    grey = float(np.abs(fast - made).mean() * 255 * np.mean(ways["fast"].std))
    return Row(
        f"G7 {bench.geometry.name}",
        f"{pixels.shape[1]} x {pixels.shape[0]} screenshot to patches, upload included",
        "transformers Qwen2VLImageProcessorPil",
        exact=off <= 1e-6,
        figures=(
            Figure("ms, fast mode", seconds["fast"] * 1e3, _goal(bench, 2.0), at_most=True),
            Figure("ms, exact mode", seconds["exact"] * 1e3),
            Figure("peer / fast mode", peer / seconds["fast"]),
            Figure("fast mode: mean grey levels off", grey, _goal(bench, 0.01), at_most=True),
        ),
        details={"seconds": seconds, "peer_s": peer, "largest_difference": off},
    )


def _history(bench: Bench, tokens: int) -> Prompt:
    """Return a prompt of pictures that has about this many tokens."""
    rng = np.random.default_rng(2)
    history = Episode()
    history.observe(random_picture(rng, *bench.scale.picture))
    while bench.subject.policy.length(history.prompt()) < tokens:
        history.observe(random_picture(rng, *bench.scale.picture))
    return history.prompt(history.steps[:-1] or history.steps)


def _once(bench: Bench, work: Callable[[], object]) -> float:
    """Return the wall seconds of one run, up to the moment when the device is done."""
    bench.hardware.wait()
    begin = time.perf_counter()
    work()
    bench.hardware.wait()
    return time.perf_counter() - begin


def _off(bench: Bench, prompt: Prompt) -> float:
    """Return how far our logits are from the peer's, as a share of their spread."""
    ours = bench.subject.policy.next_logits(prompt)
    theirs = bench.subject.reference.next_logits(prompt)
    return float(np.abs(ours - theirs).mean() / theirs.std())


def _goal(bench: Bench, goal: float) -> float | None:
    return goal if bench.geometry in GEOMETRIES else None
