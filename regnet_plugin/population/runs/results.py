"""What a run ended with: one file, ``result.json``, written once."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any, TypedDict

from regnet_plugin.core.number_checks import is_count, is_real
from regnet_plugin.design_spaces.distributions import FROM_0, Rule
from regnet_plugin.files import create, read_object, read_text
from regnet_plugin.population.columns import COUNTS
from regnet_plugin.population.curves import last_and_best
from regnet_plugin.population.measured_error import OWN, PERCENT, check_own, check_percent
from regnet_plugin.population.runs.layout import RECIPE, RESULT, RunName

REASONS = ('diverged', 'out of memory', 'error', 'killed', 'timed out', 'wrong metric')
BROKEN = 'broken result'  # a reason that no file gives: what a result that cannot be used counts as
_FORMAT = 1


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec='seconds')


@dataclass(frozen=True)
class Result:
    """The end of a training.

    Attributes:
        network: number of the network in the population, or name of a baseline.
        seed: of the training.
        recipe: its name.
        status: 'done' or 'failed'.
        recipe_digest: of the recipe's text, see `digest_of`.
        reason: of a failure, one of `REASONS`; ``message`` says more.
        metric: that the errors were made of, see `measured_error`: 100 - accuracy, or
            100 (1 - AP), in percent, or a metric that is better when lower.
        unit: of the errors: '%', from 0 to 100, or '' for such a metric, in its own unit.
        last_error, best_error: of the last and the best evaluation; None if there was none.
        last_epoch, best_epoch: when these were; iterations where a recipe counts iterations.
        loss: mean of the last epoch.
        curve: per epoch ``epoch``, mean ``loss`` and, where there was an evaluation, ``error``.
        complexity: flops, parameters, activations of the network.
        seconds: of training and evaluation, without what was lost by kills.
        peak_memory: bytes: PyTorch's on a GPU, resident memory of the process on a CPU.
        device: that it was trained on.
        versions: of what it was trained with.
        attempts: in which it was trained.
        finished: time, UTC, ISO 8601.

    Raises:
        ValueError: if an entry is of another kind, or they do not fit each other.
    """

    network: str
    seed: int
    recipe: str
    status: str
    recipe_digest: str = ''
    reason: str | None = None
    message: str = ''
    metric: str | None = None
    unit: str = PERCENT
    last_error: float | None = None
    last_epoch: int | None = None
    best_error: float | None = None
    best_epoch: int | None = None
    loss: float | None = None
    curve: Sequence[Mapping[str, Any]] = ()
    complexity: Mapping[str, int] = field(default_factory=dict)
    seconds: float | None = None
    peak_memory: int | None = None
    device: str = ''
    versions: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 1
    finished: str = field(default_factory=_now)

    def __post_init__(self) -> None:
        if self.status not in ('done', 'failed'):
            raise ValueError(f"status must be 'done' or 'failed', but it is {self.status!r}")
        if self.reason not in ((*REASONS, BROKEN) if self.status == 'failed' else (None,)):
            raise ValueError(
                f'a failure has one of the reasons {REASONS}, and nothing else has one, but '
                f'status={self.status!r} and reason={self.reason!r}'
            )
        for name, rule in _RULES.items():
            value = getattr(self, name)
            if not rule.keeps(value):
                raise ValueError(f'{name} must be {rule.words}, but it is {shorten(repr(value))}')
        check_error = check_percent if self.unit == PERCENT else check_own
        of_epochs = (row.get('error') for row in self.curve)
        for error in (self.last_error, self.best_error, *of_epochs):
            if error is not None:
                check_error(error, 'an error')

    @property
    def run_name(self) -> RunName:
        """Which run of its recipe it is the end of."""
        return RunName(self.network, self.seed)

    def write(self, folder: str | Path) -> bool:
        """Write the result of a run, unless there is one.

        Args:
            folder: of the run.

        Returns:
            Whether this one was written.
        """
        text = json.dumps({'format': _FORMAT, **asdict(self)}, indent=1, default=str)
        return create(Path(folder, RESULT), text + '\n')


_NAMES = [entry.name for entry in fields(Result)]


def _optional(rule: Rule) -> Rule:
    return Rule(f'{rule.words}, or none', lambda value: value is None or rule.keeps(value))


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).timestamp() >= 0
    except (ValueError, TypeError, OverflowError):
        return False


def _is_curve(value: Any) -> bool:
    if not isinstance(value, (list, tuple)):
        return False
    return all(isinstance(row, dict) and _is_curve_row(row) for row in value)


def _is_curve_row(row: dict[str, Any]) -> bool:
    measured = (row.get('loss'), row.get('error'))
    are_numbers = all(number is None or _NUMBER.keeps(number) for number in measured)
    return are_numbers and FROM_0.keeps(row.get('epoch'))


def _are_seconds(value: Any) -> bool:
    # 10^9 seconds are more than thirty years
    return is_real(value) and 0 <= value <= 1e9


def _are_counts(value: Any) -> bool:
    return isinstance(value, dict) and all(FROM_0.keeps(count) for count in value.values())


_TEXT = Rule('a text', lambda value: isinstance(value, str))
_OBJECT = Rule('an object', lambda value: isinstance(value, dict))
_NUMBER = Rule('a finite number', is_real)
_SECONDS = Rule('a number from 0 to 10^9', _are_seconds)
# What each entry may be; a file may have been written by anybody.
_RULES: dict[str, Rule] = dict(
    network=_TEXT,
    recipe=_TEXT,
    recipe_digest=_TEXT,
    message=_TEXT,
    device=_TEXT,
    metric=_optional(_TEXT),
    seed=FROM_0,
    last_error=_optional(_NUMBER),
    best_error=_optional(_NUMBER),
    loss=_optional(_NUMBER),
    last_epoch=_optional(FROM_0),
    best_epoch=_optional(FROM_0),
    peak_memory=_optional(FROM_0),
    attempts=Rule('a whole number from 1', is_count),
    unit=Rule(f"'{PERCENT}' or '{OWN}'", lambda value: value in (PERCENT, OWN)),
    seconds=_optional(_SECONDS),
    curve=Rule('rows, each with an epoch and finite numbers', _is_curve),
    versions=_OBJECT,
    complexity=Rule('an object of whole numbers from 0 to 2**63 - 1', _are_counts),
    finished=Rule('a time since 1970 in ISO 8601', _is_time),
)


class OtherFormat(ValueError):
    """A result that another version of this package wrote: it is not broken."""


def read_result(folder: str | Path, counts: Mapping[str, Any] | None = None) -> Result | None:
    """Read the result of a run.

    Args:
        folder: of the run, with the recipe beside it.
        counts: flops, parameters and activations of the network with this number, which the result
            must be of. None: unknown.

    Returns:
        None if there is none yet.

    Raises:
        ValueError: if the file is broken, or the result of another run; the message names it.
            `OtherFormat` if it is that of another version.
        OSError: naming the file, if it cannot be read now.
    """
    path = Path(folder, RESULT)
    try:
        return _checked_result(path, counts)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        kind = OtherFormat if isinstance(error, OtherFormat) else ValueError
        raise kind(f'{path}: {error}') from None


def _checked_result(path: Path, counts: Mapping[str, Any] | None) -> Result:
    """The result in a file; the messages of errors do not say which one."""
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


def read_result_or_failure(
    folder: str | Path, counts: Mapping[str, Any] | None = None
) -> Result | None:
    """Read the result of a run; one that cannot be used is given as a failure that says why.

    So it does not stand in the way of others.

    Args:
        folder: of the run, with the recipe beside it.
        counts: as `read_result`'s.

    Returns:
        None if there is none yet.

    Raises:
        OSError: naming the file, if it cannot be read now.
    """
    try:
        return read_result(folder, counts)
    except OtherFormat as error:
        message = f'{error}; the version of regnet_plugin that wrote it can read it'
    except ValueError as error:
        message = f'{error}; tools/train_population.py puts it aside and trains the run again'
    folder = Path(folder)
    network, _, seed = folder.name.rpartition('-')
    return Result(network, int(seed), folder.parent.name, 'failed', reason=BROKEN, message=message)


def _check_owner(result: Result, folder: Path) -> None:
    """Check that a result is that of the run in whose folder it is.

    It is another's where a new population was sampled over an old one, or files were copied about.
    """
    if result.run_name.folder != folder.name:
        raise ValueError(
            f'it must be the result of {folder.name}, but it is that of '
            f'{shorten(result.run_name.folder)}'
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


def _check_counts(result: Result, counts: Mapping[str, Any]) -> None:
    """Check that a result is that of its network, where it says what that costs.

    Runs of another population, with the same recipe and the same numbers, may have been copied
    here.
    """
    said = {name: result.complexity.get(name) for name in COUNTS}
    known = {name: int(counts[name]) for name in COUNTS}
    if None not in said.values() and said != known:
        raise ValueError(
            f'it must be the result of network {result.network} of this population, with '
            f"{_in_words(known)}, but it is that of another population's, with {_in_words(said)}"
        )


def _in_words(counts: Mapping[str, int | None]) -> str:
    return ', '.join(f'{count} {name}' for name, count in counts.items())


def digest_of(text: str) -> str:
    """Return what tells a recipe from others of its name: 12 hexadecimal digits."""
    return sha256(text.encode()).hexdigest()[:12]


def shorten(text: str, length: int = 80) -> str:
    """Cut what a message quotes from a file to a number of letters; by default it fits a line."""
    return text if len(text) <= length else f'{text[:length]}…'


class CurveSummary(TypedDict):
    """Entries of a `Result` that follow from its curve; see there."""

    curve: tuple[Mapping[str, Any], ...]
    loss: float | None
    last_error: float | None
    last_epoch: int | None
    best_error: float | None
    best_epoch: int | None


def curve_summary(curve: Sequence[Mapping[str, Any]]) -> CurveSummary:
    """Find the last loss, and the last and the best error, of a training.

    Args:
        curve: see `Result`.
    """
    nothing: Mapping[str, Any] = {}
    found = last_and_best(curve, 'error')
    last, best = (nothing, nothing) if found is None else found
    return CurveSummary(
        curve=tuple(curve),
        loss=curve[-1].get('loss') if curve else None,
        last_error=last.get('error'),
        last_epoch=last.get('epoch'),
        best_error=best.get('error'),
        best_epoch=best.get('epoch'),
    )


def mean_over_seeds(errors: Sequence[float]) -> float | None:
    """The error of a network: the mean over its trainings that ended well; None where none did."""
    return statistics.fmean(errors) if errors else None


def deviation_over_seeds(errors: Sequence[float]) -> float | None:
    """Standard deviation over a network's trainings, with n - 1; None for fewer than two."""
    return statistics.stdev(errors) if len(errors) > 1 else None
