"""A few steps of training learn; a checkpoint is what was trained."""

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.model.chat import ChatFormat
from qvl_agent.model.images import ImageSettings, resize
from qvl_agent.model.nano.architecture import Size, build, rebuild
from qvl_agent.model.nano.checkpoint import load_checkpoint, save_checkpoint
from qvl_agent.model.nano.forward import Forward
from qvl_agent.model.nano.lessons import Collator, Drawing, Lesson
from qvl_agent.model.nano.speller import new_speller
from qvl_agent.model.nano.tokens import Vocabulary, train_vocabulary
from qvl_agent.model.nano.train import Phase, Recipe, _by_size, train
from qvl_agent.model.policy import Decoding, Profile
from qvl_agent.model.prompt import Picture, Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy
from qvl_agent.model.tokenizer import TextTokenizer

SIZE = Size(hidden=64, layers=2, heads=2, intermediate=96, vision_embed=32, vision_heads=2)
SETTINGS = ImageSettings(min_pixels=28 * 28, max_pixels=56 * 56)
PROFILE = Profile(detail="names", keep_steps=0, context_tokens=512, max_tokens=8)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return train_vocabulary(["It is dark. It is bright."] * 9, 300)


def _tell_brightness(rng: random.Random) -> Lesson:
    bright = rng.random() < 0.5
    pixels = np.full((56, 56, 3), rng.randint(180, 255) if bright else rng.randint(0, 70), np.uint8)
    word = "bright" if bright else "dark"
    prompt = Prompt((Turn("user", (Picture(pixels), Text("?"))),))
    return Lesson(prompt, f"It is {word}.", drawings=(Drawing(word, 0, 0, 28, 28),))


def _recipe(steps: int) -> Recipe:
    phase = Phase(steps=steps, mix={"light": 1.0}, text_mix={}, batch=16)
    return Recipe(phases=(phase,), warmup_steps=5, threads=torch.get_num_threads())


def test_it_learns_to_read_a_picture_and_the_checkpoint_plays(
    vocabulary: Vocabulary, tmp_path: Path
) -> None:
    model = build(SIZE, vocabulary, seed=0)
    chat = ChatFormat(TextTokenizer(vocabulary.tokenizer), SETTINGS)
    log = tmp_path / "log.jsonl"
    train(
        model,
        {"light": _tell_brightness},
        Collator(vocabulary, chat, seed=0),
        _recipe(60),
        log=log,
        every=20,
        save=lambda _: save_checkpoint(tmp_path, model, vocabulary, SETTINGS, PROFILE),
    )
    records = [json.loads(line) for line in log.read_text().splitlines()]
    assert [record["step"] for record in records] == [20, 40, 60]
    assert records[-1]["exact"]["light"] > 0.95 > records[0]["exact"]["light"]

    policy = Qwen2VLPolicy.load(tmp_path, device="cpu")
    assert policy.profile == PROFILE
    rng = random.Random(99)
    for _ in range(8):
        lesson = _tell_brightness(rng)
        said = policy.generate(lesson.prompt, Decoding(max_tokens=4)).text
        assert lesson.answer.startswith(said[:9])


def test_a_phase_that_only_reads_leaves_the_layers_of_text_alone(
    vocabulary: Vocabulary, tmp_path: Path
) -> None:
    def full(rng: random.Random) -> Lesson:
        lesson = _tell_brightness(rng)
        return replace(lesson, drawings=(replace(lesson.drawings[0], width=56, height=56),))

    model = build(SIZE, vocabulary, seed=0)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    chat = ChatFormat(TextTokenizer(vocabulary.tokenizer), SETTINGS)
    mix = {"light": 1.0}
    phase = Phase(steps=40, mix={}, text_mix={}, batch=0, screen_mix=mix, screen_batch=16)
    train(
        model,
        {"light": full},
        Collator(vocabulary, chat, seed=0),
        Recipe(phases=(phase,), warmup_steps=5, threads=torch.get_num_threads()),
        log=tmp_path / "log.jsonl",
        every=20,
    )
    first, last = map(json.loads, (tmp_path / "log.jsonl").read_text().splitlines())
    assert last["seen"] == 40 * 16
    first, last = (record["screens"]["light"] for record in (first, last))
    assert last["cells_right"] > 0.95 > first["cells_right"]
    changed = {n for n, p in model.named_parameters() if not torch.equal(p, before[n])}
    assert changed
    assert all("visual" in name or "embed_tokens" in name for name in changed)


