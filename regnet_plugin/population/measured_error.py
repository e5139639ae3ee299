"""The one place where what was measured becomes the error of a network: which metric, direction and
scale, what is refused.

Which metric: the one that checkpoints are kept by (``save_best``, of several the first), else the
first number that an evaluator gives; how long something took is no error. Direction: the ``rule``
beside ``save_best``, else losses, distances and the like are better when lower, all others when
higher. Scale: that of the evaluator which gave the number.

A metric that is better when higher becomes an error in percent, 100 for nothing right and 0 for
all. One that is better when lower is an error as it stands, in its own unit.
"""

import math
import re
from dataclasses import dataclass
from numbers import Real
from typing import Any, Dict, Iterable, Mapping, Optional, Sequence, Tuple

# coco/bbox_mAP_s, lvis/bbox_APr, coco/AR@100
_OF_COCO = re.compile(r'(^|[/_ ])m?A[PR][a-z]?($|[_@ \d])')
PERCENT = '%'  # unit of an error; '' is that of a metric that stands for itself
# of the scale: what rounding makes of all right and nothing right, such as 100.00000763 in float32
_NOISE = 1e-5
_LARGEST = 1e100  # products of a few errors, summed over a population, are finite

# What all right is in the numbers of an evaluator, by the sources of mmpretrain 1.2 to 1.3 and
# mmdet 3.3 to 3.5. A name has several scales: mAP is a fraction in mmdet and a percentage in
# mmpretrain. Subclasses give the same.
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
        ),
        1.0,
    ),
}
# beside the fractions of CocoOccludedSeparatedMetric
_OTHER_SCALES = {'occluded_recall': 100.0, 'separated_recall': 100.0}
_SILENT = 'mmdet.CocoMetric'  # gives no number where a detector found nothing at all
_NO_NUMBERS = {
    'mmengine.DumpResults',
    'mmpretrain.ConfusionMatrix',
    'mmpretrain.NocapsSave',
    'mmpretrain.ReportVQA',
    'mmdet.DumpProposals',
    'mmdet.DumpODVGResults',
}
# support counts labels
_NO_ERROR = re.compile(r'(.*[_-])?(time|seconds|fps|latency)|support([_-].*)?')
_LOWER_IS_BETTER = re.compile(
    r'.*loss.*|(.*[^a-z])?(err|errors?|mae|mse|rmse|mape|l[12]|distance|nll|perplexity|ppl|fid|lpips|mmr|ece|brier|wer|cer|fpr|'
    r'fnr|epe)([^a-z].*)?'
)


def check_percent(error: float, name: str) -> None:
    """Refuse what is no error in percent.

    Raises:
        ValueError: naming it.
    """
    if not 0 <= error <= 100:
        raise ValueError(f'{name} must be a number from 0 to 100, in percent, but it is {error}')


def check_own(error: float, name: str) -> None:
    """Refuse what is no error in its own unit.

    Raises:
        ValueError: naming it.
    """
    if not abs(error) <= _LARGEST:
        raise ValueError(f'{name} must be a finite number of at most 1e100, but it is {error}')


@dataclass(frozen=True)
class Evaluator:
    """What gives numbers.

    Attributes:
        kinds (tuple[str]): its class and those that this inherits from, each with its library:
            'mmdet.LVISMetric'.
        prefix (str, optional): that the names of its numbers begin with.
    """

    kinds: Tuple[str, ...]
    prefix: Optional[str] = None

    @classmethod
    def of(cls, kind: type, prefix: Optional[str] = None) -> 'Evaluator':
        """Describe an evaluator of a class."""
        return cls(
            tuple(f'{base.__module__.partition(".")[0]}.{base.__name__}' for base in kind.__mro__),
            prefix,
        )

    @property
    def gives_numbers(self) -> bool:
        """Whether what it gives can be an error."""
        return not _NO_NUMBERS & set(self.kinds)

    @property
    def scale(self) -> Optional[float]:
        """The number for all right; None where it is not known."""
        return next((_SCALES[kind] for kind in self.kinds if kind in _SCALES), None)

    def gave(self, name: str) -> bool:
        """Whether a number of this name may be its; also behind the prefix of a data set."""
        return self.prefix is None or f'/{self.prefix}/' in f'/{name}'


@dataclass(frozen=True)
class Measured:
    """The error of a network in one evaluation.

    Attributes:
        metric (str, optional): that it was made of; None where a detector that found nothing gave
            no name.
        error (float): lower is better.
        unit (str): '%', or '' for a metric that is better when lower, in its own unit.
    """

    metric: Optional[str]
    error: float
    unit: str = PERCENT


