"""Lessons become batches whose loss is on the answer, and whose cells name what is drawn."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from qvl_agent.model.chat import ChatFormat
from qvl_agent.model.images import ImageSettings
from qvl_agent.model.nano.forward import COPYING, LETTERS, POINTING, SLOTS
from qvl_agent.model.nano.lessons import Collator, Copied, Drawing, Lesson, Read
from qvl_agent.model.nano.tokens import ACROSS, DOWN, Vocabulary, train_vocabulary
from qvl_agent.model.prompt import Picture, Prompt, Text, Turn
from qvl_agent.model.tokenizer import TextTokenizer

SETTINGS = ImageSettings(min_pixels=28 * 28, max_pixels=224 * 224)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return train_vocabulary(["Card 1 8. Card 2 K. Next 3."] * 9, 320)


@pytest.fixture
def collate(vocabulary: Vocabulary) -> Collator:
    chat = ChatFormat(TextTokenizer(vocabulary.tokenizer), SETTINGS)
    return Collator(vocabulary, chat, seed=0, cells_per_picture=4)


def _lesson(answer: str, given: tuple[str, ...] = (), *drawings: Drawing) -> Lesson:
    pixels = np.zeros((448, 448, 3), np.uint8)
    turn = Turn("user", (Text("Play."), Picture(pixels)))
    return Lesson(Prompt((turn,)), answer, given, drawings)


def test_each_answer_token_is_predicted_from_the_one_before(
    collate: Collator, vocabulary: Vocabulary
) -> None:
    batch = collate([_lesson("Card 1 8."), _lesson("Card 1 8. Card 2 K.")])
    for row, answer in zip(range(2), ("Card 1 8.", "Card 1 8. Card 2 K."), strict=True):
        chosen = batch.targets[row] >= 0
        wanted = batch.targets[row][chosen]
        assert vocabulary.tokenizer.decode(wanted.tolist()) == answer
        assert torch.equal(batch.ids[row][chosen.nonzero()[:, 0] + 1], wanted)


def test_what_is_given_has_no_loss(collate: Collator, vocabulary: Vocabulary) -> None:
    batch = collate([_lesson("Card 1 8. Next 3.", ("Card 1 8.",))])
    wanted = batch.targets[batch.targets >= 0].tolist()
    assert vocabulary.tokenizer.decode(wanted) == " Next 3."
    batch = collate([_lesson("Card 1 8. Next 3. Card 2 K.", (" 8.", " Card 2"))])
    wanted = batch.targets[batch.targets >= 0].tolist()
    assert vocabulary.tokenizer.decode(wanted) == "Card 1 Next 3. K."
    with pytest.raises(ValueError, match="not where it should be"):
        collate([_lesson("Card 1 8. Card 2 K.", ("Card 2", "Card 1"))])


def test_a_cell_names_the_word_drawn_in_it(collate: Collator, vocabulary: Vocabulary) -> None:
    # The picture is halved to 224 x 224: 8 x 8 cells of 28 pixels, 56 as the world draws them.
    drawn = (Drawing("8", 56, 112, 112, 56), Drawing("K", 400, 401, 9, 9))
    batch = collate([_lesson("Next 3.", (), *drawn)])
    assert batch.labels is not None
    assert batch.labels.letters is None  # nobody said where the letters are
    cells = batch.labels.words[0, :, 0].reshape(8, 8)
    [(eight, _)], [(king, _)] = vocabulary.pieces("8"), vocabulary.pieces("K")
    assert eight is not None
    assert king is not None
    assert torch.argwhere(torch.eq(cells, eight)).tolist() == [[2, 1], [2, 2]]
    assert torch.argwhere(torch.eq(cells, king)).tolist() == [[7, 7]]
    counted = batch.labels.counted[0].reshape(8, 8)
    assert counted[2, 1:3].all()
    assert counted[7, 7]
    assert int((cells[counted] == vocabulary.special["<|image_pad|>"]).sum()) == 4
    assert sorted(set(batch.labels.shares[0].sum(-1).tolist())) == pytest.approx([0, 1])


def test_pictures_are_resized_as_when_playing(collate: Collator) -> None:
    batch = collate([_lesson("Next 3.")])
    assert batch.pictures is not None
    assert batch.pictures.shape == (1, 224, 224, 3)
    assert int((batch.ids == collate.chat.image_pad).sum()) == 64


def test_a_cell_says_where_its_middle_is(vocabulary: Vocabulary, collate: Collator) -> None:
    assert collate([_lesson("Next 3.")]).places is None  # these words know no points
    words = train_vocabulary(["Next 3."] * 9, 300, (*ACROSS, *DOWN))
    chat = ChatFormat(TextTokenizer(words.tokenizer), SETTINGS)
    places = Collator(words, chat, seed=0)([_lesson("Next 3.")]).places
    assert places is not None
    assert places.shape == (64, 2)  # 8 x 8 cells, of 125 thousandths each
    say = words.tokenizer.decode
    assert say(places[0].tolist()) == "60, 60]"
    assert say(places[7].tolist()) == "930, 60]"
    assert say(places[8].tolist()) == "60, 180]"
    assert words.spell(' {"point": [930, 180]}')[-3:-1] == places[15].tolist()


def test_where_to_look_are_the_cells_around_a_point() -> None:
    words = train_vocabulary(["Next 3."] * 9, 300, (' {"point": [', *ACROSS, *DOWN))
    collate = Collator(words, ChatFormat(TextTokenizer(words.tokenizer), SETTINGS), seed=0)
    assert collate([_lesson("Next 3.")]).looks is None  # there is no point to be said
    # 8 x 8 cells of 125 thousandths; the middle of the second across is 187.
    batch = collate([_lesson("Next 3."), _lesson('3 {"point": [250, 0] {"point": [60, 990]')])
    looks = batch.looks
    assert looks is not None
    assert looks.rows.tolist() == [1] * 4
    say = words.tokenizer.decode
    targets = [int(batch.targets[1, p]) for p in looks.positions]
    assert [say([t]) for t in targets] == ["250, ", "0]", "60, ", "990]"]
    assert looks.heads.tolist() == [POINTING] * 4
    picture = batch.ids[1] == words.special["<|image_pad|>"]
    cells = looks.shares[:, picture].view(4, 8, 8)
    assert torch.equal(cells[0], cells[1])
    first, last = cells[0], cells[2]
    assert first[0, 1:3].tolist() == [0.5, 0.5]  # half way between two, and at the top
    assert last[7, 0] == pytest.approx(1.0)
    assert looks.shares.sum(1).tolist() == pytest.approx([1.0] * 4)
    assert cells.sum().item() == pytest.approx(4.0)


def test_a_shown_point_is_not_looked_for() -> None:
    words = train_vocabulary(["Next 3."] * 9, 300, (' {"point": [', *ACROSS, *DOWN))
    collate = Collator(words, ChatFormat(TextTokenizer(words.tokenizer), SETTINGS), seed=0)
    shown = ' {"point": [250, 0]'
    assert collate([_lesson(f"3{shown} Next 3.", (shown,))]).looks is None


def test_what_is_read_off_a_picture_is_looked_for_where_it_is() -> None:
    words = train_vocabulary(["Card 1 8. Card 2 K."] * 9, 320)
    collate = Collator(words, ChatFormat(TextTokenizer(words.tokenizer), SETTINGS), seed=0)
    read = Read("Card 2 K", 448 * 3 / 16, 448)  # the middle of the second column, at the bottom
    plain, marked = _lesson("Card 1 8."), _lesson("Card 1 8. Card 2 K.")
    looks = collate([plain, replace(marked, read=(read,))]).looks
    batch = collate([plain, marked])
    assert looks is not None
    assert looks.rows.tolist() == [1]
    position = int(looks.positions)
    assert words.tokenizer.decode([int(batch.targets[1, position])]) == " K"
    picture = batch.ids[1] == words.special["<|image_pad|>"]
    assert looks.shares[0, picture].view(8, 8)[7, 1] == pytest.approx(1.0)
    with pytest.raises(ValueError, match="not in"):
        collate([replace(plain, read=(read,))])
    twice = _lesson("Card 2 K. Card 2 K.")
    with pytest.raises(ValueError, match="once"):
        collate([replace(twice, read=(read,))])


def test_what_is_copied_is_looked_for_in_the_task() -> None:
    words = train_vocabulary(["Play Blue Hour. I play Blue Hour."] * 9, 400, apart=True)
    collate = Collator(words, ChatFormat(TextTokenizer(words.tokenizer), SETTINGS), seed=0)
    task, answer = "Now play Glim Hour on it", 'I tap "Glim Hour".'
    copied = Copied(answer.index("Glim"), len("Glim Hour"), task.index("Glim"))
    prompt = Prompt((Turn("user", (Text(task),)),))
    batch = collate([Lesson(prompt, "I tap it."), Lesson(prompt, answer, copied=(copied,))])
    looks = batch.looks
    assert batch.pictures is None
    assert looks is not None
    assert set(looks.heads.tolist()) == {COPYING}
    assert set(looks.rows.tolist()) == {1}
    said = [int(batch.targets[1, p]) for p in looks.positions]
    assert words.tokenizer.decode(said) == "Glim Hour"
    sources = looks.shares.argmax(1)
    assert looks.shares.sum(1).tolist() == [1.0] * len(said)
    assert batch.ids[1, sources].tolist() == said
    assert sources.tolist() == list(range(sources[0], sources[0] + len(said)))
    wrong = replace(copied, source=task.index("play"))
    with pytest.raises(ValueError, match="not copied"):
        collate([Lesson(prompt, answer, copied=(wrong,))])


def test_each_cell_of_a_long_word_is_named_by_its_pieces(
    collate: Collator, vocabulary: Vocabulary
) -> None:
    pieces = [piece for piece, _ in vocabulary.pieces("8K7")]
    assert len(set(pieces)) == 3
    drawing = Drawing("8K7", 0, 0, 448 * 6 / 16, 56)  # a cell for each letter
    labels = collate([replace(_lesson("3"), drawings=(drawing,))]).labels
    assert labels is not None
    assert labels.words.view(8, 8, -1)[0, :3, 0].tolist() == pieces
    drawing = Drawing("8K7", 0, 14, 56, 56)  # all in one cell and three quarters of it
    labels = collate([replace(_lesson("3"), drawings=(drawing,))]).labels
    assert labels is not None
    assert set(labels.words[0, 0, :3].tolist()) == set(pieces)
    assert labels.shares[0, 0, :3].tolist() == pytest.approx([1 / 3] * 3)
    assert labels.words[0, 8, 0] != pieces[0]  # of the second row it takes a quarter


def test_patches_are_asked_for_the_letters_in_them(collate: Collator) -> None:
    # 224 x 224 seen as it is: patches of 14 pixels, in each 4 slots of 3.5.
    pixels = np.zeros((224, 224, 3), np.uint8)
    prompt = Prompt((Turn("user", (Text("Play."), Picture(pixels))),))
    word = Drawing("Ab!", 14, 17, 21, 10, ends=(1 / 3, 2 / 3, 1.0))  # two slots a letter
    han = Drawing("晨", 0, 57, 14, 14, ends=(1.0,))  # in the fifth row, but for a pixel
    labels = collate([Lesson(prompt, "Next 3.", drawings=(word, han))]).labels
    assert labels is not None
    assert labels.letters is not None
    blocks = labels.letters[0].view(8, 8, 2, 2, SLOTS).transpose(1, 2)  # patches of a cell meet
    grid = blocks.reshape(16, 16 * SLOTS)
    a, b, mark = (1 + LETTERS.index(letter) for letter in "Ab!")
    assert grid[1, :12].tolist() == [0, 0, 0, 0, a, a, b, b, mark, mark, 0, 0]
    assert grid[4, :4].tolist() == [-1] * 4  # not one of the letters
    assert grid[5].tolist() == [0] * 64
    assert int((grid != 0).sum()) == 6 + 4


def test_words_are_to_be_found_in_their_cells(collate: Collator, vocabulary: Vocabulary) -> None:
    # Cells of 56 pixels: "Card" fills two and a quarter of those below, "K" is there twice.
    wide = Drawing("Card", 56, 0, 112, 70)
    twice = [Drawing("K", 0, 112, 28, 28), Drawing("K", 420, 392, 28, 28)]
    _, labels = collate.pictures([_lesson("."), _lesson(".", (), wide, *twice)])
    names = labels.names
    assert names is not None
    assert names.rows.tolist() == [1, 1]
    spelled = [
        vocabulary.tokenizer.decode([piece for piece in pieces if piece >= 0]).strip()
        for pieces in names.pieces.tolist()
    ]
    assert sorted(spelled) == ["Card", "K"]
    card, k = (names.shares[spelled.index(word)].view(8, 8) for word in ("Card", "K"))
    assert card[0, 1:3].tolist() == pytest.approx([0.4, 0.4])
    assert card[1, 1:3].tolist() == pytest.approx([0.1, 0.1])
    assert k[2, 0].item() == k[7, 7].item() == pytest.approx(0.5)
    assert torch.allclose(names.shares.sum(1), torch.ones(2))


def test_of_many_words_some_have_to_be_found(collate: Collator) -> None:
    words = [Drawing(f"Card{n}", 8 * (n % 50), 30 * (n // 10), 20, 20) for n in range(60)]
    _, labels = collate.pictures([_lesson(".", (), *words)] * 2)
    assert labels.names is not None
    assert labels.names.rows.tolist() == [0] * 24 + [1] * 24
    assert collate.pictures([_lesson(".")])[1].names is None


def test_a_line_is_told_where_its_middle_is_and_not_asked_for_beside_it(
    collate: Collator,
) -> None:
    pixels = np.zeros((224, 224, 3), np.uint8)
    prompt = Prompt((Turn("user", (Text("Play."), Picture(pixels))),))
    word = Drawing("ll", 0, 19, 14, 14, ends=(0.5, 1.0))  # rows 1 and 2, its middle in row 1
    labels = collate([Lesson(prompt, "Next 3.", drawings=(word,))]).labels
    assert labels is not None
    assert labels.letters is not None
    blocks = labels.letters[0].view(8, 8, 2, 2, SLOTS).transpose(1, 2)
    grid = blocks.reshape(16, 16 * SLOTS)[:, :4]
    letter = 1 + LETTERS.index("l")
    assert grid[:4].tolist() == [[0] * 4, [letter] * 4, [-1] * 4, [0] * 4]


def test_a_name_has_the_same_tokens_wherever_it_stands() -> None:
    words = train_vocabulary(["Play Blue Hour 12 31. 我想听晨潮"] * 9, 400, apart=True)
    for name in ("Blue", "Hour", "12", "晨潮", "Glim"):
        alone = words.spell(name)
        for text in (f'"{name}"', f"Play {name} now", f"听{name}。", f"{name}'s"):
            ids = words.spell(text)
            assert any(ids[i : i + len(alone)] == alone for i in range(len(ids))), (name, text)
