import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import Qwen2VLForConditionalGeneration

from qvl_agent.actions.errors import PolicyError
from qvl_agent.model.decoder import TextDecoder
from qvl_agent.model.policy import Decoding
from qvl_agent.model.prompt import Picture, Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.reference import Reference
from qvl_agent.model.tiny import make_tiny_checkpoint

GREEDY = Decoding(max_tokens=12)


def prompt(rng: np.random.Generator, *sizes: tuple[int, int], text: str = "Look") -> Prompt:
    parts = [
        Picture(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)) for height, width in sizes
    ]
    return Prompt((Turn("system", (Text("You help."),)), Turn("user", (*parts, Text(text)))))


def test_logits_and_greedy_tokens_equal_those_of_transformers(
    policy: Qwen2VLPolicy, reference: Reference, rng: np.random.Generator
) -> None:
    for sizes in ([], [(100, 200)], [(30, 30), (300, 120), (90, 91)]):
        asked = prompt(rng, *sizes)
        difference = policy.next_logits(asked) - reference.next_logits(asked)
        assert np.abs(difference).max() <= 1e-5
        ours = policy.generate(asked, Decoding(max_tokens=30))
        expected = reference.generate(asked, Decoding(max_tokens=30)).tokens
        assert ours.tokens == expected[: len(ours.tokens)]
        assert len(ours.tokens) == 30 or ours.stop == "end_of_turn"
        assert ours.prompt_tokens == policy.length(asked)


