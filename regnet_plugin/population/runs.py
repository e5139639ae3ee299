"""Runs of a population: each a training of one network with one recipe and one seed, in a folder of
its own.

runs/<recipe>/recipe.py                      the recipe, complete
runs/<recipe>/<network>-<seed>/config.py     what tools/train.py runs
                              /attempt-1.json  who trained it, see `attempts`
                              /progress.json   how far it is
                              /result.json     its end, see `results`
"""

import math
import re
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Tuple

from regnet_plugin.core.number_checks import is_real
from regnet_plugin.files import (
    create,
    folders_in,
    is_there,
    names_in,
    put_aside,
    read_object,
    read_text,
    replace,
)
from regnet_plugin.population.attempts import attempts_of, watch_until_known
from regnet_plugin.population.results import (
    BROKEN,
    RECIPE,
    RESULT,
    OtherFormat,
    read_result,
    read_result_or_failure,
)
from regnet_plugin.population.store import Network, PopulationError

RUNS, CONFIG = 'runs', 'config.py'
_RUN = re.compile(r'(.+)-(0|[1-9][0-9]{0,9})', re.ASCII)
# how far a training is; why a rank of torchrun ended
PROGRESS, FAILURE = 'progress.json', 'failure.json'
NOTED = 'last_checkpoint'  # where MMEngine notes its name
# what MMEngine's CheckpointHook writes
CHECKPOINT_NAME = re.compile(r'(best_.+_)?(epoch|iter)_[0-9]+\.pth')


def cost_of(network):
    """How long a network takes, see `cost`."""
    counts = network.sample.complexity
    return cost(counts.flops, counts.activations)


def cost(flops, activations):
    """How long an image takes, up to a factor: in part multiplying, in part moving activations
    (section 4, figure 12).
    """
    return math.sqrt(flops * activations)


@dataclass(frozen=True)
class Run:
    """A training of a network.

    Attributes:
        folder (Path): of its files.
        network (Network): of the population.
        seed (int): of the training.
    """

    folder: Path
    network: Network
    seed: int

    @property
    def name(self):
        return self.folder.name

    @property
    def cost(self):
        """How long it takes, see `cost_of`."""
        return cost_of(self.network)

    @property
    def checkpoint(self):
        """Name of the one that a training goes on from, None for a new one."""
        return noted_checkpoint(self.folder)

    @property
    def ended(self):
        return is_there(self.folder / RESULT)

    def result(self):
        """What it ended with, None if it has not: see `read_result_or_failure`."""
        return read_result_or_failure(self.folder, self.counts)

    @property
    def counts(self):
        """Complexity of its network, None where that is not known."""
        return None if self.network is None else asdict(self.network.sample.complexity)

    @property
    def progress(self):
        """What the training says of itself: the fraction that is done; empty before its first
        iteration, or if it is damaged.
        """
        try:
            values = read_object(self.folder / PROGRESS)
        except (FileNotFoundError, ValueError):
            return {}
        fraction = values.get('fraction')
        return values if is_real(fraction) and 0 <= fraction <= 1 else {}

    def forget_broken_result(self):
        """Put a result that is broken, or is another run's, out of the way, so that the run is
        trained again; not that of another version, which is as good as ours.

        Returns:
            str | None: what was wrong with it.

        Raises:
            PopulationError: if the run is linked, see `check_not_linked`.
            OSError: if it cannot be read now, which says nothing about it.
        """
        try:
            read_result(self.folder, self.counts)
        except OtherFormat:
            return None
        except ValueError as error:
            check_not_linked(self.folder)
            put_aside(self.folder / RESULT)
            return str(error)
        return None

    def forget_failure(self):
        """Make a failed run as if it had never been tried; its checkpoints stay, its config is
        written anew.

        Raises:
            PopulationError: if the run is linked, see `check_not_linked`.
        """
        result = self.result()
        if result is not None and result.status == 'failed' and result.reason != BROKEN:
            check_not_linked(self.folder)
            for attempt in attempts_of(self.folder):
                attempt.path.unlink()
            (self.folder / CONFIG).unlink(missing_ok=True)
            (self.folder / RESULT).unlink()


