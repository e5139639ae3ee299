"""A run: the training of one network with one recipe and one seed, as its folder tells of it."""

import json
import math
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regnet_plugin.core.number_checks import is_real
from regnet_plugin.files import is_there, put_aside, read_object, read_text, replace
from regnet_plugin.population.runs.attempts import attempts_of
from regnet_plugin.population.runs.layout import CONFIG, LAST_CHECKPOINT, PROGRESS, RESULT
from regnet_plugin.population.runs.removal import check_not_linked
from regnet_plugin.population.runs.results import (
    BROKEN,
    OtherFormat,
    Result,
    read_result,
    read_result_or_failure,
)
from regnet_plugin.population.store import SampledNetwork


def cost(flops: float, activations: float) -> float:
    """Say how long a network takes for an image, up to a factor that depends on the machine.

    In part the time goes into multiplying, in part into moving activations (section 4, figure 12),
    so it is taken to follow the geometric mean of the two counts.
    """
    return math.sqrt(flops * activations)


def cost_of(network: SampledNetwork) -> float:
    """Say how long a network of a population takes, see `cost`."""
    return cost(network.counts['flops'], network.counts['activations'])


@dataclass(frozen=True)
class RunFolder:
    """The folder of a run, whatever network was trained in it.

    Attributes:
        folder: of its files.
    """

    folder: Path

    @property
    def name(self) -> str:
        """Name of the folder: '000007-0'."""
        return self.folder.name

    @property
    def counts(self) -> Mapping[str, int] | None:
        """Flops, parameters and activations that a result here must have; None: unknown."""
        return None

    @property
    def checkpoint(self) -> str | None:
        """Name of the checkpoint that a training goes on from, None for a new one."""
        return noted_checkpoint(self.folder)

    @property
    def ended(self) -> bool:
        """Whether it has a result, be that broken."""
        return is_there(self.folder / RESULT)

    def result(self) -> Result | None:
        """Read what it ended with, None if it has not: see `read_result_or_failure`."""
        return read_result_or_failure(self.folder, self.counts)

    @property
    def progress(self) -> dict[str, Any]:
        """What the training says of itself, with ``fraction``, from 0 to 1: how much is done.

        Empty before the first iteration, or if the file is damaged.
        """
        try:
            values = read_object(self.folder / PROGRESS)
        except (FileNotFoundError, ValueError):
            return {}
        fraction = values.get('fraction')
        return values if is_real(fraction) and 0 <= fraction <= 1 else {}

    def tell(self, fraction: float, iteration: int) -> None:
        """Write how far the training is.

        Args:
            fraction: that is done, from 0 to 1.
            iteration: that it is at.
        """
        progress = {'fraction': round(fraction, 4), 'iteration': iteration, 'time': time.time()}
        replace(self.folder / PROGRESS, json.dumps(progress) + '\n')

    @property
    def last_sign(self) -> tuple[int, int] | None:
        """What changes whenever the training says how far it is; None before that.

        It takes one look, unlike `progress`.
        """
        try:
            file = os.stat(self.folder / PROGRESS)
        except FileNotFoundError:
            return None
        return file.st_mtime_ns, file.st_ino

    def forget_broken_result(self) -> str | None:
        """Put a result that is broken, or is another run's, out of the way.

        So the run is trained again. A result of another version of this package stays: it is as
        good as ours.

        Returns:
            What was wrong with the result; None if nothing was, or there is none.

        Raises:
            PopulationError: if the run is linked, see `check_not_linked`.
            OSError: if the result cannot be read now, which says nothing about it.
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

    def forget_failure(self) -> None:
        """Make a failed run as if it had never been tried.

        Its checkpoints stay; its config is written anew when it is trained.

        Raises:
            PopulationError: if the run is linked, see `check_not_linked`.
        """
        result = self.result()
        if result is None or result.status != 'failed' or result.reason == BROKEN:
            return
        check_not_linked(self.folder)
        for attempt in attempts_of(self.folder):
            attempt.path.unlink()
        (self.folder / CONFIG).unlink(missing_ok=True)
        (self.folder / RESULT).unlink()


@dataclass(frozen=True)
class Run(RunFolder):
    """A training of a network of a population.

    Attributes:
        folder: of its files.
        network: that is trained.
        seed: of the training.
    """

    network: SampledNetwork
    seed: int

    @property
    def cost(self) -> float:
        """How long it takes, see `cost_of`."""
        return cost_of(self.network)

    @property
    def counts(self) -> Mapping[str, int]:
        """Flops, parameters and activations of its network, which its result must have."""
        return self.network.counts


def noted_checkpoint(folder: str | Path) -> str | None:
    """Read the name of the checkpoint that MMEngine noted last in a folder.

    Returns:
        The name, without the folder that it was in; None if there is none, or what is noted there
        cannot be a name.

    Raises:
        OSError: naming the note, if it cannot be read now.
    """
    try:
        name = Path(read_text(Path(folder, LAST_CHECKPOINT)).strip()).name
    except (FileNotFoundError, ValueError):
        return None
    return name if name and name.isprintable() else None


def has_room(folder: str | Path, megabytes: float = 1) -> bool:
    """Whether the disk of a run's folder is not full.

    Args:
        folder: on the disk.
        megabytes: that must be free, of 2**20 bytes each. By default one: a result fits into it.
    """
    return shutil.disk_usage(folder).free > megabytes * 2**20
