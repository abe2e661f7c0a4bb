"""The phone's suite: which tasks a run has."""

from qvl_agent.evals.phone import PhoneSuite


def test_every_task_has_a_phone_of_its_own() -> None:
    tasks = PhoneSuite([1, 3], episodes=5, seed=2).tasks()
    assert len({task.seed for task in tasks}) == len(tasks)
    assert len({task.id for task in tasks}) == len(tasks)


def test_a_start_has_all_kinds_and_seeds_decide_the_rest() -> None:
    tasks = PhoneSuite([1], episodes=3, seed=2).tasks()
    kinds = [task.options["template"] for task in tasks]
    assert len(tasks) == 3 * 28
    assert len(set(kinds[:28])) == 28
    assert kinds[:28] == kinds[28:56] == kinds[56:]
    assert PhoneSuite([1], episodes=3, seed=2).tasks() == tasks
    assert PhoneSuite([1], episodes=3, seed=3).tasks() != tasks
