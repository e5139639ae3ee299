"""The one place where what was measured becomes the error of a network.

Which metric, which direction, which scale, and what is refused:

Metric: the one that checkpoints are kept by (``save_best``, of several the first), else the first
number that an evaluator gives; how long something took is no error. Direction: the ``rule`` beside
``save_best``, else losses, distances and the like are better when lower, all others when higher.
Scale: that of the evaluator which gave the number.

A metric that is better when higher becomes an error in percent, 100 for nothing right and 0 for
all. One that is better when lower is an error as it stands, in its own unit.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

PERCENT = '%'  # unit of an error
OWN = ''  # unit of an error that is a metric as it stands, better when lower

# Names of COCO's metrics: coco/bbox_mAP_s, lvis/bbox_APr, coco/AR@100.
_OF_COCO = re.compile(r'(^|[/_ ])m?A[PR][a-z]?($|[_@ \d])')
# Of the scale: what rounding makes of all right and nothing right, such as 100.00000763 in float32.
_NOISE = 1e-5
LARGEST = 1e100  # of a number: products of a few, summed over a population, are finite

# What all right is in the numbers of an evaluator, by the sources of mmpretrain 1.2 to 1.3, mmdet
# 3.3 to 3.5, mmsegmentation 1.4 and mmpose 1.3. A name has several scales: mAP is a fraction in
# mmdet and a percentage in mmpretrain. Subclasses give the same, unless they are listed, too.
_SCALES = {
    **dict.fromkeys(
        (
            'mmpretrain.Accuracy',
            'mmpretrain.SingleLabelMetric',
            'mmpretrain.MultiLabelMetric',
            'mmpretrain.AveragePrecision',
            'mmpretrain.RetrievalRecall',
            'mmpretrain.RetrievalAveragePrecision',
            'mmpretrain.VQAAcc',
            'mmdet.CocoPanopticMetric',
            'mmdet.SemSegMetric',
            'mmdet.RefSegMetric',
            'mmseg.IoUMetric',
            'mmpose.MpiiPCKAccuracy',
        ),
        100.0,
    ),
    **dict.fromkeys(
        (
            'mmpretrain.ANLS',
            'mmpretrain.GQAAcc',
            'mmpretrain.ScienceQAMetric',
            'mmpretrain.ShapeBiasMetric',
            'mmpretrain.VisualGroundingMetric',
            'mmdet.CocoMetric',
            'mmdet.CityScapesMetric',
            'mmdet.CrowdHumanMetric',
            'mmdet.DODCocoMetric',
            'mmdet.Flickr30kMetric',
            'mmdet.gRefCOCOMetric',
            'mmdet.LVISFixedAPMetric',
            'mmdet.OpenImagesMetric',
            'mmdet.RefExpMetric',
            'mmdet.ReIDMetrics',
            'mmdet.VOCMetric',
            'mmdet.YouTubeVISMetric',
            'mmpose.AUC',
            'mmpose.CocoMetric',
            'mmpose.PCKAccuracy',
        ),
        1.0,
    ),
}
# Percentages that CocoOccludedSeparatedMetric gives beside its fractions.
_OTHER_SCALES = {'occluded_recall': 100.0, 'separated_recall': 100.0}
_SILENT = 'mmdet.CocoMetric'  # gives no number where a detector found nothing at all
# Evaluators that write files, or give what is no number.
_NO_NUMBERS = {
    'mmengine.DumpResults',
    'mmpretrain.ConfusionMatrix',
    'mmpretrain.NocapsSave',
    'mmpretrain.ReportVQA',
    'mmdet.DumpProposals',
    'mmdet.DumpODVGResults',
}
# Names of numbers that say nothing of how good a network is; support counts labels.
_NO_ERROR = re.compile(r'(.*[_-])?(time|seconds|fps|latency)|support([_-].*)?')
# Names of numbers that are better when lower, as a whole or as a word in a longer name.
_LOWER_IS_BETTER = re.compile(
    r'.*loss.*|'
    r'(.*[^a-z])?('
    r'err|errors?|mae|mse|rmse|mape|l[12]|distance|nll|perplexity|ppl|fid|lpips|mmr|ece|brier|'
    r'wer|cer|fpr|fnr|epe|nme|mpjpe'
    r')([^a-z].*)?'
)


def check_percent(error: float, name: str) -> None:
    """Refuse what is no error in percent.

    Args:
        error: to be checked.
        name: of it, for the message.

    Raises:
        ValueError: naming it.
    """
    if not 0 <= error <= 100:
        raise ValueError(f'{name} must be a number from 0 to 100, in percent, but it is {error}')


def check_own(error: float, name: str) -> None:
    """Refuse what is no error in its own unit.

    Args:
        error: to be checked.
        name: of it, for the message.

    Raises:
        ValueError: naming it.
    """
    if not abs(error) <= LARGEST:
        raise ValueError(f'{name} must be a finite number of at most 1e100, but it is {error}')


@dataclass(frozen=True)
class Evaluator:
    """What gives numbers.

    Attributes:
        kinds: its class and those that this inherits from, each with its library:
            'mmdet.LVISMetric'.
        prefix: that the names of its numbers begin with; None if it has none.
    """

    kinds: tuple[str, ...]
    prefix: str | None = None

    @classmethod
    def of(cls, kind: type, prefix: str | None = None) -> 'Evaluator':
        """Describe an evaluator of a class."""
        kinds = [f'{base.__module__.partition(".")[0]}.{base.__name__}' for base in kind.__mro__]
        return cls(tuple(kinds), prefix)

    @property
    def gives_numbers(self) -> bool:
        """Whether what it gives can be an error."""
        return not _NO_NUMBERS & set(self.kinds)

    @property
    def scale(self) -> float | None:
        """The number for all right; None where it is not known."""
        return next((_SCALES[kind] for kind in self.kinds if kind in _SCALES), None)

    def gave(self, name: str) -> bool:
        """Whether a number of this name may be its; also behind the prefix of a data set."""
        return self.prefix is None or f'/{self.prefix}/' in f'/{name}'


@dataclass(frozen=True)
class Measured:
    """The error of a network in one evaluation.

    Attributes:
        metric: that it was made of; None where a detector that found nothing gave no name.
        error: lower is better.
        unit: `PERCENT`, or `OWN` for a metric that is better when lower.
    """

    metric: str | None
    error: float
    unit: str = PERCENT


@dataclass(frozen=True)
class ErrorRule:
    """How the evaluations of a recipe become errors.

    Attributes:
        evaluators: of the recipe.
        wanted: name of the metric that decides; None is the first one.
        lower_is_better: of the metric that decides; None where the recipe leaves that to its name.
        perfect_score: the number for all right, where the recipe says it; None: the evaluator's.
    """

    evaluators: tuple[Evaluator, ...]
    wanted: str | None = None
    lower_is_better: bool | None = None
    perfect_score: float | None = None

    @property
    def guessed(self) -> str | None:
        """The evaluator whose scale nobody says, and whose numbers may decide.

        None where all is known: the scale, or that none is needed since lower is better.
        """
        if self.perfect_score is not None or self.lower_is_better:
            return None
        if self.wanted and is_lower_better(self.wanted):
            return None
        deciding = self._owners(self.wanted) if self.wanted else self.evaluators
        if deciding and deciding[0].scale is None:
            return deciding[0].kinds[0]
        return None

    def measured(self, metrics: Mapping[str, Any], before: str | None = None) -> Measured:
        """Make the error of an evaluation.

        Args:
            metrics: what the evaluation gave, by name; what is no number is passed over.
            before: metric of an earlier evaluation of this training: it stays the same.

        Raises:
            ValueError: if there is no number, or not the one that decides, or it is out of range.
        """
        numbers = numbers_of(metrics)
        owned = (name for name in numbers if self._owners(name))
        name = self.wanted or before or deciding_metric(owned)
        if name is not None and name in numbers:
            return self._error(name, numbers[name])
        if self._found_nothing(name, numbers):
            return Measured(name, 100.0)
        wanted = f'the metric that decides, {name}, as a number' if name else 'a number'
        given = ', '.join(numbers if name else metrics)
        raise ValueError(f'an evaluation must give {wanted}, but it gives {given or "none"}')

    def _owners(self, name: str) -> Sequence[Evaluator]:
        """Who may have given a number: those whose prefix it has, else those without any."""
        owners = [evaluator for evaluator in self.evaluators if evaluator.gave(name)]
        return [evaluator for evaluator in owners if evaluator.prefix] or owners

    def _found_nothing(self, name: str | None, numbers: Mapping[str, float]) -> bool:
        """Whether a detector found nothing at all: its average precision is 0."""
        for evaluator in self.evaluators:
            may_be_asked = name is None or evaluator.gave(name)
            gave_none = not any(evaluator.gave(number) for number in numbers)
            if _SILENT in evaluator.kinds and may_be_asked and gave_none:
                return True
        return False

    def _error(self, name: str, value: float) -> Measured:
        """The error that a number stands for.

        Raises:
            ValueError: if it is out of range, or its scale is not known and matters.
        """
        lower = is_lower_better(name) if self.lower_is_better is None else self.lower_is_better
        if lower:
            check_own(value, name)
            return Measured(name, value, OWN)
        scale = self._scale(name)
        if scale is None and 0 < value <= 1:
            giver = next((evaluator.kinds[0] for evaluator in self._owners(name)), 'no evaluator')
            raise ValueError(
                f'{name} must have a known scale, but it is {value:g} of {giver}, a fraction or a '
                'percentage: perfect_score=1 or perfect_score=100 in the recipe tells which'
            )
        # 0 is nothing right on any scale, and what is above 1 is a percentage
        scale = scale or 100.0
        if not -_NOISE * scale <= value <= (1 + _NOISE) * scale:
            why = ', as where there is nothing of its kind to find' if value == -1 else ''
            raise ValueError(
                f'{name} must be a number from 0 to {scale:g}, but it is {value:g}{why}'
            )
        right = min(max(value, 0.0), scale)
        # of a percentage the difference, which has no rounding of a division
        return Measured(name, 100.0 - right if scale == 100 else 100.0 * (1 - right / scale))

    def _scale(self, name: str) -> float | None:
        """The number for all right; None where nobody says it.

        None also where two evaluators that may have given the number differ.
        """
        if self.perfect_score is not None:
            return self.perfect_score
        scales = {evaluator.scale for evaluator in self._owners(name)}
        scale = scales.pop() if len(scales) == 1 else None
        return None if scale is None else _OTHER_SCALES.get(_last_part(name), scale)


def numbers_of(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Find what of an evaluation is a number.

    Also NumPy's, and tensors and arrays with a single entry.
    """
    numbers = {name: _number(value) for name, value in metrics.items()}
    return {name: value for name, value in numbers.items() if value is not None}


def _number(value: Any) -> float | None:
    """A value as a number; None if it is none, or many."""
    if hasattr(value, 'item') and math.prod(getattr(value, 'shape', ())) == 1:
        value = value.item()
    if isinstance(value, bool):
        return None
    return float(value) if isinstance(value, Real) else None


def _last_part(name: str) -> str:
    """What a metric is called without the prefixes of evaluator and data set."""
    return name.rpartition('/')[2]


def deciding_metric(names: Iterable[str]) -> str | None:
    """Find the metric that decides where nobody says which one.

    Args:
        names: of the numbers of an evaluation, in the order in which they were given.

    Returns:
        The first that says how good a network is, not how long something took; None if none does.
    """
    return next((name for name in names if not _NO_ERROR.fullmatch(_last_part(name))), None)


def is_lower_better(name: str) -> bool:
    """Whether a metric is better when lower, by its name.

    MMEngine's rule for losses, and the usual names of the kind.
    """
    return _LOWER_IS_BETTER.fullmatch(_last_part(name).lower()) is not None


def is_unmeasured(name: str, value: object) -> bool:
    """Whether a metric is COCO's -1: there was no object of this kind or size to be found."""
    return value == -1 and _OF_COCO.search(name) is not None
