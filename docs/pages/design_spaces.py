"""The page docs/design_spaces.md: what is in configs/design_spaces, from the configs alone."""

import ast
from pathlib import Path

from regnet_plugin.design_spaces.configuration import design_space_of

_TITLE = """# Design spaces

Written by `docs/make_pages.py` from the configs in `configs/design_spaces/`. Degrees of freedom are those of table 1 in
the paper; draws are counted exactly, also those that make no network. Beside them is the count as the paper makes it: 64
values for each free one of d, w_0, w_a and w_m; ordered rows of S stages are all rows divided by S!.

```sh
tools/sample_population.py CONFIG --flops 360e6 400e6
```

| config | what it is | degrees of freedom | draws | paper's count |
| --- | --- | --: | --: | --: |
"""


def overview(root):
    """Write the page.

    Args:
        root (str | Path): folder with ``configs/design_spaces``; the page's links hold in a folder
            below it.

    Returns:
        str: Markdown, a line for each space with the first line of its docstring.
    """
    return _TITLE + ''.join(map(_row, sorted(Path(root, 'configs/design_spaces').glob('*.py'))))


def _row(path):
    space, _, _ = design_space_of(path)
    text = ast.get_docstring(ast.parse(path.read_text())).splitlines()[0]
    sizes = ('–' if size is None else f'{size:.2g}' for size in (space.size, space.paper_size))
    cells = f'[{path.stem}](../configs/design_spaces/{path.name})', text, space.dimension, *sizes
    return f'| {" | ".join(map(str, cells))} |\n'