def noted_checkpoint(folder):
    """Return the name of the checkpoint that MMEngine noted last in a folder; None if there is
    none, or what is noted there cannot be a name.

    Raises:
        OSError: naming the note, if it cannot be read now.
    """
    try:
        name = Path(read_text(Path(folder, NOTED)).strip()).name
    except (FileNotFoundError, ValueError):
        return None
    return name if name and name.isprintable() else None


def check_name(name):
    """Check what the runs with a recipe are called.

    Raises:
        ValueError: if it is not the name of one folder.
    """
    if name in ('', '.', '..') or set(name) & set('/\0'):
        raise ValueError(f'a name is that of one folder, but it is {name!r}')


def recipe_folder(population, name):
    """The folder of all runs of a population with one recipe.

    Raises:
        ValueError: if the name is not that of one folder.
    """
    check_name(name)
    return Path(population.directory, RUNS, name)


def keep_recipe(folder, text, say=lambda note: None):
    """Note the recipe of the runs of a folder, or check that it is the one noted there.

    Another one takes its place where nothing would be lost, see `check_recipe`: what failed with
    the old one is forgotten.

    Returns:
        int: failures that were forgotten.

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
    failures = [_forget(Run(place, None, 0)) for place in _runs_in(folder)]
    replace(path, text)
    return sum(failures)


def check_recipe(folder, text, say=lambda note: None):
    """Check that the runs of a folder, if there are any, have this recipe, or may be forgotten.

    They may be if each of them failed, or was tried in vain and has no checkpoint, and nobody is at
    it.

    Raises:
        PopulationError: if it is another one, with the first lines that differ.
    """
    path = folder / RECIPE
    if not is_there(path) or read_text(path) == text:
        return
    runs = _runs_in(folder)
    if not any(map(_is_worth_it, runs)):
        watch_until_known(runs, say)
    if any(_is_held(run) or _is_worth_it(run) for run in runs):
        raise PopulationError(
            f'{path} is there and is another recipe, and runs of two recipes must not be mixed: '
            'give '
            f'this one another name with --name; {_difference(read_text(path), text)}'
        )


def _runs_in(folder):
    """The folders of the runs with a recipe, whatever networks there are."""
    return [folder / name for name in folders_in(folder) if _RUN.fullmatch(name)]


def _is_held(folder):
    """Whether somebody trains a run, or may."""
    attempts = attempts_of(folder)
    return bool(attempts) and not attempts[-1].over


def _is_worth_it(folder):
    """Whether a run of another recipe stands in the way, also if nobody is at it: trained, begun,
    linked, or written for train.py.
    """
    if is_linked(folder):
        return True
    try:
        result = read_result(folder)
    except ValueError:
        return True
    if result is not None:
        return result.status == 'done'
    names = names_in(folder)
    return (
        any(name.endswith('.pth') for name in names) or not attempts_of(folder) and CONFIG in names
    )


def _forget(run):
    """Make a run as if it had never been planned; return whether it had failed."""
    failed = run.ended
    tidy(run)
    for attempt in attempts_of(run.folder):
        attempt.path.unlink()
    for name in (CONFIG, PROGRESS, FAILURE, RESULT):
        (run.folder / name).unlink(missing_ok=True)
    return failed


def _difference(there, here):
    """Say where two recipes differ first."""
    there, here = there.splitlines(), here.splitlines()
    for kind, *place in SequenceMatcher(None, there, here, autojunk=False).get_opcodes():
        if kind != 'equal':
            lines = (
                ' '.join(part.strip() for part in lines[first:last][:2]) or 'nothing'
                for lines, first, last in ((there, *place[:2]), (here, *place[2:]))
            )
            return 'the first difference: {!r} there, {!r} here'.format(*lines)
    return 'they differ in blanks'


def name_runs(folder, networks, seeds):
    """Name the runs of networks with seeds, longest first, so that no long one begins when the
    others end.

    Args:
        folder (Path): of the recipe.
        networks (Iterable[Network]), seeds (Sequence[int]): each with each.

    Returns:
        tuple[Run]: in the order in which they are to be trained.
    """
    runs = [
        Run(folder / f'{network.name}-{seed}', network, seed)
        for network in networks
        for seed in seeds
    ]
    return tuple(sorted(runs, key=lambda run: (-run.cost, run.name)))


def plan_runs(folder, networks, seeds):
    """Make the folders of the runs that `name_runs` names, and return these."""
    runs = name_runs(folder, networks, seeds)
    for run in runs:
        run.folder.mkdir(exist_ok=True)
    return runs


def unplan_runs(runs):
    """Remove the folders of runs that `plan_runs` made, as far as nothing came into them, and a
    recipe without any run.
    """
    folder = runs[0].folder.parent
    for run in runs:
        with suppress(OSError):  # there is something in it
            run.folder.rmdir()
    if names_in(folder) == [RECIPE] and not is_linked(runs[0].folder):
        (folder / RECIPE).unlink()
        folder.rmdir()
        if folder.parent.name == RUNS:
            with suppress(OSError):
                folder.parent.rmdir()


@dataclass(frozen=True)
class Work:
    """What workers do: train these runs.

    Attributes:
        runs (tuple[Run]): in the order in which they are begun.
        tries (int): after how many vain ones from the same checkpoint a run has failed.
        timeout (float): seconds without an iteration, after which a training is killed.
        keep_checkpoints (bool): of runs that ended.
        processes (int): that train one network together, through torchrun.
    """

    runs: Tuple[Run, ...]
    tries: int = 3
    timeout: float = 1800.0
    keep_checkpoints: bool = False
    processes: int = 1


def tidy(run):
    """Delete the checkpoints of a run: what MMEngine writes, by its names; no link, and nothing in
    a run that is linked.
    """
    if is_linked(run.folder):
        return
    for name in names_in(run.folder):
        path = run.folder / name
        if (
            (name == NOTED or CHECKPOINT_NAME.fullmatch(name))
            and path.is_file()
            and not path.is_symlink()
        ):
            path.unlink(missing_ok=True)


def is_linked(folder):
    """Whether the folder of a run, that of its recipe or that of all recipes is a link: then others
    may know its files by other names, and nothing in it is deleted.
    """
    return any(path.is_symlink() for path in (folder, *folder.parents[:2]))


def check_not_linked(folder):
    """Check that a run's files may be removed.

    Raises:
        PopulationError: if they lie elsewhere, see `is_linked`.
    """
    if is_linked(folder):
        raise PopulationError(
            f'nothing is removed through a link, but {folder} is one, or in one: remove the link, '
            'or put '
            'the folder itself in its place'
        )


def networks_with_runs(folder):
    """The names of the networks and the seeds of a recipe's runs, as far as they were planned, in
    order.

    A folder of the user's may look like a run: see `of_networks`.
    """
    return [(found[1], int(found[2])) for found in map(_RUN.fullmatch, folders_in(folder)) if found]


def of_networks(runs, networks, folder):
    """The runs of networks that there are, without folders of the user's, such as backup-2.

    Args:
        runs (list[tuple[str, int]]): of `networks_with_runs`.
        networks (Container[str]): names of the population's.
        folder (Path): of the recipe.

    Raises:
        PopulationError: if there is a run of a number that the population does not have.
    """
    for name, seed in runs:
        if name not in networks and name.isdecimal():
            raise PopulationError(
                f'{folder}/{name}-{seed} is a run of a network that {folder.parent.parent} does '
                'not have'
            )
    return [(name, seed) for name, seed in runs if name in networks]


def planned_runs(population):
    """The runs of a population, as far as they were planned.

    Args:
        population (Population): with ``runs``.

    Returns:
        dict[Path, tuple[Run]]: per recipe's folder, in order.

    Raises:
        PopulationError: if there is a run of a network that the population does not have.
    """
    place = population.directory / RUNS
    folders = [place / name for name in folders_in(place) if is_there(place / name / RECIPE)]
    networks = {network.name: network for network in population} if folders else {}
    return {
        folder: tuple(
            Run(folder / f'{name}-{seed}', networks[name], seed)
            for name, seed in of_networks(networks_with_runs(folder), networks, folder)
        )
        for folder in folders
    }


def has_room(folder, megabytes=1):
    """Whether the disk of a folder is not full."""
    return shutil.disk_usage(folder).free > megabytes * 2**20