def test_a_checkpoint_with_an_output_head_of_its_own_equals_transformers(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    folder = make_tiny_checkpoint(tmp_path / "untied", tie_embeddings=False, kv_heads=4, seed=5)
    policy = Qwen2VLPolicy.load(folder, device="cpu")
    asked = prompt(rng, (60, 90))
    difference = policy.next_logits(asked) - Reference(policy, folder).next_logits(asked)
    assert np.abs(difference).max() <= 1e-5


def test_a_batch_equals_its_prompts_alone(policy: Qwen2VLPolicy, rng: np.random.Generator) -> None:
    sizes = [[(60, 60)], [], [(100, 200), (40, 90)], [(28, 280)], [(60, 60)]]
    prompts = [prompt(rng, *s, text="word " * i) for i, s in enumerate(sizes)]
    prompts.append(prompts[2])
    decoding = Decoding(max_tokens=25, stop_after=lambda t: 9 if len(t) >= 9 and "2" in t else None)
    batch = policy.generate_batch(prompts, decoding)
    for asked, together in zip(prompts, batch, strict=True):
        policy.clear()
        alone = policy.generate(asked, decoding)
        assert together.tokens == alone.tokens
        assert (together.text, together.stop) == (alone.text, alone.stop)


def test_a_batch_continues_from_what_a_batch_wrote(
    policy: Qwen2VLPolicy, rng: np.random.Generator
) -> None:
    prompts = [prompt(rng, (60, 60), text="word " * i) for i in range(1, 4)]
    first = policy.generate_batch(prompts, GREEDY)
    longer = [
        Prompt((*p.turns, Turn("assistant", (Text(g.text, g.tokens), Text(" go on")))))
        for p, g in zip(prompts, first, strict=True)
    ]
    again = policy.generate_batch(longer, GREEDY)
    for asked, together, before in zip(longer, again, first, strict=True):
        # All but the last token that the model wrote, whose keys were never computed.
        assert together.reused_tokens == before.prompt_tokens + len(before.tokens) - 1
        policy.clear()
        assert policy.generate(asked, GREEDY).tokens == together.tokens


def test_an_empty_batch_has_no_answers(policy: Qwen2VLPolicy) -> None:
    assert policy.generate_batch([], GREEDY) == []


def test_sampling_is_reproducible_alone_and_in_a_batch(
    policy: Qwen2VLPolicy, rng: np.random.Generator
) -> None:
    prompts = [prompt(rng, (60, 60)), prompt(rng)]
    warm = Decoding(max_tokens=20, temperature=1.0, top_p=0.9, seed=3)
    alone = [policy.generate(p, warm).tokens for p in prompts]
    assert [g.tokens for g in policy.generate_batch(prompts, warm)] == alone
    other = Decoding(max_tokens=20, temperature=1.0, top_p=0.9, seed=4)
    assert policy.generate(prompts[0], other).tokens != alone[0]


def test_a_prompt_beyond_the_window_is_refused_and_the_policy_goes_on(
    policy: Qwen2VLPolicy, rng: np.random.Generator
) -> None:
    asked = prompt(rng)
    before = policy.generate(asked, GREEDY).tokens
    with pytest.raises(PolicyError, match="window 4096"):
        policy.generate(prompt(rng, text="a " * 5000), GREEDY)
    assert policy.generate(asked, GREEDY).tokens == before


def test_an_answer_ends_where_the_window_ends(policy: Qwen2VLPolicy) -> None:
    opening = policy.length(Prompt((Turn("assistant", ()),)))
    asked = Prompt((Turn("assistant", (Text("A", (65,) * (4096 - opening - 5)),)),))
    generation = policy.generate(asked, Decoding(max_tokens=100))
    assert generation.stop == "length"
    assert len(generation.tokens) == 5


def test_nan_in_the_weights_is_a_policy_error_and_the_policy_goes_on(
    policy: Qwen2VLPolicy, rng: np.random.Generator
) -> None:
    asked = prompt(rng, (60, 60))
    before = policy.generate(asked, GREEDY).tokens
    norm = policy._engine.decoder._norm
    kept = norm.clone()
    norm[0] = float("nan")
    for prompts in ([asked], [asked, prompt(rng)]):
        with pytest.raises(PolicyError, match="not finite"):
            policy.generate_batch(prompts, GREEDY)
    norm.copy_(kept)
    assert policy.generate(asked, GREEDY).tokens == before


def fail_forward(monkeypatch: pytest.MonkeyPatch, failing_calls: range) -> None:
    """Let these calls of the forward pass run out of memory."""
    forward = TextDecoder.forward
    calls = iter(range(10**6))

    def failing(*args: Any) -> torch.Tensor:
        if next(calls) in failing_calls:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(*args)

    monkeypatch.setattr(TextDecoder, "forward", failing)


def test_out_of_memory_drops_the_caches_and_tries_once_more(
    policy: Qwen2VLPolicy, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = [prompt(rng, (60, 60)), prompt(rng)]
    before = policy.generate_batch(prompts, GREEDY)
    fail_forward(monkeypatch, range(3, 4))
    again = policy.generate_batch(prompts, GREEDY)
    assert [g.tokens for g in again] == [g.tokens for g in before]
    assert again[0].reused_tokens == 0


def test_out_of_memory_twice_is_a_policy_error_and_the_policy_goes_on(
    policy: Qwen2VLPolicy, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = prompt(rng, (60, 60))
    before = policy.generate(asked, GREEDY)
    with monkeypatch.context() as patch:
        fail_forward(patch, range(3, 100))
        with pytest.raises(PolicyError, match=r"values alone take .* GB and .* GB is free"):
            policy.generate(asked, GREEDY)
    assert policy.generate(asked, GREEDY).tokens == before.tokens


def test_threads_may_share_a_policy(policy: Qwen2VLPolicy, rng: np.random.Generator) -> None:
    prompts = [prompt(rng, (60, 60), text=f"thread {i}") for i in range(4)]
    expected = [policy.generate(p, GREEDY).tokens for p in prompts]
    policy.clear()
    seen: dict[int, list[tuple[int, ...]]] = {i: [] for i in range(4)}

    def ask(i: int) -> None:
        seen[i] += [policy.generate(prompts[i], GREEDY).tokens for _ in range(5)]

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {i: [expected[i]] * 5 for i in range(4)}


def test_the_time_of_every_phase_is_told(policy: Qwen2VLPolicy, rng: np.random.Generator) -> None:
    asked = prompt(rng, (200, 300))
    fresh = policy.generate(asked, GREEDY).seconds
    assert min(fresh.preprocess, fresh.vision, fresh.prefill, fresh.decode) > 0
    again = policy.generate(asked, GREEDY).seconds
    assert again.vision == again.preprocess == 0


def test_the_description_is_json_and_names_what_matters(policy: Qwen2VLPolicy) -> None:
    described = json.loads(json.dumps(policy.describe()))
    assert described["weights"].startswith("sha256:")
    assert described["images"]["max_pixels"] == 28 * 28 * 64
    assert [described[key] for key in ("device", "dtype", "attention")] == [
        "cpu",
        "float32",
        "sdpa",
    ]


def test_the_picture_size_is_what_the_model_sees(tiny_folder: Path) -> None:
    policy = Qwen2VLPolicy.load(tiny_folder, device="cpu", max_pixels=28 * 28 * 16)
    assert policy.picture_size(2400, 1080) == (140, 56)
    assert policy.picture_size(56, 56) == (56, 56)


def test_low_precision_loads_and_answers(tiny_folder: Path, rng: np.random.Generator) -> None:
    policy = Qwen2VLPolicy.load(tiny_folder, device="cpu", dtype="bfloat16")
    exact = Qwen2VLPolicy.load(tiny_folder, device="cpu")
    asked = prompt(rng, (60, 60))
    near, true = policy.next_logits(asked), exact.next_logits(asked)
    assert np.corrcoef(near, true)[0, 1] > 0.99


def test_weights_are_held_once(tiny_folder: Path) -> None:
    model = Qwen2VLForConditionalGeneration.from_pretrained(tiny_folder)
    TextDecoder(model.model.language_model, model.lm_head)
    attention = model.model.language_model.layers[0].self_attn
    fused = attention.q_proj.weight.untyped_storage()
    assert attention.v_proj.weight.untyped_storage().data_ptr() == fused.data_ptr()
