"""How the folders and files of runs are called.

A run is one training of a network with a recipe and a seed. It has a folder of its own::

    runs/<recipe>/recipe.py                        the recipe, complete
    runs/<recipe>/<network>-<seed>/config.py       what tools/train.py runs
                                  /attempt-1.json  who trained it, see `attempts`
                                  /progress.json   how far it is
                                  /result.json     its end, see `results`
"""

import re
from pathlib import Path
from typing import NamedTuple

from regnet_plugin.files import folders_in

RECIPE = 'recipe.py'
CONFIG = 'config.py'
PROGRESS = 'progress.json'
RESULT = 'result.json'
FAILURE = 'failure.json'  # why a rank of torchrun ended
LAST_CHECKPOINT = 'last_checkpoint'  # where MMEngine notes the name of the newest checkpoint

# What MMEngine's CheckpointHook writes.
CHECKPOINT_NAME = re.compile(r'(best_.+_)?(epoch|iter)_[0-9]+\.pth')
# A seed has up to ten digits, as many as 2**31 - 1, the largest one, has.
_RUN_NAME = re.compile(r'(?P<network>.+)-(?P<seed>0|[1-9][0-9]{0,9})', re.ASCII)


class RunName(NamedTuple):
    """Which run it is, among those of a recipe.

    Attributes:
        network: number of the network in the population, or name of a baseline.
        seed: of the training.
    """

    network: str
    seed: int

    @property
    def folder(self) -> str:
        """Name of the run's folder: '000007-0'."""
        return f'{self.network}-{self.seed}'

    @classmethod
    def of_folder(cls, name: str) -> 'RunName | None':
        """Read the name of a folder; None if no run has such a name."""
        found = _RUN_NAME.fullmatch(name)
        return None if found is None else cls(found['network'], int(found['seed']))


def run_names_in(folder: str | Path) -> list[RunName]:
    """List the runs that were planned with a recipe, in the order of their folders' names.

    A folder of the user's, such as ``backup-2``, may look like a run: see
    `regnet_plugin.population.runs.planning.runs_of_networks`.

    Args:
        folder: of the recipe.

    Raises:
        OSError: if it cannot be read now.
    """
    found = [RunName.of_folder(name) for name in folders_in(folder)]
    return [name for name in found if name is not None]
