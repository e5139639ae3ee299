"""What a run ended with: one file, ``result.json``, written once."""
import json
import math
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Optional, Tuple

from regnet_plugin.population.files import create

RESULT = 'result.json'
REASONS = ('diverged', 'out of memory', 'error', 'killed', 'timed out')


@dataclass(frozen=True)
class Result:
    """The end of a training.

    Attributes:
        network, recipe (str), seed (int): which run it is: the network's number, the recipe's name.
        recipe_digest (str): of the recipe's text.
        status (str): 'done' or 'failed'.
        reason (str, optional): of a failure, one of `REASONS`; `message` says more.
        metric (str, optional): that the errors were made of: 100 - accuracy, or 100 (1 - AP), in percent.
        last_error, best_error (float, optional): of the last and the best evaluation.
        last_epoch, best_epoch (int, optional): when these were; iterations where a recipe counts iterations.
        loss (float, optional): mean of the last epoch.
        curve (tuple[dict]): per epoch ``epoch``, mean ``loss`` and, where there was an evaluation, ``error``.
        complexity (dict): flops, parameters, activations of the network.
        seconds (float, optional): of training and evaluation, without what was lost by kills.
        peak_memory (int, optional): bytes: PyTorch's on a GPU, resident memory of the process on a CPU.
        device (str), versions (dict): what it was trained on and with.
        attempts (int): in which it was trained.
        finished (str): time, UTC, ISO 8601.
    """

    network: str
    seed: int
    recipe: str
    status: str
    recipe_digest: str = ''
    reason: Optional[str] = None
    message: str = ''
    metric: Optional[str] = None
    last_error: Optional[float] = None
    last_epoch: Optional[int] = None
    best_error: Optional[float] = None
    best_epoch: Optional[int] = None
    loss: Optional[float] = None
    curve: Tuple[dict, ...] = ()
    complexity: dict = field(default_factory=dict)
    seconds: Optional[float] = None
    peak_memory: Optional[int] = None
    device: str = ''
    versions: dict = field(default_factory=dict)
    attempts: int = 1
    finished: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat(timespec='seconds'))

    def __post_init__(self):
        if self.status not in ('done', 'failed'):
            raise ValueError(f"status must be 'done' or 'failed', but it is {self.status!r}")
        if (self.reason in REASONS) != (self.status == 'failed'):
            raise ValueError(f'a failure has one of the reasons {REASONS}, and nothing else has one, but status='
                             f'{self.status!r} and reason={self.reason!r}')
        for name in ('last_error', 'best_error', 'seconds'):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, (int, float)) and math.isfinite(value)):
                raise ValueError(f'{name} must be a finite number, but it is {value!r}')

    def write(self, folder):
        """Write the result of a run, unless there is one.

        Returns:
            bool: whether this one was written.
        """
        text = json.dumps({'format': 1, **asdict(self)}, indent=1, default=str)
        return create(Path(folder, RESULT), text + '\n')


def read_result(folder):
    """Read the result of a run.

    Returns:
        Result | None: None if there is none yet.

    Raises:
        ValueError: if the file is broken; the message names it.
    """
    path = Path(folder, RESULT)
    try:
        values = json.loads(path.read_text())
        if not isinstance(values, dict):
            raise ValueError('it must be an object')
        known = {entry.name for entry in fields(Result)}
        return Result(**{name: value for name, value in values.items() if name in known})
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise ValueError(f'{path}: {error}') from None


def curve_summary(curve):
    """Entries of a `Result` that follow from its curve."""
    rated = [row for row in curve if row.get('error') is not None]
    last, best = (rated[-1], min(rated, key=lambda row: row['error'])) if rated else ({}, {})
    return dict(curve=tuple(curve), loss=curve[-1].get('loss') if curve else None,
                last_error=last.get('error'), last_epoch=last.get('epoch'),
                best_error=best.get('error'), best_epoch=best.get('epoch'))
