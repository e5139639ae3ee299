#!/usr/bin/env python
"""A table of your own, reported: from rows of networks and errors to a page.

    python examples/table_of_your_own.py [FOLDER]

Makes a table of two groups of networks as another project might have it, reads each as a
population, asks which group is better, and writes a page, report.html, into FOLDER
(work_dirs/table). The errors here are made up by a formula; yours are measured. Neither torch nor
OpenMMLab is needed.
"""

import csv
import random
import sys
from pathlib import Path

from regnet_plugin.analysis import compare
from regnet_plugin.population.readers import read_records
from regnet_plugin.report.report import report, write_report


def write_table(path: Path, penalty: float, seed: int) -> None:
    """Write 40 networks: stages, and an error in percent that falls with depth."""
    generator = random.Random(seed)
    with path.open('w', newline='') as file:
        table = csv.writer(file)
        table.writerow(['network', 'depths', 'widths', 'error'])
        for number in range(40):
            depths = sorted(generator.randint(1, 9) for _ in range(4))
            widths = sorted(generator.choice([32, 64, 128, 256, 384]) for _ in range(4))
            error = 45 - 0.4 * sum(depths) + penalty + generator.gauss(0, 1)
            row = [f'{number:06}', ' '.join(map(str, depths)), ' '.join(map(str, widths)), error]
            table.writerow(row)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else 'work_dirs/table')
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / 'before.csv', penalty=2.0, seed=1)
    write_table(folder / 'after.csv', penalty=0.0, seed=2)

    populations = []
    for name in ('before', 'after'):
        populations.extend(read_records(folder / f'{name}.csv'))
    errors = {records.name: records.last_error for records in populations}
    (pair,) = compare(errors).pairs
    print(f'better: {pair.better or "not decided"}')
    print(f'difference {pair.difference:.2f} points ({pair.low:.2f} to {pair.high:.2f})')

    page = folder / 'report.html'
    write_report(report(populations), page)
    print(page)


if __name__ == '__main__':
    main()
