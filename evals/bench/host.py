"""Work beside the matrix products: pictures, assembly, decode overhead (S4, S5, S6)."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qvl_agent.evals.bench.scorecard import Figure, Row, alternate
from qvl_agent.evals.bench.subjects import Subject, random_picture
from qvl_agent.model.images import ImageSettings, preprocess, resize
from qvl_agent.model.policy import Decoding
from qvl_agent.model.prompt import Picture, Prompt, Text, Turn
from qvl_agent.model.reference import ChatTemplate, reference_patches

__all__ = ["assembly", "decode_overhead", "preprocessing"]


def preprocessing() -> Row:
    """S4: one phone screenshot to patches."""
    pixels = _screenshot(2400, 1080)
    exact = ImageSettings(56 * 56, 28 * 28 * 1280)
    fast = ImageSettings(56 * 56, 28 * 28 * 1280, resample="fast")
    ours, fast_s, theirs = alternate(
        lambda: preprocess(pixels, exact),
        lambda: preprocess(pixels, fast),
        lambda: reference_patches(pixels, exact),
    )
    difference = np.abs(preprocess(pixels, exact)[0] - reference_patches(pixels, exact)[0]).max()
    size = exact.size(*pixels.shape[:2])
    grey = np.abs(
        resize(pixels, *size).astype(int) - resize(pixels, *size, resample="fast").astype(int)
    )
    return Row(
        "S4",
        "1080 x 2400 screenshot to patches, 1,003,520 pixels at most",
        "transformers Qwen2VLImageProcessorPil",
        exact=bool(difference <= 1e-6),
        figures=(
            Figure("peer / exact mode", theirs / ours, 1.5),
            Figure("peer / fast mode", theirs / fast_s, 4.0),
            Figure("fast mode: mean grey levels off", float(grey.mean()), 0.01, at_most=True),
        ),
        details={
            "exact_ms": ours * 1e3,
            "fast_ms": fast_s * 1e3,
            "peer_ms": theirs * 1e3,
            "largest_difference": float(difference),
            "fast_largest_grey": int(grey.max()),
        },
    )


def _screenshot(height: int, width: int) -> NDArray[np.uint8]:
    """Return flat blocks on grey: about as compressible as a user interface."""
    rng = np.random.default_rng(0)
    pixels = np.full((height, width, 3), 245, np.uint8)
    for _ in range(400):
        y, x = rng.integers(0, height - 100), rng.integers(0, width - 100)
        h, w = rng.integers(5, 100, 2)
        pixels[y : y + h, x : x + w] = rng.integers(0, 255, 3)
    return pixels


def assembly(subject: Subject) -> Row:
    """S5: tokenising and positions of a step's prompt; the model is not run."""
    rng = np.random.default_rng(5)
    pictures = [random_picture(rng, 728, 1064) for _ in range(20)]
    for picture in pictures:
        _ = picture.key  # hashing is part of looking, and is done once a picture
    first, last = _assembly_seconds(subject, pictures)
    prompt = Prompt((*_history(pictures), Turn("user", (Text("What do you see?"),))))
    sequence = subject.policy.assemble(prompt)
    messages = [
        {
            "role": turn.role,
            "content": [
                {"type": "text", "text": part.text} if isinstance(part, Text) else {"type": "image"}
                for part in turn.parts
            ],
        }
        for turn in prompt.turns
    ]
    visual = [span.length for span in sequence.pictures]
    template = ChatTemplate(subject.folder)
    tokens = template.tokens(messages, visual)
    (peer,) = alternate(lambda: template.tokens(messages, visual))
    return Row(
        "S5",
        f"host work of step 20, in a history of {len(sequence)} tokens",
        "the checkpoint's chat template and tokenizer on the whole history",
        exact=tokens == sequence.ids.tolist(),
        figures=(
            Figure("ms at step 20", last * 1e3, 1.0, at_most=True),
            Figure("step 20 / step 1", last / first, 1.1, at_most=True),
            Figure("peer / ours at step 20", peer / last),
        ),
        details={"step_1_ms": first * 1e3, "step_20_ms": last * 1e3, "peer_ms": peer * 1e3},
    )


def _history(pictures: Sequence[Picture], name: str = "") -> tuple[Turn, ...]:
    """Return one picture and one answer per step, of an episode with a name of its own."""
    turns: list[Turn] = []
    for step, picture in enumerate(pictures):
        turns.append(Turn("user", (picture, Text(f"Step {step} {name}: find the pizza"))))
        turns.append(Turn("assistant", (Text(f"Step {step}. " + "I tap the icon. " * 20),)))
    return tuple(turns)


def _assembly_seconds(
    subject: Subject, pictures: Sequence[Picture], trials: int = 51
) -> tuple[float, float]:
    """Return the median seconds of assembling an episode's first and last step.

    The answer before a step is laid out already, as it is once the policy has given it.
    """
    spent = np.zeros((trials, len(pictures)))
    for trial in range(trials):
        turns = _history(pictures, f"of try {trial}")
        for step in range(len(pictures)):
            history = turns[: 2 * step]
            known = len(subject.policy.assemble(Prompt(history))) if history else 0
            prompt = Prompt(turns[: 2 * step + 1])
            begin = time.perf_counter()
            subject.policy.assemble(prompt).positions(known)
            spent[trial, step] = time.perf_counter() - begin
    seconds = np.median(spent, axis=0)
    return float(seconds[0]), float(seconds[-1])


def decode_overhead(subject: Subject) -> Row:
    """S6: seconds per written token where a layer's work is next to nothing."""
    rng = np.random.default_rng(6)
    short, long = Decoding(max_tokens=1), Decoding(max_tokens=65)
    prompt = Prompt((Turn("user", (random_picture(rng, 112, 112), Text("Go on. " * 5))),))
    policy, reference = subject.policy, subject.reference
    exact = policy.generate(prompt, long).tokens == reference.generate(prompt, long).tokens
    ours_1, ours_n, peer_1, peer_n = alternate(
        lambda: policy.generate(prompt, short),
        lambda: policy.generate(prompt, long),
        lambda: reference.generate(prompt, short),
        lambda: reference.generate(prompt, long),
    )
    ours, peer = (ours_n - ours_1) / 64, (peer_n - peer_1) / 64
    return Row(
        "S6",
        "28 layers of width 64: overhead per written token",
        "transformers generate()",
        exact,
        (Figure("peer / ours per token", peer / ours, 2.0),),
        {"ours_ms": ours * 1e3, "peer_ms": peer * 1e3},
    )
