"""The training forward computes what transformers computes."""

import math

import pytest
import torch
from torch import Tensor

from qvl_agent.model.nano.architecture import Size, build
from qvl_agent.model.nano.forward import (
    COPYING,
    LETTERS,
    POINTING,
    SLOTS,
    Batch,
    Forward,
    Labels,
    Looks,
    Names,
)
from qvl_agent.model.nano.tokens import Vocabulary, train_vocabulary

SIZE = Size(hidden=64, layers=2, heads=2, intermediate=96, vision_embed=32, vision_heads=2)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return train_vocabulary(["Card 1 8. Plan ( 8 - 3 ) ="] * 4, 320, ["\n*FUNCTION*:"])


def _patches(pictures: Tensor) -> Tensor:
    """Cut patches by transformers' own processor, resizing nothing."""
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    processor = Qwen2VLImageProcessorPil(min_pixels=28 * 28, max_pixels=1000 * 28 * 28)
    out: Tensor = processor(list(pictures.numpy()), return_tensors="pt")["pixel_values"]
    return out


@pytest.mark.parametrize(("height", "width"), [(56, 56), (84, 56), (56, 140)])
def test_logits_equal_those_of_transformers(
    vocabulary: Vocabulary, height: int, width: int
) -> None:
    model = build(SIZE, vocabulary, seed=1)
    with torch.no_grad():  # biases start at zero, where a forgotten one would not be noticed
        for parameter in model.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    generator = torch.Generator().manual_seed(2)
    shape = (3, height, width, 3)
    pictures = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
    cells = height * width // 28**2
    ids = torch.randint(20, 270, (3, 30 + cells), generator=generator)
    ids[:, 7 : 7 + cells] = vocabulary.special["<|image_pad|>"]

    forward = Forward(model, torch.float32)
    weights = dict(model.named_parameters())
    hidden = forward.read(weights, ids, forward.encode(weights, pictures), pictures).hidden
    ours = hidden @ weights["model.language_model.embed_tokens.weight"].T
    theirs = model(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        mm_token_type_ids=(ids == vocabulary.special["<|image_pad|>"]).int(),
        pixel_values=_patches(pictures),
        image_grid_thw=torch.tensor([[1, height // 14, width // 14]] * 3),
    ).logits

    assert (ours - theirs).abs().max() < 1e-4 * theirs.abs().max()


def test_text_without_a_picture_equals_transformers(vocabulary: Vocabulary) -> None:
    model = build(SIZE, vocabulary, seed=1)
    ids = torch.randint(20, 270, (2, 40), generator=torch.Generator().manual_seed(3))
    forward = Forward(model, torch.float32)
    weights = dict(model.named_parameters())
    hidden = forward.read(weights, ids, None, None).hidden
    ours = hidden @ weights["model.language_model.embed_tokens.weight"].T
    theirs = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    assert (ours - theirs).abs().max() < 1e-4 * theirs.abs().max()


def test_padding_at_the_end_changes_no_loss(vocabulary: Vocabulary) -> None:
    model = build(SIZE, vocabulary, seed=1)
    forward = Forward(model, torch.float32)
    ids = torch.randint(20, 270, (1, 12), generator=torch.Generator().manual_seed(4))
    targets = torch.full_like(ids, -1)
    targets[:, 5:8] = ids[:, 6:9]
    padded = torch.nn.functional.pad(ids, (0, 9), value=vocabulary.special["<|endoftext|>"])
    without = torch.nn.functional.pad(targets, (0, 9), value=-1)
    short, long = forward.losses(Batch(ids, targets)), forward.losses(Batch(padded, without))
    assert short.text.item() == pytest.approx(long.text.item(), rel=1e-5)


def test_the_loss_of_placing_is_zero_where_both_words_get_half(vocabulary: Vocabulary) -> None:
    forward = Forward(build(SIZE, vocabulary, seed=1), torch.float32)
    words = 40 * torch.eye(64)
    counted = torch.tensor([[True, False, True]])
    places = torch.tensor([[1, 2], [3, 4], [5, 6]])
    seen = torch.zeros(1, 3, 64)
    for cell, (across, down) in enumerate(places.tolist()):
        seen[0, cell, [across, down]] = 1.0
    assert forward.placing(words, seen, counted, places).item() == pytest.approx(0, abs=1e-4)
    seen[0, 1] = 7.0  # does not count
    assert forward.placing(words, seen, counted, places).item() == pytest.approx(0, abs=1e-4)
    assert forward.placing(words, seen, counted, places.flip(0)).item() > 1


def test_the_loss_of_looking_is_of_the_attention_that_transformers_pays(
    vocabulary: Vocabulary,
) -> None:
    model = build(SIZE, vocabulary, seed=1)
    model.set_attn_implementation("eager")
    pictures = torch.randint(0, 256, (2, 56, 84, 3), dtype=torch.uint8)
    ids = torch.randint(20, 270, (2, 30), generator=torch.Generator().manual_seed(5))
    ids[:, 4:10] = vocabulary.special["<|image_pad|>"]
    shares = torch.zeros(2, 30)
    shares[0, 4:6], shares[1, 2] = torch.tensor([0.25, 0.75]), 1.0
    heads = torch.tensor([POINTING, COPYING])
    looks = Looks(torch.tensor([1, 0]), torch.tensor([14, 29]), heads, shares)

    forward = Forward(model, torch.float32)
    weights = dict(model.named_parameters())
    reading = forward.read(weights, ids, forward.encode(weights, pictures), pictures)
    ours = forward.looking(reading, looks)
    attentions = model(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        mm_token_type_ids=(ids == vocabulary.special["<|image_pad|>"]).int(),
        pixel_values=_patches(pictures),
        image_grid_thw=torch.tensor([[1, 4, 6]] * 2),
        output_attentions=True,
    ).attentions[SIZE.layers // 2]
    pointed = attentions[1, POINTING, 14].log()
    wanted = 0.25 * pointed[4] + 0.75 * pointed[5]
    wanted = -(wanted + attentions[0, COPYING, 29, 2].log()) / 2
    assert ours.item() == pytest.approx(wanted.item(), rel=1e-4)


def test_a_cell_with_two_words_is_read_when_each_gets_its_share(vocabulary: Vocabulary) -> None:
    forward = Forward(build(SIZE, vocabulary, seed=1), torch.float32)
    words = 40 * torch.eye(64)
    labels = Labels(
        words=torch.tensor([[[3, 9], [4, 9], [5, 5]]]),
        shares=torch.tensor([[[0.5, 0.5], [1.0, 0.0], [0.0, 0.0]]]),
    )
    features = torch.zeros(1, 3, 64)
    features[0, 0, [3, 9]] = 1.0
    features[0, 1, 4] = 1.0
    features[0, 2, 7] = 1.0  # does not count
    loss, right = forward.read_out(words, features, labels)
    assert loss.item() == pytest.approx(math.log(2) / 2, abs=1e-4)
    assert right == 1.0
    assert forward.read_out(words, features.roll(1, 1), labels)[1] == 0.0


def test_a_word_is_found_where_its_pieces_are(vocabulary: Vocabulary) -> None:
    forward = Forward(build(SIZE, vocabulary, seed=1), torch.float32)
    words = torch.eye(64)
    features = torch.zeros(2, 3, 64)
    features[1, 0, [3, 4]] = 1.0  # both pieces of the word that is asked for
    features[1, 1, 3] = 1.0
    features[1, 2, 9] = 1.0
    features[0, 1, 9] = 1.0
    names = Names(
        rows=torch.tensor([1, 0]),
        pieces=torch.tensor([[3, 4], [9, -1]]),
        shares=torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]),
    )
    none = torch.zeros(1, 0, 1)
    loss, right = forward.finding(words, features, Labels(none, none, None, names))
    # A row of length 1 or root 2 is scaled to root 64: 8 for one piece, 5.7 each for two.
    first = math.log(1 + math.exp(8 - 2 * 8 / math.sqrt(2)) + math.exp(-2 * 8 / math.sqrt(2)))
    second = math.log(math.exp(8) + 2) - 4
    assert loss.item() == pytest.approx((first + second) / 2, rel=1e-4)
    assert right == 1.0
    assert forward.finding(words, features.flip(1), Labels(none, none, None, names))[1] == 0.5
    assert forward.finding(words, features, Labels(none, none))[0].item() == 0


def test_finding_is_part_of_what_pictures_teach(vocabulary: Vocabulary) -> None:
    forward = Forward(build(SIZE, vocabulary, seed=1), torch.float32)
    generator = torch.Generator().manual_seed(3)
    pictures = torch.randint(0, 256, (1, 56, 56, 3), dtype=torch.uint8, generator=generator)
    plain = Labels(torch.full((1, 4, 1), 9), torch.ones(1, 4, 1))
    names = Names(torch.tensor([0]), torch.tensor([[9, 30]]), torch.tensor([[0.5, 0.5, 0.0, 0.0]]))
    named = plain._replace(names=names)
    weights = forward._weights()
    words = weights["model.language_model.embed_tokens.weight"]
    wanted = forward.finding(words, forward.encode(weights, pictures), named)[0].item()
    assert wanted > 0.1
    read = [forward.reading(pictures, labels)[0].item() for labels in (named, plain)]
    assert read[0] - read[1] == pytest.approx(wanted, rel=1e-3)
    ids = torch.full((1, 9), 20)
    ids[0, 2:6] = vocabulary.special["<|image_pad|>"]
    batches = (Batch(ids, ids.roll(-1, 1), pictures, labels) for labels in (named, plain))
    learnt = [forward.losses(batch).cells.item() for batch in batches]
    assert learnt[0] - learnt[1] == pytest.approx(wanted, rel=1e-3)


def test_letters_are_told_from_patches(vocabulary: Vocabulary) -> None:
    width = SIZE.vision_embed
    speller = torch.nn.Linear(width, SLOTS * (1 + len(LETTERS)))
    torch.nn.init.zeros_(speller.weight)
    torch.nn.init.zeros_(speller.bias)
    with torch.no_grad():
        speller.weight.view(SLOTS, -1, width)[0, 5, 0] = 50.0  # the first feature: a 5 at first
    forward = Forward(build(SIZE, vocabulary, seed=1), torch.float32, speller)
    patches = torch.zeros(1, 2, width)
    patches[0, 0, 0] = 1.0
    letters = torch.tensor([[[5, -1, -1, -1], [-1, -1, -1, -1]]])
    none = torch.zeros(1, 0, 1)
    loss, right = forward.spelling(patches, Labels(none, none, letters))
    assert loss.item() == pytest.approx(0, abs=1e-4)
    assert right == 1.0
    assert forward.spelling(patches.flip(1), Labels(none, none, letters))[0].item() > 4
    assert forward.spelling(patches, Labels(none, none))[0].item() == 0