def test_letters_are_learnt_without_a_word_and_rates_fall_in_the_last_phase_only(
    vocabulary: Vocabulary, tmp_path: Path
) -> None:
    def spelled(rng: random.Random) -> Lesson:
        lesson = _tell_brightness(rng)
        letter = lesson.drawings[0].word[0]
        return replace(lesson, drawings=(Drawing(letter, 0, 0, 56, 56, ends=(1.0,)),))

    model = build(SIZE, vocabulary, seed=0)
    speller = new_speller(model, seed=0)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    chat = ChatFormat(TextTokenizer(vocabulary.tokenizer), SETTINGS)
    letters = Phase(
        steps=30,
        mix={},
        text_mix={},
        batch=0,
        screen_mix={"light": 1.0},
        screen_batch=16,
        words=False,
    )
    train(
        model,
        {"light": spelled},
        Collator(vocabulary, chat, seed=0),
        Recipe(phases=(letters, letters), warmup_steps=5, threads=torch.get_num_threads()),
        log=tmp_path / "log.jsonl",
        speller=speller,
        every=15,
    )
    assert not torch.equal(speller.weight, new_speller(model, seed=0).weight)
    records = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert records[-1]["screens"]["light"]["letters_right"] > 0.95
    changed = {n for n, p in model.named_parameters() if not torch.equal(p, before[n])}
    assert changed
    assert all("visual.blocks" in n or "patch_embed" in n or "ln_q" in n for n in changed)
    rates = [record["schedule"] for record in records]
    assert rates[:2] == [1.0, 1.0]
    assert 1.0 > rates[2] > rates[3]


def test_the_same_recipe_and_seed_give_the_same_weights(
    vocabulary: Vocabulary, tmp_path: Path
) -> None:
    trained = []
    for run in range(2):
        model = build(SIZE, vocabulary, seed=3)
        collate = Collator(
            vocabulary, ChatFormat(TextTokenizer(vocabulary.tokenizer), SETTINGS), seed=3
        )
        log = tmp_path / f"{run}.jsonl"
        train(model, {"light": _tell_brightness}, collate, _recipe(3), log=log)
        trained.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
    assert torch.equal(*trained)


def test_a_checkpoint_can_be_trained_on(vocabulary: Vocabulary, tmp_path: Path) -> None:
    model = build(SIZE, vocabulary, seed=1)
    save_checkpoint(tmp_path, model, vocabulary, SETTINGS, PROFILE)
    again, words = load_checkpoint(tmp_path)
    assert words.tokenizer.get_vocab() == vocabulary.tokenizer.get_vocab()
    for (name, old), (_, new) in zip(
        model.named_parameters(), again.named_parameters(), strict=True
    ):
        assert new.dtype == torch.float32, name
        assert torch.equal(new, old.bfloat16().float()), name


def test_pictures_of_several_sizes_and_bare_texts_share_a_step(
    vocabulary: Vocabulary, tmp_path: Path
) -> None:
    def wide(rng: random.Random) -> Lesson:
        pixels = np.full((28, 84, 3), rng.randrange(256), np.uint8)
        return Lesson(Prompt((Turn("user", (Picture(pixels),)),)), "It is dark.")

    def bare(rng: random.Random) -> Lesson:
        return Lesson(Prompt((Turn("user", (Text("?"),)),)), "It is bright.")

    phase = Phase(
        steps=2, mix={"light": 0.5, "wide": 0.5}, text_mix={"bare": 1}, batch=8, text_batch=3
    )
    model = build(SIZE, vocabulary, seed=0)
    chat = ChatFormat(TextTokenizer(vocabulary.tokenizer), SETTINGS)
    log = tmp_path / "log.jsonl"
    train(
        model,
        {"light": _tell_brightness, "wide": wide, "bare": bare},
        Collator(vocabulary, chat, seed=0),
        Recipe(phases=(phase,), threads=torch.get_num_threads()),
        log=log,
    )
    (record,) = [json.loads(line) for line in log.read_text().splitlines()]
    assert record["seen"] == 22
    assert set(record["exact"]) == {"light", "wide", "bare"}


