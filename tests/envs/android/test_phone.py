from dataclasses import replace

import numpy as np
import pytest

from qvl_agent.envs.android.phone import APPS, Make, Phone, hit, make_phone, walk
from qvl_agent.envs.android.phone.content import CATEGORIES, PEOPLE, PRODUCTS, share
from qvl_agent.envs.android.phone.icons import ICONS, icon_mask
from qvl_agent.envs.android.phone.nodes import Do, Focus, Go, Key, Node, Route, Switch
from qvl_agent.envs.android.phone.state import LAUNCHER, Dialog
from qvl_agent.envs.android.phone.typeface import text_mask, wrap

CALM = Make(disturbed=False, language="en")


def calm(seed: int = 0, make: Make = CALM) -> Phone:
    return make_phone(seed, make)[0]


def center(phone: Phone, event: object) -> tuple[float, float]:
    found = [seen for node, seen in walk(phone.tree()) if node.tap == event and seen.h > 4]
    assert found, f"nothing on the screen asks for {event}"
    return found[0].center


def press(phone: Phone, event: object) -> None:
    phone.tap(*center(phone, event))


def test_the_same_seed_gives_the_same_phone_and_another_seed_another() -> None:
    assert calm(3).state == calm(3).state
    assert np.array_equal(calm(3).frame(), calm(3).frame())
    assert not np.array_equal(calm(3).frame(), calm(4).frame())


def test_there_are_at_least_twelve_apps_and_each_draws_in_both_languages_and_themes() -> None:
    assert len(APPS) - 1 >= 12
    for language in ("en", "zh"):
        for app in APPS:
            phone = calm(7, Make(disturbed=False, language=language))
            for dark in (False, True):
                phone.state = replace(
                    phone.state, settings=replace(phone.state.settings, dark=dark)
                )
                phone.open(app)
                assert phone.frame().std() > 5, f"{app} shows an empty screen"


def test_the_layout_is_the_same_at_every_resolution() -> None:
    small, large = calm(5), calm(5, replace(CALM, width=1080, height=2314))
    assert [n.text for n, _ in walk(small.tree())] == [n.text for n, _ in walk(large.tree())]
    assert large.frame().shape == (2314, 1080, 3)


def test_what_is_drawn_can_be_hit() -> None:
    for app in APPS:
        phone = calm(2)
        phone.open(app)
        tree = phone.tree()
        for node, seen in walk(tree):
            if node.tap and seen.w > 10 and seen.h > 10:
                events = [n.tap for n in hit(tree, *seen.center) if n.tap]
                assert events, f"nothing answers in the middle of {node.words!r} of {app}"


def test_typing_and_tapping_keys_write_the_same() -> None:
    phone = calm()
    phone.open("maps")
    press(phone, Go(Route("search")))
    phone.type("Pi")
    for key in ("shift", "Z", "z", "symbols", "7", "delete"):
        press(phone, Key(key))
    assert phone.state.text_of("maps/query") == "PiZz"


def test_text_without_a_field_is_lost() -> None:
    phone = calm()
    before = phone.state
    phone.type("hello")
    assert phone.state == before


def test_search_opens_results_and_a_place_can_be_saved() -> None:
    phone = calm()
    phone.open("maps")
    press(phone, Go(Route("search")))
    phone.type("pizza\n")
    assert phone.state.route == Route("results", "pizza")
    place = phone.state.data["maps"].find("pizza")[0].name
    press(phone, Go(Route("place", place)))
    press(phone, Do("save", place))
    assert place in phone.state.data["maps"].saved


def test_back_closes_the_keyboard_before_it_leaves_the_screen() -> None:
    phone = calm()
    phone.open("maps")
    press(phone, Go(Route("search")))
    phone.key("back")
    assert (phone.state.focus, phone.state.route.name) == ("", "search")
    phone.key("back")
    assert phone.state.route.name == "main"
    phone.key("back")
    assert phone.state.app == LAUNCHER


def test_a_list_scrolls_no_further_than_its_end() -> None:
    phone = calm()
    phone.open("settings")
    press(phone, Go(Route("display")))
    for _ in range(8):
        phone.swipe(196, 600, 196, 200)
    end = phone.state.scrolls["settings/display/"]
    phone.swipe(196, 600, 196, 200)
    assert phone.state.scrolls["settings/display/"] == end > 0
    phone.swipe(196, 200, 196, 230)
    assert phone.state.scrolls["settings/display/"] == end - 30


def test_a_dialog_takes_all_taps_until_it_is_answered() -> None:
    phone = calm()
    phone.open("notes")
    phone.state = replace(phone.state, dialog=Dialog("Sure?", "", (("No", None), ("Yes", None))))
    before = phone.state
    phone.tap(100, 100)
    assert phone.state == before
    press(phone, Do("dialog", 1, "system"))
    assert phone.state.dialog is None


