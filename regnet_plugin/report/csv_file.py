"""Tables as CSV, of any length: what is written is never in memory as a whole."""

import csv
from collections.abc import Iterable
from pathlib import Path

from regnet_plugin.files import unfinished


def write_csv(path: str | Path, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Write a table, in place of a file that may be there.

    Args:
        path: of the file.
        columns: their names.
        rows: a cell per column each.
    """
    # half a surrogate pair has no encoding
    with (
        unfinished(path) as part,
        part.open('x', encoding='utf-8', errors='backslashreplace', newline='') as file,
    ):
        table = csv.writer(file, lineterminator='\n')
        table.writerow(columns)
        table.writerows(rows)
