"""The rows of the paper's table of agent benchmarks that this project measures.

Source: Qwen2-VL paper, table 5, column "Qwen2-VL-72B".
"""

from dataclasses import dataclass

__all__ = ["ROWS", "Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """One published figure.

    Attributes:
        id: As in `Figure.row`.
        benchmark: As in the table.
        metric: As in the table.
        paper: Qwen2-VL-72B, in percent.
        data: What a figure has to be measured on to stand beside it.
    """

    id: str
    benchmark: str
    metric: str
    paper: float
    data: str


ROWS = (
    Row("fncall_tm", "FnCall", "TM", 93.1, "the authors' internal set: cannot be measured"),
    Row("fncall_em", "FnCall", "EM", 53.2, "the authors' internal set: cannot be measured"),
    Row("numberline", "Number Line", "SR", 100.0, "eval cards"),
    Row("blackjack", "BlackJack", "SR", 42.6, "eval cards"),
    Row("ezpoints", "EZPoint", "SR", 100.0, "eval cards"),
    Row("points24", "Point24", "SR", 4.5, "eval cards"),
    Row("aitz_tm", "AITZ", "TM", 89.6, "eval aitz on the whole test split"),
    Row("aitz_em", "AITZ", "EM", 72.1, "eval aitz on the whole test split"),
    Row("alfred_sr", "ALFRED valid-unseen", "SR", 67.8, "ALFRED's data in AI2-THOR"),
    Row("alfred_gc", "ALFRED valid-unseen", "GC", 75.8, "ALFRED's data in AI2-THOR"),
    Row("r2r_sr", "R2R valid-unseen", "SR", 51.7, "Matterport3D's pictures"),
    Row("reverie_sr", "REVERIE valid-unseen", "SR", 31.0, "Matterport3D's pictures"),
)