def test_a_loading_screen_changes_until_it_is_loaded() -> None:
    phone = calm()
    phone.open("maps")
    phone.state = replace(phone.state, slow={"maps/search": 700})
    press(phone, Go(Route("search")))
    frames = []
    for _ in range(4):
        frames.append(phone.frame())
        phone.pass_time(300)
    assert not np.array_equal(frames[0], frames[1])
    assert not phone.state.loading
    phone.type("x")
    assert phone.state.text_of("maps/query") == "x"


def test_time_that_cannot_be_seen_costs_no_drawing() -> None:
    phone = calm()
    first = phone.frame()
    phone.pass_time(300)
    assert phone.frame() is first


def test_a_dark_screen_is_black_and_the_lock_takes_a_swipe() -> None:
    phone = calm()
    phone.key("power")
    assert phone.frame().max() == 0
    phone.tap(196, 400)
    phone.key("wake")
    assert phone.state.locked
    phone.swipe(196, 700, 196, 200)
    assert not phone.state.locked


def test_a_turned_phone_is_wide_and_still_answers() -> None:
    phone = calm()
    phone.open("settings")
    phone.turn(1)
    assert phone.frame().shape == (392, 840, 3)
    press(phone, Go(Route("network")))
    assert phone.state.route.name == "network"


def test_the_shade_toggles_settings() -> None:
    phone = calm()
    on = phone.state.settings.wifi
    phone.swipe(196, 5, 196, 400)
    assert phone.state.shade
    press(phone, Do("toggle", "wifi", "system"))
    assert phone.state.settings.wifi is not on


def test_an_app_keeps_its_screen_until_it_is_closed() -> None:
    phone = calm()
    phone.open("settings")
    press(phone, Go(Route("sound")))
    phone.open(LAUNCHER)
    phone.open("settings")
    assert phone.state.route.name == "sound"
    phone.close("settings")
    phone.open("settings")
    assert phone.state.route.name == "main"


def test_every_icon_draws_something() -> None:
    for name in ICONS:
        highest = icon_mask(name, 24).getextrema()[1]
        assert isinstance(highest, int)
        assert highest > 200, name


def test_every_word_on_the_phone_has_letters_to_be_set_in() -> None:
    hollow = text_mask("\U000f0000", 20, 400).image.tobytes()
    assert hollow
    for language in ("en", "zh"):
        for seed in range(4):
            for app in APPS:
                phone = calm(seed, Make(disturbed=False, language=language))
                phone.open(app)
                for node, _ in walk(phone.tree()):
                    for char in "".join(node.text):
                        mask = text_mask(char, 20, 400).image.tobytes()
                        assert mask != hollow, f"{char!r} in {app} cannot be drawn"


def test_long_words_are_cut_and_lines_broken() -> None:
    lines, widest = wrap("one two three four five six", 16, 400, 80, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert widest <= 81


@pytest.mark.parametrize("pool", [PEOPLE, PRODUCTS, CATEGORIES])
def test_train_and_test_share_no_content(pool: tuple[object, ...]) -> None:
    train, test = share(pool, "train"), share(pool, "test")
    assert set(train).isdisjoint(test)
    assert len(train) + len(test) == len(pool)


def test_a_phone_of_the_test_split_holds_nobody_of_the_other() -> None:
    people = {p.name for s in range(20) for p in calm(s).state.data["contacts"].people}
    held_out = {
        p.name
        for s in range(20)
        for p in calm(s, replace(CALM, split="test")).state.data["contacts"].people
    }
    assert people
    assert people.isdisjoint(held_out)


def test_disturbances_get_in_the_way_of_some_phones() -> None:
    states = [make_phone(s)[0].state for s in range(40)]
    assert any(s.app != LAUNCHER for s in states)
    assert any(s.waiting for s in states)
    assert any(s.slow for s in states)


def test_the_launcher_offers_every_app_on_some_page() -> None:
    phone = calm(1)
    offered: set[str] = set()
    for _ in range(2):
        offered |= {n.tap.app for n, _ in walk(phone.tree()) if isinstance(n.tap, Switch)}
        phone.swipe(300, 400, 80, 400)
    assert offered == set(APPS) - {LAUNCHER}


def test_a_field_in_sight_can_be_focused() -> None:
    phone = calm()
    phone.open("contacts")
    press(phone, Go(Route("edit")))
    press(phone, Focus("phone"))
    assert phone.state.focus == "contacts/phone"


def test_hitting_skips_what_is_scrolled_out_of_sight() -> None:
    phone = calm()
    phone.open("settings")
    press(phone, Go(Route("display")))
    hidden = [n for n, seen in walk(phone.tree()) if n.tap and seen.h == 0]
    assert hidden
    node: Node = hidden[0]
    x, y = node.box.center
    assert node not in hit(phone.tree(), x, min(y, 839))
