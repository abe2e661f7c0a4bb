"""What one step is worth under one rule. Knows no rule."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

__all__ = ["StepScore"]


@dataclass(frozen=True, slots=True)
class StepScore:
    """The judgement of one predicted step; reads as a mapping too, as the published results do.

    Attributes:
        type_match: The predicted action is of the right type.
        exact_match: Place, direction, text or button are right as well.
        format_hit: An action type was recognised at all.
        text_dist: Similarity of typed texts in [0, 1] to six decimals, where both are typed.
        gold_type: The type this rule gives the reference action.
        predicted_type: The type it recognised in the prediction.
    """

    type_match: bool
    exact_match: bool
    format_hit: bool
    text_dist: float | None
    gold_type: str
    predicted_type: str | None

    @classmethod
    def of(
        cls,
        gold_type: str,
        predicted_type: str | None,
        *,
        exact: bool = False,
        text_dist: float | None = None,
    ) -> "StepScore":
        """Return the score that follows from two types; `exact` counts only if they are equal."""
        type_match = predicted_type is not None and predicted_type == gold_type
        return cls(
            type_match=type_match,
            exact_match=type_match and exact,
            format_hit=predicted_type is not None,
            text_dist=None if text_dist is None else round(text_dist, 6),
            gold_type=gold_type,
            predicted_type=predicted_type,
        )

    def keys(self) -> Iterator[str]:
        """Return the names of the fields, so that `dict(score)` works."""
        return (field.name for field in fields(self))

    def __getitem__(self, key: str) -> Any:
        if key not in {field.name for field in fields(self)}:
            raise KeyError(key)
        return getattr(self, key)
