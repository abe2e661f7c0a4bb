"""Plots of figures as inline SVG: intervals on one scale, and bars of counts. Knows no run."""

from collections.abc import Sequence

from qvl_agent.agent.page.markup import Html, tag
from qvl_agent.evals.report.figures import Figure

__all__ = ["bars", "intervals"]

_WIDTH, _LABEL, _VALUE, _ROW = 920, 250, 90, 26
_SPAN = _WIDTH - _LABEL - _VALUE


def intervals(figures: Sequence[tuple[Figure, float | None]]) -> Html:
    """Return each figure as a point with its interval on a scale from 0 to 100 %.

    Args:
        figures: With the published figure beside it, in percent, where there is one.
    """
    height = _ROW * len(figures) + 34
    marks = [
        tag(
            "g",
            tag("line", x1=_at(p), x2=_at(p), y1=6, y2=height - 26, class_="grid"),
            tag("text", str(p), x=_at(p), y=height - 8, class_="tick", text_anchor="middle"),
        )
        for p in (0, 25, 50, 75, 100)
    ]
    marks += [_interval(f, paper, 20 + _ROW * i) for i, (f, paper) in enumerate(figures)]
    return _svg(height, "Figures in percent with their 95 % intervals", marks)


def bars(counts: Sequence[tuple[str, int]]) -> Html:
    """Return a bar per count, each with its name and number."""
    most = max((count for _, count in counts), default=0) or 1
    marks = []
    for i, (name, count) in enumerate(counts):
        y = 20 + _ROW * i
        marks.append(tag("text", name, x=_LABEL - 12, y=y + 4, text_anchor="end"))
        marks.append(
            tag(
                "rect", x=_LABEL, y=y - 7, width=_SPAN * count / most, height=14, rx=3, class_="bar"
            )
        )
        end = _LABEL + _SPAN * count / most
        marks.append(tag("text", str(count), x=end + 8, y=y + 4, class_="value"))
    return _svg(_ROW * len(counts) + 14, "Failed trials by kind", marks)


def _interval(figure: Figure, paper: float | None, y: float) -> Html:
    label = f"{figure.group} · {figure.name}".replace("_", " ")
    bounds = (
        tag("line", x1=_at(figure.low), x2=_at(figure.high), y1=y, y2=y, class_="range")
        if figure.low is not None and figure.high is not None
        else None
    )
    published = (
        tag("path", d=f"M{_at(paper):g} {y - 7:g}v14", class_="paper")
        if paper is not None
        else None
    )
    return tag(
        "g",
        tag("text", label, x=_LABEL - 12, y=y + 4, text_anchor="end"),
        published,
        bounds,
        tag("circle", cx=_at(figure.percent), cy=y, r=5, class_="dot"),
        tag(
            "text",
            f"{figure.percent:.1f} %",
            x=_WIDTH - 4,
            y=y + 4,
            class_="value",
            text_anchor="end",
        ),
    )


def _at(percent: float) -> float:
    return round(_LABEL + _SPAN * percent / 100, 2)


def _svg(height: float, title: str, marks: Sequence[Html]) -> Html:
    return tag(
        "svg",
        tag("title", title),
        *marks,
        viewBox=f"0 0 {_WIDTH} {height:g}",
        role="img",
        class_="plot",
    )
