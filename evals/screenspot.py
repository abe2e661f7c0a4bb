"""ScreenSpot v1, v2 and Pro: find what an instruction names; a point inside its box is a hit.

| variant | files | box | average |
| --- | --- | --- | --- |
| `v1` | `screenspot_PLATFORM.json`, `screenspot_imgs/` | x, y, w, h | of 6 cells |
| `v2` | `screenspot_PLATFORM_v2.json`, `screenspotv2_image/` | x, y, w, h | of 6 cells |
| `pro` | `annotations/*.json`, `images/` | x1, y1, x2, y2 | over items |

PLATFORM is mobile, desktop or web. Boxes are pixels, their edges inside. Cells are platform (Pro:
group) by kind of target. Both averages are given, and which of them the variant's paper reports.

Source: github.com/njucckevin/SeeClick (v1), OS-Copilot/OS-Atlas (v2), and
github.com/likaixin2000/ScreenSpot-Pro-GUI-Grounding (Pro), their READMEs and scorers.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from PIL import Image

from qvl_agent.actions.errors import DataError
from qvl_agent.actions.types import Point
from qvl_agent.evals.stats import Rate

__all__ = ["HOW_TO_GET", "GroundingSummary", "Target", "Variant", "is_hit", "load", "summarize"]

Variant = Literal["v1", "v2", "pro"]

HOW_TO_GET: Mapping[Variant, str] = {
    "v1": """\
