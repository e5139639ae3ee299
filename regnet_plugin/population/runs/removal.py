"""What is deleted of runs, and what never is: nothing through a link.

A link may lead to files that others know by another name. So nothing is deleted in the folder of a
run that is linked, or that lies in a linked folder.
"""

from pathlib import Path

from regnet_plugin.files import names_in
from regnet_plugin.population.runs.layout import CHECKPOINT_NAME, LAST_CHECKPOINT
from regnet_plugin.population.store import PopulationError


def is_linked(folder: Path) -> bool:
    """Whether the folder of a run, that of its recipe or that of all recipes is a link."""
    return any(path.is_symlink() for path in (folder, *folder.parents[:2]))


def check_not_linked(folder: Path) -> None:
    """Check that files of a run may be removed.

    Args:
        folder: of the run.

    Raises:
        PopulationError: if they lie elsewhere, see `is_linked`.
    """
    if is_linked(folder):
        raise PopulationError(
            f'nothing is removed through a link, but {folder} is one, or in one: remove the link, '
            'or put the folder itself in its place'
        )


def remove_checkpoints(folder: Path) -> None:
    """Delete the checkpoints of a run, known by the names that MMEngine gives them.

    Links stay, and so does all that is in a run that is linked.

    Args:
        folder: of the run.
    """
    paths = [folder / name for name in names_in(folder) if _is_of_checkpoints(name)]
    if not paths or is_linked(folder):
        return
    for path in paths:
        if path.is_file() and not path.is_symlink():
            path.unlink(missing_ok=True)


def _is_of_checkpoints(name: str) -> bool:
    return name == LAST_CHECKPOINT or CHECKPOINT_NAME.fullmatch(name) is not None
