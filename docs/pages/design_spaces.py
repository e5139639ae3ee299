"""docs/reference/design_spaces.md: what is in configs/design_spaces, from the configs alone."""

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

Each can be restricted by a rule, `design_space = dict(where='rising(width) and depth <= 20')` in a config over its own:
[restrictions](../how_to/restrictions.md).

| config | what it is | degrees of freedom | draws | paper's count |
| --- | --- | --: | --: | --: |
"""  # noqa: E501  as it is printed


def overview(root: str | Path) -> str:
    """Write the page.

    Args:
        root: folder with ``configs/design_spaces``; links of the page hold in docs/reference.

    Returns:
        Markdown, a line for each space with the first line of its docstring.
    """
    configs = sorted(Path(root, 'configs/design_spaces').glob('*.py'))
    return _TITLE + ''.join(_row(config) for config in configs)


def _row(config: Path) -> str:
    """A line of the table."""
    space, _, _ = design_space_of(config)
    summary = (ast.get_docstring(ast.parse(config.read_text())) or '').splitlines()[0]
    cells = (
        f'[{config.stem}](../../configs/design_spaces/{config.name})',
        summary,
        str(space.dimension),
        _size(space.size),
        _size(space.paper_size),
    )
    return f'| {" | ".join(cells)} |\n'


def _size(size: float | None) -> str:
    """A number of networks; a dash where it cannot be counted."""
    return '–' if size is None else f'{size:.2g}'
