import pytest

from qvl_agent.actions.errors import UsageError
from qvl_agent.envs.cards import Blackjack, EZPoints, NumberLine, Points24
from qvl_agent.envs.cards.published import ACTION_WORDS, parse_published_answer


@pytest.mark.parametrize(
    ("game", "text", "action"),
    [
        ("numberline", '{"current number": "3", "thoughts": "-", "action": "+"}', 1),
        ("numberline", '{"Action": "+"}', 1),
        ("numberline", "I choose +", 1),  # no key: the last character is all that is read
        ("numberline", "+ is my choice.", None),
        ("numberline", '{"action": "+"} {"action": "-"}', None),
        ("blackjack", '{"thoughts": "I should hit", "action": "stand"}', 0),
        ("blackjack", '"action": "stand"} because hit would bust', None),
        ("blackjack", '{"action": "HIT"}', 1),
        ("ezpoints", '{"action": "10"}', 9),
        ("ezpoints", '{"action": "11"}', 0),
        ("ezpoints", '{"action": "12"}', None),
        ("ezpoints", '{"action": "-"}', None),
        ("points24", '{"action": "-"}', 11),
        ("points24", '{"action": "("}', 14),
        ("points24", "", None),
    ],
)
def test_answers_are_read_as_published(game: str, text: str, action: int | None) -> None:
    assert parse_published_answer(game, text) == action


@pytest.mark.parametrize("name", ["gym_cards/Points24-v0", "qvl_agent/Points24-v0", "Points24"])
def test_a_game_goes_by_any_of_its_names(name: str) -> None:
    assert parse_published_answer(name, '"action": "="') == 16


def test_there_is_a_word_for_each_action() -> None:
    for world in (NumberLine, Blackjack, EZPoints, Points24):
        assert len(ACTION_WORDS[world.__name__.lower()]) == len(world.ACTIONS)


def test_an_unknown_game_is_refused() -> None:
    with pytest.raises(UsageError, match="numberline, blackjack"):
        parse_published_answer("poker", "")