ScreenSpot v1 (1,272 items) is downloaded by hand; licence Apache-2.0.
  1. Follow the ScreenSpot link of https://github.com/njucckevin/SeeClick
  2. Unpack it, so that there is DIR/screenspot_mobile.json, _desktop.json, _web.json
     and DIR/screenspot_imgs/*.png
  3. Give that folder: --data DIR""",
    "v2": """\
ScreenSpot v2 (1,272 items) is downloaded by hand; for its licence see the dataset's card.
  1. hf download OS-Copilot/ScreenSpot-v2 --repo-type dataset --local-dir DIR
  2. unzip DIR/screenspotv2_image.zip -d DIR, so that there is DIR/screenspot_mobile_v2.json,
     _desktop_v2.json, _web_v2.json and DIR/screenspotv2_image/*.png
  3. Give that folder: --data DIR""",
    "pro": """\
ScreenSpot-Pro (1,581 items) is downloaded by hand; for its licence see the dataset's card.
  1. hf download likaixin/ScreenSpot-Pro --repo-type dataset --local-dir DIR
     so that there is DIR/annotations/*.json and DIR/images/
  2. Give that folder: --data DIR""",
}

_PLATFORMS = ("mobile", "desktop", "web")
_FOLDERS: Mapping[Variant, str] = {
    "v1": "screenspot_imgs",
    "v2": "screenspotv2_image",
    "pro": "images",
}


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to find.

    Attributes:
        id: Unique in its variant.
        image: The screenshot.
        instruction: What is looked for.
        box: (left, top, right, bottom) in pixels.
        platform: "mobile", "desktop", "web"; in Pro the group, as "CAD".
        kind: "text" or "icon".
        size: (width, height) of the screenshot in pixels.
    """

    id: str
    image: Path
    instruction: str
    box: tuple[float, float, float, float]
    platform: str
    kind: str
    size: tuple[int, int]

    @property
    def cell(self) -> str:
        """Platform and kind, as published tables have them."""
        return f"{self.platform} {self.kind}"


@dataclass(frozen=True, slots=True)
class GroundingSummary:
    """Figures over all targets.

    Attributes:
        over_items: Hits over items ("micro").
        over_cells: Mean of the cells' rates ("macro").
        cells: Per cell.
        published: Which of the two the variant's publication reports.
    """

    over_items: Rate
    over_cells: float
    cells: Mapping[str, Rate]
    published: Literal["over_items", "over_cells"]


def is_hit(target: Target, point: Point | None) -> bool:
    """Return whether a predicted point lies in the target's box, edges included."""
    if point is None:
        return False
    x, y = point.x * target.size[0], point.y * target.size[1]
    left, top, right, bottom = target.box
    return left <= x <= right and top <= y <= bottom


def summarize(
    targets: Sequence[Target], hits: Iterable[bool], variant: Variant
) -> GroundingSummary:
    """Return the figures.

    Raises:
        ValueError: If there is no target, or not one verdict per target.
    """
    cells: dict[str, list[bool]] = defaultdict(list)
    for target, hit in zip(targets, hits, strict=True):
        cells[target.cell].append(bool(hit))
    if not cells:
        raise ValueError("no target to aggregate")
    rates = {name: Rate(sum(verdicts), len(verdicts)) for name, verdicts in sorted(cells.items())}
    return GroundingSummary(
        over_items=Rate(sum(r.successes for r in rates.values()), len(targets)),
        over_cells=sum(r.value for r in rates.values()) / len(rates),
        cells=rates,
        published="over_items" if variant == "pro" else "over_cells",
    )


def load(
    root: Path | str, variant: Variant, *, language: Literal["en", "cn"] = "en"
) -> tuple[Target, ...]:
    """Return the targets of a folder.

    Args:
        root: The folder.
        variant: Which of the three.
        language: Of the instruction; only Pro has Chinese ones.

    Raises:
        DataError: If a file is missing or malformed; the message names it and says how to get it.
    """
    folder = Path(root)
    images = folder / _FOLDERS[variant]
    targets = []
    for file, platform in _files(folder, variant):
        try:
            records = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError as exc:
            raise DataError(f"the file is missing: {file}\n{HOW_TO_GET[variant]}") from exc
        except (ValueError, RecursionError) as exc:
            raise DataError(f"{file} is not JSON: {exc}") from exc
        if not isinstance(records, list):
            raise DataError(f"{file} must hold a list of targets")
        for index, record in enumerate(records):
            try:
                name = f"{file.stem}/{index}"
                targets.append(_target(record, name, platform, images, variant, language))
            except (KeyError, TypeError, ValueError) as exc:
                raise DataError(f"{file}, item {index}: malformed: {exc!r}") from exc
            except DataError as exc:
                raise DataError(f"{file}, item {index}: {exc}") from exc
    return tuple(targets)


def _files(folder: Path, variant: Variant) -> list[tuple[Path, str | None]]:
    if variant == "pro":
        files = sorted((folder / "annotations").glob("*.json"))
        if not files:
            raise DataError(f"no file in {folder / 'annotations'}\n{HOW_TO_GET['pro']}")
        return [(file, None) for file in files]
    ending = "_v2" if variant == "v2" else ""
    return [(folder / f"screenspot_{name}{ending}.json", name) for name in _PLATFORMS]


def _target(
    record: Mapping[str, Any],
    name: str,
    platform: str | None,
    images: Path,
    variant: Variant,
    language: Literal["en", "cn"],
) -> Target:
    image = images / str(record["img_filename"])
    if not image.resolve().is_relative_to(images.resolve()):
        raise DataError(f"{record['img_filename']!r} leads out of {images}")
    if not image.is_file():
        raise DataError(f"the screenshot is missing: {image}")
    a, b, c, d = (float(v) for v in record["bbox"])
    is_pro = variant == "pro"
    kind = str(record["ui_type" if is_pro else "data_type"])
    if kind not in ("text", "icon"):
        raise DataError(f"the kind of target must be text or icon, got {kind!r}")
    return Target(
        id=str(record.get("id", name)),
        image=image,
        instruction=str(record["instruction_cn" if is_pro and language == "cn" else "instruction"]),
        box=(a, b, c, d) if is_pro else (a, b, a + c, b + d),
        platform=platform or str(record["group"]),
        kind=kind,
        size=_size(record, image),
    )


def _size(record: Mapping[str, Any], image: Path) -> tuple[int, int]:
    if "img_size" in record:
        width, height = (int(side) for side in record["img_size"])
    else:
        try:
            with Image.open(image) as opened:
                width, height = opened.size
        except OSError as exc:
            raise DataError(f"not a picture, perhaps half downloaded: {image}") from exc
    if width <= 0 or height <= 0:
        raise DataError(f"the size of {image} must be positive, got {width} x {height}")
    return width, height
