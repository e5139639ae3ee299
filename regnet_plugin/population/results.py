"""What a run ended with: one file, ``result.json``, written once."""

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Optional, Tuple

from regnet_plugin.core.number_checks import is_count, is_real
from regnet_plugin.design_spaces.distributions import Rule
from regnet_plugin.files import create, read_object, read_text
from regnet_plugin.population.columns import COUNTS
from regnet_plugin.population.measured_error import PERCENT, check_own, check_percent

RECIPE, RESULT = 'recipe.py', 'result.json'
REASONS = ('diverged', 'out of memory', 'error', 'killed', 'timed out', 'wrong metric')
BROKEN = 'broken result'  # a reason that no file gives: what a result that cannot be used counts as
_FORMAT = 1


@dataclass(frozen=True)
class Result:
    """The end of a training.

    Attributes:
        network, recipe (str), seed (int): which run it is: the network's number, the recipe's name.
        recipe_digest (str): of the recipe's text.
        status (str): 'done' or 'failed'.
        reason (str, optional): of a failure, one of `REASONS`; `message` says more.
        metric (str, optional): that the errors were made of, see `measured_error`: 100 - accuracy,
            or 100 (1 - AP), in percent, or a metric that is better when lower.
        unit (str): of the errors: '%', from 0 to 100, or '' for such a metric, in its own unit.
        last_error, best_error (float, optional): of the last and the best evaluation.
        last_epoch, best_epoch (int, optional): when these were; iterations where a recipe counts
            iterations.
        loss (float, optional): mean of the last epoch.
        curve (tuple[dict]): per epoch ``epoch``, mean ``loss`` and, where there was an evaluation,
            ``error``.
        complexity (dict): flops, parameters, activations of the network.
        seconds (float, optional): of training and evaluation, without what was lost by kills.
        peak_memory (int, optional): bytes: PyTorch's on a GPU, resident memory of the process on a
        CPU. device (str), versions (dict): what it was trained on and with.
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
    unit: str = PERCENT
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
    finished: str = field(
        default_factory=lambda: datetime.now(timezone.utc).isoformat(timespec='seconds')
    )

    def __post_init__(self):
        if self.status not in ('done', 'failed'):
            raise ValueError(f"status must be 'done' or 'failed', but it is {self.status!r}")
        if self.reason not in ((*REASONS, BROKEN) if self.status == 'failed' else (None,)):
            raise ValueError(
                f'a failure has one of the reasons {REASONS}, and nothing else has one, but status='
                f'{self.status!r} and reason={self.reason!r}'
            )
        for name, rule in _RULES.items():
            value = getattr(self, name)
            if not rule.keeps(value):
                raise ValueError(f'{name} must be {rule.words}, but it is {shorten(repr(value))}')
        check = check_percent if self.unit == PERCENT else check_own
        for error in (self.last_error, self.best_error, *(row.get('error') for row in self.curve)):
            if error is not None:
                check(error, 'an error')

    def write(self, folder):
        """Write the result of a run, unless there is one.

        Returns:
            bool: whether this one was written.
        """
        text = json.dumps({'format': _FORMAT, **asdict(self)}, indent=1, default=str)
        return create(Path(folder, RESULT), text + '\n')


def _optional(rule):
    return Rule(f'{rule.words}, or none', lambda value: value is None or rule.keeps(value))


def _is_time(value):
    try:
        return datetime.fromisoformat(value).timestamp() >= 0
    except (ValueError, TypeError, OverflowError):
        return False


def _is_curve(value):
    if not isinstance(value, (list, tuple)) or not all(isinstance(row, dict) for row in value):
        return False
    numbers = [
        row[name] for row in value for name in ('loss', 'error') if row.get(name) is not None
    ]
    return all(map(_NUMBER.keeps, numbers)) and all(
        _FROM_0.keeps(row.get('epoch')) for row in value
    )


_TEXT = Rule('a text', lambda value: isinstance(value, str))
_OBJECT = Rule('an object', lambda value: isinstance(value, dict))
_NUMBER = Rule('a finite number', is_real)
_FROM_0 = Rule('a whole number from 0', lambda value: type(value) is int and 0 <= value < 2**63)
_RULES = dict(
    network=_TEXT,
    recipe=_TEXT,
    recipe_digest=_TEXT,
    message=_TEXT,
    device=_TEXT,
    metric=_optional(_TEXT),
    seed=_FROM_0,
    last_error=_optional(_NUMBER),
    best_error=_optional(_NUMBER),
    loss=_optional(_NUMBER),
    last_epoch=_optional(_FROM_0),
    best_epoch=_optional(_FROM_0),
    peak_memory=_optional(_FROM_0),
    attempts=Rule('a whole number from 1', is_count),
    unit=Rule(f"'{PERCENT}' or ''", lambda value: value in (PERCENT, '')),
    seconds=_optional(
        Rule('a number from 0 to 10^9', lambda value: is_real(value) and 0 <= value <= 1e9)
    ),
    curve=Rule('rows, each with an epoch and finite numbers', _is_curve),
    versions=_OBJECT,
    complexity=Rule(
        'an object of whole numbers from 0',
        lambda value: isinstance(value, dict) and all(map(_FROM_0.keeps, value.values())),
    ),
    finished=Rule('a time since 1970 in ISO 8601', _is_time),
)


class OtherFormat(ValueError):
    """A result that another version of this package wrote: it is not broken."""


def read_result(folder, counts=None):
    """Read the result of a run.

    Args:
        folder (str | Path): of the run, with the recipe beside it.
        counts (Mapping[str, int], optional): flops, parameters and activations of the network with
            this number, which the result must be of. Default: None, unknown.

    Returns:
        Result | None: None if there is none yet.

    Raises:
        ValueError: if the file is broken, or the result of another run; the message names it.
            `OtherFormat` if it is that of another version.
        OSError: naming the file, if it cannot be read now.
    """
    path = Path(folder, RESULT)
    try:
        values = read_object(path)
        if values.get('format', _FORMAT) != _FORMAT:
            raise OtherFormat(
                f'its format must be {_FORMAT}, but it is {shorten(repr(values["format"]))}'
            )
        result = Result(**{name: values[name] for name in _NAMES if name in values})
        _check_owner(result, path.parent)
        if counts is not None:
            _check_counts(result, counts)
        return result
    except FileNotFoundError:
        return None
    except OtherFormat as error:
        raise OtherFormat(f'{path}: {error}') from None
    except (ValueError, TypeError) as error:
        raise ValueError(f'{path}: {error}') from None


def read_result_or_failure(folder, counts=None):
    """Read the result of a run; one that cannot be used is given as a failure that says why, and
    does not stand in the way of others.

    Args:
        folder (str | Path): of the run, with the recipe beside it.
        counts (Mapping[str, int], optional): flops, parameters and activations of the network with
            this number, which the result must be of. Default: None, unknown.

    Returns:
        Result | None: None if there is none yet.
    """
    try:
        return read_result(folder, counts)
    except OtherFormat as error:
        message = f'{error}; the version of regnet_plugin that wrote it can read it'
    except ValueError as error:
        message = f'{error}; tools/train_population.py puts it aside and trains the run again'
    network, _, seed = Path(folder).name.rpartition('-')
    return Result(
        network, int(seed), Path(folder).parent.name, 'failed', reason=BROKEN, message=message
    )


_NAMES = [entry.name for entry in fields(Result)]


def _check_owner(result, folder):
    """A result is that of another run where a new population was sampled over an old one, or files
    were copied about.
    """
    name = f'{result.network}-{result.seed}'
    if name != folder.name:
        raise ValueError(
            f'it must be the result of {folder.name}, but it is that of {shorten(name)}'
        )
    recipe = folder.parent / RECIPE
    try:
        text = read_text(recipe)
    except (FileNotFoundError, ValueError):  # there is nothing to compare with
        return
    if result.recipe_digest and result.recipe_digest != digest_of(text):
        raise ValueError(
            f'it must be the result of a training with {recipe}, but it is that of another recipe, '
            f'{shorten(result.recipe)}'
        )


def _check_counts(result, counts):
    """Runs of another population, with the same recipe and the same numbers, may have been copied
    here.
    """
    said = {name: result.complexity.get(name) for name in COUNTS}
    known = {name: int(counts[name]) for name in COUNTS}
    if None not in said.values() and said != known:
        raise ValueError(
            f'it must be the result of network {result.network} of this population, with '
            f'{_counted(known)}, '
            f"but it is that of another population's, with {_counted(said)}"
        )


def _counted(counts):
    return ', '.join(f'{count} {name}' for name, count in counts.items())


def digest_of(text):
    """Return what tells a recipe from others of its name: 12 hexadecimal digits."""
    return sha256(text.encode()).hexdigest()[:12]


def shorten(text, length=80):
    """Cut what a message quotes from a file."""
    return text if len(text) <= length else f'{text[:length]}…'


def curve_summary(curve):
    """Entries of a `Result` that follow from its curve."""
    rated = [row for row in curve if row.get('error') is not None]
    last, best = (rated[-1], min(rated, key=lambda row: row['error'])) if rated else ({}, {})
    return dict(
        curve=tuple(curve),
        loss=curve[-1].get('loss') if curve else None,
        last_error=last.get('error'),
        last_epoch=last.get('epoch'),
        best_error=best.get('error'),
        best_epoch=best.get('epoch'),
    )