def test_a_model_keeps_what_it_knows_under_more_words(vocabulary: Vocabulary) -> None:
    old = build(SIZE, vocabulary, seed=1)
    more = train_vocabulary(["It is dark. It is bright. Tap the icon."] * 9, 330)
    new = build(SIZE, more, seed=2)
    rebuild(new, more, old, vocabulary)
    name = "model.language_model.embed_tokens.weight"
    for (key, a), (_, b) in zip(old.named_parameters(), new.named_parameters(), strict=True):
        assert key == name or torch.equal(a, b), key
    before, after = old.get_parameter(name), new.get_parameter(name)
    dark, icon = " dark", " icon"
    assert torch.equal(after[more.spell(dark)[0]], before[vocabulary.spell(dark)[0]])
    assert len(more.spell(icon)) == 1 < len(vocabulary.spell(icon))
    assert torch.allclose(after[more.spell(icon)[0]], before[vocabulary.spell(icon)].mean(0))


def test_other_eyes_begin_anew_and_the_text_stays(vocabulary: Vocabulary) -> None:
    old = build(SIZE, vocabulary, seed=1)
    new = build(replace(SIZE, vision_embed=48, vision_depth=3), vocabulary, seed=2)
    fresh = {name: p.detach().clone() for name, p in new.named_parameters()}
    rebuild(new, vocabulary, old, vocabulary)
    known = dict(old.named_parameters())
    for name, parameter in new.named_parameters():
        source = fresh if "visual" in name else known
        assert "embed_tokens" in name or torch.equal(parameter, source[name]), name


def test_kernels_of_a_larger_patch_say_of_it_what_they_said_of_the_smaller(
    vocabulary: Vocabulary,
) -> None:
    old = build(SIZE, vocabulary, seed=1)
    new = build(replace(SIZE, patch=21), vocabulary, seed=2)
    rebuild(new, vocabulary, old, vocabulary)
    # A picture without fine detail, shown at one and a half times its size.
    rows, columns = np.mgrid[0:84, 0:84] / 84
    wave = 128 + 60 * np.sin(3 * rows) * np.cos(2 * columns)
    large = np.repeat(wave.round().astype(np.uint8)[..., None], 3, axis=2)
    small = resize(large, 56, 56)
    before, after = (
        Forward(model, torch.float32).encode(
            dict(model.named_parameters()), torch.from_numpy(picture[None].copy())
        )
        for model, picture in ((old, small), (new, large))
    )
    assert after.shape == before.shape == (1, 4, SIZE.hidden)
    assert torch.allclose(after, before, atol=0.05 * before.abs().max().item())


def test_a_folder_without_a_checkpoint_names_the_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"config\.json is missing"):
        load_checkpoint(tmp_path)


def test_a_pass_is_small_and_its_share_of_the_loss_is_its_share_of_the_lessons() -> None:
    texts = [
        ("text", Lesson(Prompt((Turn("user", (Text("?"),)),)), "a" * n)) for n in range(20, 0, -1)
    ]
    rng = random.Random(0)
    groups = _by_size([*texts, *(("light", _tell_brightness(rng)) for _ in range(3))])
    assert sum(share for share, _ in groups) == pytest.approx(1)
    for share, group in groups:
        assert len(group) <= 8
        assert share == pytest.approx(len(group) / 23)
        assert len({name for name, _ in group}) == 1
    lengths = [[len(lesson.answer) for name, lesson in g if name == "text"] for _, g in groups]
    assert sum(lengths, []) == list(range(1, 21))


def test_a_recipe_at_a_share_of_its_rates() -> None:
    recipe = _recipe(3).at(0.5)
    assert (recipe.learning_rate, recipe.muon_rate) == (5e-4, 1.5e-3)
    assert recipe.phases == _recipe(3).phases
    with pytest.raises(UsageError, match="positive share"):
        recipe.at(0)
