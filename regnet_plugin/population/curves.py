"""The last and the best evaluation of a training: rows of its curve, in the order of its steps."""

from collections.abc import Iterable, Mapping
from typing import Any


def last_and_best(
    rows: Iterable[Mapping[str, Any]], name: str, lower_is_better: bool = True
) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    """Find the last and the best row of those that have a value; of equal ones the first is best.

    Args:
        rows: of a curve, each with its values by name.
        name: of the value.
        lower_is_better: which value is the best. Default: True, as of errors.

    Returns:
        both rows; None if no row has a value.
    """
    measured = [row for row in rows if row.get(name) is not None]
    if not measured:
        return None
    best_of = min if lower_is_better else max
    return measured[-1], best_of(measured, key=lambda row: row[name])
