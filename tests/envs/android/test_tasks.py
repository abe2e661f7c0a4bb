from random import Random
from string import Formatter

import pytest

from qvl_agent.envs.android import AndroidEnv
from qvl_agent.envs.android.phone.tasks import TEMPLATES, Template, templates_of
from qvl_agent.envs.android.phone.tasks.wordings import word

NAMES = [t.name for t in TEMPLATES]


def play(env: AndroidEnv, seed: int, limit: int = 80, **options: object) -> bool:
    env.reset(seed=seed, options=options)
    assert not env.outcome().success, "the task is done from the start"
    for _ in range(limit):
        if env.step(env.expert().action)[2]:
            break
    return env.outcome().success


def test_there_are_at_least_forty_templates_in_three_levels() -> None:
    assert len(TEMPLATES) >= 40
    assert len(set(NAMES)) == len(NAMES)
    assert all(sum(t.level == level for t in TEMPLATES) >= 10 for level in (1, 2, 3))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_wordings_for_training_and_testing_are_disjoint(template: Template) -> None:
    for zh in (False, True):
        train = set(template.wordings(zh=zh, test=False))
        test = set(template.wordings(zh=zh, test=True))
        assert len(train) >= 2
        assert test
        assert train.isdisjoint(test)


@pytest.mark.parametrize("zh", [False, True])
def test_phones_to_practise_on_word_level_1_in_many_ways_and_never_as_held_out(zh: bool) -> None:
    rng = Random(1)
    for template in templates_of(level=1):
        held_out = template.wordings(zh=zh, test=True)
        drawn = [word(rng, template.name, held_out, zh=zh) or "" for _ in range(200)]
        assert len(set(drawn)) > (20 if zh else 40), template.name
        asked = {field for _, field, *_ in Formatter().parse(held_out[0]) if field}
        for wording in drawn:
            assert {field for _, field, *_ in Formatter().parse(wording) if field} == asked
            assert not any(other.lower() in wording.lower() for other in held_out)
            assert not set("[]<>|$") & set(wording)


def test_a_forbidden_wording_is_drawn_again() -> None:
    rng = Random(2)
    free = [word(rng, "open_app", (), zh=False) or "" for _ in range(300)]
    assert any("launch {app}" in wording.lower() for wording in free)
    bound = [word(rng, "open_app", ("Launch {app}",), zh=False) or "" for _ in range(300)]
    assert not any("launch {app}" in wording.lower() for wording in bound)
    assert word(Random(0), "no such task", (), zh=False) is None


@pytest.mark.parametrize("number", range(len(TEMPLATES)), ids=NAMES)
def test_the_expert_does_every_kind_of_task(number: int) -> None:
    split = ("train", "test")[number % 2]
    language = ("en", "en", "zh")[number % 3]
    assert play(AndroidEnv(), number, template=NAMES[number], split=split, language=language)


@pytest.mark.slow
def test_the_expert_does_two_thousand_tasks() -> None:
    env = AndroidEnv()
    failed = [
        (name, seed, split)
        for number, name in enumerate(NAMES)
        for seed in range(14)
        for split in ("train", "test")
        if not play(env, 1000 * number + seed, template=name, split=split)
    ]
    assert len(NAMES) * 28 >= 2000
    assert failed == []


def random_rate(episodes: int) -> float:
    env = AndroidEnv()
    wins = 0
    for seed in range(episodes):
        env.reset(seed=seed)
        env.action_space.seed(seed)
        for _ in range(30):
            if env.step(env.action_space.sample())[2]:
                break
        wins += env.outcome().success
    return wins / episodes


def test_chance_does_nearly_nothing() -> None:
    assert random_rate(40) <= 0.1


@pytest.mark.slow
def test_chance_stays_below_five_percent() -> None:
    assert random_rate(500) < 0.05


def test_the_expert_finds_its_way_from_anywhere() -> None:
    env = AndroidEnv()
    for seed in range(12):
        env.reset(seed=seed, options={"level": 1})
        env.action_space.seed(seed)
        for _ in range(6):
            action = env.action_space.sample()
            if type(action).__name__ not in ("Done", "Answer"):
                env.step(action)
        for _ in range(80):
            if env.step(env.expert().action)[2]:
                break
        assert env.outcome().success, env.task


def test_a_thought_names_what_is_seen_and_what_comes_next() -> None:
    env = AndroidEnv()
    env.reset(seed=1, options={"template": "search_map", "language": "en", "disturbed": False})
    thought = env.expert().thought
    assert "home screen" in thought
    assert thought.endswith(".")


def test_a_user_s_own_words_are_understood_whatever_the_phone_speaks() -> None:
    env = AndroidEnv()
    for language in ("en", "zh"):
        for words in ("find pizza", "用地图帮我找比萨"):
            env.reset(seed=4, options={"task": words, "language": language})
            for _ in range(20):
                _, reward, over, _, _ = env.step(env.expert().action)
                if over:
                    break
            assert reward == 1.0, (language, words)