@dataclass(frozen=True)
class ErrorRule:
    """How the evaluations of a recipe become errors.

    Attributes:
        evaluators (tuple[Evaluator]): of the recipe.
        wanted (str, optional): name of the metric that decides; None is the first one.
        lower_is_better (bool, optional): of the metric that decides; None where the recipe leaves
            that to its name.
        perfect_score (float, optional): the number for all right, where the recipe says it; None:
            the evaluator's.
    """

    evaluators: Tuple[Evaluator, ...]
    wanted: Optional[str] = None
    lower_is_better: Optional[bool] = None
    perfect_score: Optional[float] = None

    @property
    def guessed(self) -> Optional[str]:
        """The evaluator whose scale nobody says, and whose numbers may decide; None where all is
        known.
        """
        if (
            self.perfect_score is not None
            or self.lower_is_better
            or self.wanted
            and is_lower_better(self.wanted)
        ):
            return None
        deciding = self._owners(self.wanted) if self.wanted else self.evaluators
        return deciding[0].kinds[0] if deciding and deciding[0].scale is None else None

    def measured(self, metrics: Mapping[str, Any], before: Optional[str] = None) -> Measured:
        """Make the error of an evaluation.

        Args:
            metrics (Mapping[str, Any]): what the evaluation gave, by name; what is no number is
                passed over.
            before (str, optional): metric of an earlier evaluation of this training: it stays the
                same.

        Raises:
            ValueError: if there is no number, or not the one that decides, or it is out of range.
        """
        numbers = numbers_of(metrics)
        owned = [name for name in numbers if self._owners(name)]
        name = self.wanted or before or deciding_metric(owned)
        if name in numbers:
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

    def _found_nothing(self, name: Optional[str], numbers: Mapping[str, float]) -> bool:
        """Whether a detector found nothing at all: its average precision is 0."""
        silent = (evaluator for evaluator in self.evaluators if _SILENT in evaluator.kinds)
        return any(
            (name is None or evaluator.gave(name)) and not any(map(evaluator.gave, numbers))
            for evaluator in silent
        )

    def _error(self, name: str, value: float) -> Measured:
        lower = is_lower_better(name) if self.lower_is_better is None else self.lower_is_better
        if lower:
            check_own(value, name)
            return Measured(name, value, '')
        scale = self._scale(name)
        if scale is None and 0 < value <= 1:
            giver = next((evaluator.kinds[0] for evaluator in self._owners(name)), 'no evaluator')
            raise ValueError(
                f'{name} must have a known scale, but it is {value:g} of {giver}, a fraction or a '
                'percentage: '
                'perfect_score=1 or perfect_score=100 in the recipe tells which'
            )
        scale = scale or 100.0
        if not -_NOISE * scale <= value <= (1 + _NOISE) * scale:
            why = ', as where there is nothing of its kind to find' if value == -1 else ''
            raise ValueError(
                f'{name} must be a number from 0 to {scale:g}, but it is {value:g}{why}'
            )
        right = min(max(value, 0.0), scale)
        return Measured(name, 100.0 - right if scale == 100 else 100.0 * (1 - right / scale))

    def _scale(self, name: str) -> Optional[float]:
        """The number for all right; None where nobody says it, or two evaluators that may have
        given it differ.
        """
        if self.perfect_score is not None:
            return self.perfect_score
        scales = {evaluator.scale for evaluator in self._owners(name)}
        scale = scales.pop() if len(scales) == 1 else None
        return scale and _OTHER_SCALES.get(_last(name), scale)


def numbers_of(metrics: Mapping[str, Any]) -> Dict[str, float]:
    """Find what of an evaluation is a number: also NumPy's, and tensors and arrays with a single
    entry.
    """
    numbers = {name: _number(value) for name, value in metrics.items()}
    return {name: value for name, value in numbers.items() if value is not None}


def _number(value: Any) -> Optional[float]:
    if hasattr(value, 'item') and math.prod(getattr(value, 'shape', ())) == 1:
        value = value.item()
    return float(value) if isinstance(value, Real) and not isinstance(value, bool) else None


def _last(name: str) -> str:
    return name.rpartition('/')[2]


def deciding_metric(names: Iterable[str]) -> Optional[str]:
    """Return the metric that decides where nobody names one; None where there is none.

    It is the first that says how good a network is, by its name: not how long something took.
    """
    for name in names:
        if not _NO_ERROR.fullmatch(_last(name)):
            return name
    return None


def is_lower_better(name: str) -> bool:
    """Whether a metric is better when lower, by its name: MMEngine's rule for losses, and the usual
    names of the kind.
    """
    return bool(_LOWER_IS_BETTER.fullmatch(_last(name).lower()))


def is_unmeasured(name: str, value: object) -> bool:
    """Whether a metric is COCO's -1: there was no object of this kind or size to be found."""
    return value == -1 and _OF_COCO.search(name) is not None
