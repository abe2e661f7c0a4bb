import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from qvl_agent.actions.errors import DataError
from qvl_agent.actions.types import Point
from qvl_agent.evals.screenspot import HOW_TO_GET, Variant, is_hit, load, summarize

V1 = {
    "img_filename": "a.png",
    "bbox": [10, 20, 30, 40],
    "instruction": "close",
    "data_type": "icon",
}
PRO = {
    "img_filename": "cad/a.png",
    "bbox": [10, 20, 40, 60],
    "instruction": "close",
    "instruction_cn": "关闭",
    "ui_type": "icon",
    "group": "CAD",
    "img_size": [100, 200],
    "id": "cad_0",
}


def make(root: Path, variant: Variant, record: dict[str, Any]) -> Path:
    images = {"v1": "screenspot_imgs", "v2": "screenspotv2_image", "pro": "images"}[variant]
    picture = root / images / str(record["img_filename"])
    if picture.resolve().is_relative_to(root.resolve()):
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((200, 100, 3), np.uint8)).save(picture)
    if variant == "pro":
        (root / "annotations").mkdir(exist_ok=True)
        (root / "annotations" / "cad.json").write_text(json.dumps([record]))
    else:
        for platform in ("mobile", "desktop", "web"):
            name = f"screenspot_{platform}{'_v2' if variant == 'v2' else ''}.json"
            (root / name).write_text(json.dumps([record]))
    return root


@pytest.mark.parametrize("variant", ["v1", "v2", "pro"])
def test_boxes_of_every_variant_are_the_same_pixels(tmp_path: Path, variant: Variant) -> None:
    targets = load(make(tmp_path, variant, PRO if variant == "pro" else V1), variant)
    assert len(targets) == (1 if variant == "pro" else 3)
    assert {t.box for t in targets} == {(10, 20, 40, 60)}
    assert {t.size for t in targets} == {(100, 200)}


def test_a_point_on_the_edge_hits_and_one_beside_it_does_not(tmp_path: Path) -> None:
    (target,) = load(make(tmp_path, "pro", PRO), "pro")
    assert is_hit(target, Point(0.10, 0.10))
    assert is_hit(target, Point(0.40, 0.30))
    assert not is_hit(target, Point(0.41, 0.30))
    assert not is_hit(target, Point(0.40, 0.31))
    assert not is_hit(target, None)


def test_pro_has_chinese_instructions(tmp_path: Path) -> None:
    make(tmp_path, "pro", PRO)
    assert load(tmp_path, "pro", language="cn")[0].instruction == "关闭"


def test_both_averages_are_given_and_the_published_one_named(tmp_path: Path) -> None:
    make(tmp_path, "v1", V1)
    targets = load(tmp_path, "v1")
    four = [*targets, targets[0]]
    summary = summarize(four, [True, False, False, True], "v1")
    assert summary.over_items.value == 0.5
    assert summary.over_cells == pytest.approx(1 / 3)
    assert summary.published == "over_cells"
    assert summary.cells["mobile icon"].n == 2
    assert summarize(targets, [True] * 3, "pro").published == "over_items"
    with pytest.raises(ValueError, match="no target"):
        summarize([], [], "v1")


@pytest.mark.parametrize("variant", ["v1", "v2", "pro"])
def test_a_missing_file_says_how_to_get_it(tmp_path: Path, variant: Variant) -> None:
    with pytest.raises(DataError) as caught:
        load(tmp_path, variant)
    assert HOW_TO_GET[variant] in str(caught.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"bbox": [1, 2, 3]}, "malformed"),
        ({"img_filename": "../../../etc/passwd"}, "leads out of"),
        ({"ui_type": "button"}, "text or icon"),
        ({"img_size": [0, 0]}, "must be positive"),
    ],
)
def test_a_malformed_target_is_named(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    make(tmp_path, "pro", PRO | change)
    with pytest.raises(DataError, match="item 0") as caught:
        load(tmp_path, "pro")
    assert named in str(caught.value)


def test_a_missing_screenshot_is_named(tmp_path: Path) -> None:
    make(tmp_path, "pro", PRO)
    (tmp_path / "images" / "cad" / "a.png").unlink()
    with pytest.raises(DataError, match=r"the screenshot is missing: .*a\.png"):
        load(tmp_path, "pro")
