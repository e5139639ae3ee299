"""The recipe beside its runs: noted once, and changed only where nothing would be lost."""

from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

from regnet_plugin.files import create, is_there, names_in, read_text, replace
from regnet_plugin.population.runs.attempts import attempts_of, is_held, watch_until_known
from regnet_plugin.population.runs.layout import (
    CONFIG,
    FAILURE,
    PROGRESS,
    RECIPE,
    RESULT,
    run_names_in,
)
from regnet_plugin.population.runs.removal import is_linked, remove_checkpoints
from regnet_plugin.population.runs.results import read_result
from regnet_plugin.population.store import PopulationError


def _tell_nobody(note: str) -> None:
    pass


def keep_recipe(folder: Path, text: str, say: Callable[[str], None] = _tell_nobody) -> int:
    """Note the recipe of the runs of a folder, or check that it is the one noted there.

    Another one takes its place where nothing would be lost, see `check_recipe`: what failed with
    the old one is forgotten.

    Args:
        folder: of the recipe; it is made where there is none.
        text: of the recipe.
        say: told for whom one waits, if one must.

    Returns:
        How many failures were forgotten.

    Raises:
        PopulationError: if it is another one, and there are runs with it.
    """
    path = folder / RECIPE
    folder.mkdir(parents=True, exist_ok=True)
    if create(path, text):
        return 0
    check_recipe(folder, text, say)
    if read_text(path) == text:
        return 0
    failures = [_forget(run) for run in _run_folders(folder)]
    replace(path, text)
    return sum(failures)


def check_recipe(folder: Path, text: str, say: Callable[[str], None] = _tell_nobody) -> None:
    """Check that the runs of a folder, if there are any, have this recipe, or may be forgotten.

    They may be if each of them failed, or was tried in vain and has no checkpoint, and nobody is at
    it.

    Args:
        folder: of the recipe.
        text: of the recipe.
        say: told for whom one waits, if one must.

    Raises:
        PopulationError: if it is another one, with the first lines that differ.
    """
    path = folder / RECIPE
    if not is_there(path) or read_text(path) == text:
        return
    runs = _run_folders(folder)
    if not any(_is_worth_keeping(run) for run in runs):
        watch_until_known(runs, say)
    # once more: what was watched may have come to something meanwhile
    if any(is_held(run) or _is_worth_keeping(run) for run in runs):
        raise PopulationError(
            f'{path} is there and is another recipe, and runs of two recipes must not be mixed: '
            f'give this one another name with --name; {_difference(read_text(path), text)}'
        )


def _run_folders(folder: Path) -> list[Path]:
    """The folders of the runs with a recipe, whatever networks there are."""
    return [folder / name.folder for name in run_names_in(folder)]


def _is_worth_keeping(folder: Path) -> bool:
    """Whether a run stands in the way of another recipe, also if nobody is at it.

    It does if it was trained, begun, linked, or written for train.py.
    """
    if is_linked(folder):
        return True
    try:
        result = read_result(folder)
    except ValueError:  # trained, perhaps
        return True
    if result is not None:
        return result.status == 'done'
    names = names_in(folder)
    has_begun = any(name.endswith('.pth') for name in names)
    was_written_for_train = CONFIG in names and not attempts_of(folder)
    return has_begun or was_written_for_train


def _forget(folder: Path) -> bool:
    """Make a run as if it had never been planned; return whether it had ended: it had failed."""
    failed = is_there(folder / RESULT)
    remove_checkpoints(folder)
    for attempt in attempts_of(folder):
        attempt.path.unlink()
    for name in (CONFIG, PROGRESS, FAILURE, RESULT):
        (folder / name).unlink(missing_ok=True)
    return failed


def _difference(there: str, here: str) -> str:
    """Say where two recipes differ first."""
    lines_there, lines_here = there.splitlines(), here.splitlines()
    matcher = SequenceMatcher(None, lines_there, lines_here, autojunk=False)
    for kind, start_there, end_there, start_here, end_here in matcher.get_opcodes():
        if kind != 'equal':
            said_there = _first_lines(lines_there[start_there:end_there])
            said_here = _first_lines(lines_here[start_here:end_here])
            return f'the first difference: {said_there!r} there, {said_here!r} here'
    return 'they differ in blanks'


def _first_lines(lines: list[str]) -> str:
    """Two lines at most, in one: enough to see what was changed."""
    return ' '.join(line.strip() for line in lines[:2]) or 'nothing'
