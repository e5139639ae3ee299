"""A design space over a config: the keys that may vary, and the networks that this makes."""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from mmengine.config import Config
from numpy.typing import NDArray

from regnet_plugin.config_spaces.base import import_library, read_base, spell_out
from regnet_plugin.config_spaces.cost_model import CostModel, Encoding
from regnet_plugin.config_spaces.fitting import count_fitted
from regnet_plugin.config_spaces.parameters import (
    SETTINGS,
    read_derived,
    read_parameters,
    settings_of,
)
from regnet_plugin.core.complexity import COMPLEXITY_FIELDS, COUNTS, Complexities, Complexity
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.core.vocabulary import DEFAULT_RESOLUTION
from regnet_plugin.design_spaces.constraints import EVERYTHING, Constraints
from regnet_plugin.design_spaces.expressions import Expression, Known
from regnet_plugin.design_spaces.networks import Networks, Values
from regnet_plugin.design_spaces.parameter_space import ParameterSpace, rows_of
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.registry import DESIGN_SPACES
from regnet_plugin.training.config.image_size import stated_side
from regnet_plugin.training.config.keyed_values import all_keys, set_value, value_at

_COUNTED = 160  # networks that a model of the cost is fitted to
_FEWEST = 32  # that it may be fitted to: of fewer its errors are not known
_MODEL_SEED = 0  # of these networks, whatever the seed of the population
_MODEL_STREAM = 2**32 - 1  # number of the block that they are drawn from, which no population has
_MODEL_DRAWS = 1024  # of which as many are counted as are needed
# Arguments that cost nothing: networks that differ in them alone are counted once.
_FREE = ('drop_path_rate', 'drop_rate', 'dropout', 'init_cfg', 'label_smooth_val', 'loss_weight')


@DESIGN_SPACES.register_module()
class ConfigSpace(ParameterSpace):
    """Networks, and trainings, that a config describes, with some of its keys drawn.

    Args:
        base (str): path of the config, or 'mmpretrain::…' and 'mmdet::…'.
        parameters (dict): laws by key, such as 'model.backbone.arch.depths.2', or by a name of
            one's own, see `regnet_plugin.design_spaces.distributions.as_law`; with ``when`` in the
            dict of a law, the condition under which a network has the parameter. In formulas and
            tables a key is called by its end, 'depths_2'.
        derived (dict): formulas by key, or by a name of one's own, see
            `regnet_plugin.design_spaces.formulas.Formula`. Default: none.
        resolution (int, optional): side of the image that networks are counted with, where none of
            the parameters is called so. Default: that of the base's data, else 224.
        where (str, optional): a rule that its networks keep, by the names of the parameters, such
            as 'width % heads == 0'.
        limits (dict, optional): see `Constraints`.

    Raises:
        ValueError: if the base cannot be read, or a key, law or formula does not fit.
    """

    SETTINGS = SETTINGS
    # To count one takes a tenth of a second, so that few are to be counted in vain at the end.
    candidates = 64

    def __init__(
        self,
        *,
        base: str,
        parameters: Mapping[str, Any],
        derived: Mapping[str, Any] | None = None,
        resolution: int | None = None,
        where: str | None = None,
        limits: Mapping[str, Any] | None = None,
    ) -> None:
        Constraints(limits=limits)  # raises where they are none
        self.limits = limits or {}
        self.base = read_base(base)
        spell_out(self.base, [*parameters, *(derived or {})])
        self.custom_imports = list((self.base.get('custom_imports') or {}).get('imports', ()))
        self.drawn = read_parameters(self.base, parameters)
        self.derived = read_derived(self.base, derived or {}, self.drawn)
        self.parameters = {each.name: each.parameter for each in self.drawn}
        self.resolution = _resolution(self.base, resolution)
        self.num_classes = _classes(self.base)
        self.where = None if where is None else Expression(where)
        self._known: dict[str, tuple[Complexity, dict[str, Any]]] = {}  # counts and widths
        self._models: dict[str, CostModel] = {}
        if self.where is not None:
            one = self.draw(np.zeros((1, self.num_uniforms)))
            self._kept(self.where, one, lambda: {name: np.ones(1) for name in COUNTS})

    @property
    def base_text(self) -> str:
        """The config that networks of the space vary, without bases of its own."""
        return str(self.base.pretty_text)

    def draw(self, uniforms: NDArray[np.float64]) -> Values:
        """Draw parameters; None stands for one that a network does not have."""
        values = super().draw(uniforms)
        for each in self.drawn:
            if each.when is None:
                continue
            column = values[each.name].astype(object)
            for place, row in enumerate(rows_of({name: values[name] for name in each.when.names})):
                if None in row.values() or not each.when(row):
                    column[place] = None
            values[each.name] = column
        return values

    def networks(self, values: Values) -> list[Networks]:
        """Every draw makes a network; of stages nothing is known."""
        index = np.arange(len(next(iter(values.values()))))
        nothing = np.zeros((len(index), 0), dtype=np.int64)
        return [Networks(index, nothing, nothing)]

    def restricted(self, networks: Networks, values: Values) -> Networks:
        """Leave out networks that do not keep the rule of the space, where it has one."""
        if self.where is None:
            return networks
        drawn = {name: array[networks.index] for name, array in values.items()}
        return networks[
            self._kept(self.where, drawn, lambda: self.complexity(networks, values).to_dict())
        ]

    def _kept(self, where: Expression, drawn: Values, counts: Any) -> NDArray[np.bool_]:
        """Whether networks keep a rule on their parameters and counts."""
        numbers = {
            name: np.array([np.nan if one is None else one for one in array.tolist()])
            for name, array in drawn.items()
            if array.dtype.kind in 'iufO' and not any(isinstance(one, str) for one in array)
        }
        if where.names & set(COUNTS):
            counted = counts()
            numbers.update((name, counted[name]) for name in COUNTS)
        return where.holds(Known({}, numbers, also=COUNTS))

    def prepare(self, constraints: Constraints, progress: Callable[[int, int], None]) -> None:
        """Where there are bounds, count the networks that models of the counts are fitted to."""
        if _bounded(constraints):
            self._cost_models(progress)

    def proposed(self, networks: Networks, values: Values, constraints: Constraints) -> Networks:
        """Leave out networks whose parameters say that their counts are far from the intervals."""
        bounded = _bounded(constraints)
        if constraints.interval('stages') != EVERYTHING:
            raise ValueError('an interval of stages needs stages, which a ConfigSpace has none of')
        if not bounded:
            return networks
        kept = np.ones(len(networks), dtype=bool)
        columns = {name: array[networks.index] for name, array in values.items()}
        for name, model in self._cost_models().items():
            if name in bounded:
                kept &= model.within(columns, *bounded[name])
        return networks[kept]

    def _cost_models(
        self, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> dict[str, CostModel]:
        """Models of the counts, fitted once: to networks that depend on the space alone.

        None where the rule of the space leaves too few: then all are counted.
        """
        if not self._models:
            sequence = np.random.SeedSequence(_MODEL_SEED, spawn_key=(_MODEL_STREAM,))
            generator = np.random.Generator(np.random.PCG64(sequence))
            values = self.draw(generator.random((_MODEL_DRAWS, self.num_uniforms)))
            networks = self.networks(values)[0]
            if self.where is not None and not self.where.names & set(COUNTS):
                networks = self.restricted(networks, values)
            columns = {name: array[networks.index] for name, array in values.items()}
            columns = {name: array[:_COUNTED] for name, array in columns.items()}
            rows = list(rows_of(columns))
            if len(rows) < _FEWEST:
                return {}
            encoding = Encoding(columns)
            for done, row in enumerate(rows):
                progress(done, len(rows))
                self._count(row)  # and it is known from now on
            counts = self.complexity(networks[np.arange(len(networks)) < _COUNTED], values)
            self._models = {
                name: CostModel.fitted(encoding, columns, getattr(counts, name)) for name in COUNTS
            }
            self.counted = counts
        return self._models

    def complexity(self, networks: Networks, values: Values) -> Complexities:
        """Count networks.

        Raises:
            ValueError: if one cannot be computed, built or counted, with its parameters.
        """
        drawn = {name: array[networks.index] for name, array in values.items()}
        counted = [self._count(row).complexity.to_dict() for row in rows_of(drawn)]
        return Complexities(
            **{
                name: np.array([one[name] for one in counted], dtype=np.int64)
                for name in COMPLEXITY_FIELDS
            }
        )

    def samples(
        self, networks: Networks, values: Values, counts: Complexities, predicted: Values
    ) -> Iterator[Sample]:
        """Yield the networks one at a time: parameters, and the settings that they make."""
        for row in rows_of(values):
            found = self._count(row)
            settings = {
                name: found.named[name] for name in SETTINGS if found.named.get(name) is not None
            }
            yield Sample(
                parameters={
                    name: value
                    for name, value in row.items()
                    if value is not None and name not in SETTINGS
                },
                config=found.config,
                complexity=found.complexity,
                num_classes=self.num_classes,
                **{'resolution': self.resolution, **settings},
            )

    def _count(self, row: Mapping[str, Any]) -> '_Counted':
        """Compute, build and count the network of a row; what was counted before is known.

        Counts depend on the settings of the model, but for those that cost nothing, and the image.
        """
        try:
            settings = settings_of(row, self.drawn, self.derived)
            resolution = settings.named.get('resolution') or self.resolution
            of_model = {key: value for key, value in settings.config.items() if _costs(key)}
            key = json.dumps([of_model, resolution], sort_keys=True)
            if key not in self._known:
                config = Config(
                    dict(
                        model=deepcopy(self.base.model),
                        default_scope=self.base.get('default_scope'),
                    )
                )
                for name, value in settings.config.items():
                    if name.startswith('model.'):
                        set_value(config, name, value)
                counts, widths = count_fitted(config, resolution, fixed=settings.config)
                self._known[key] = counts.complexity, widths
            complexity, widths = self._known[key]
        except ValueError as error:
            said = ', '.join(f'{name}={value!r}' for name, value in row.items())
            raise ValueError(f'{error}; with {said}') from error
        return _Counted(complexity, {**settings.config, **widths}, settings.named)

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs; the library is imported there."""
        return dict(self.__dict__, base=self.base.to_dict())

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, base=Config(state['base']))
        import_library(self.base)


@dataclass(frozen=True)
class _Counted:
    """A network of a space.

    Attributes:
        complexity: of it.
        config: settings by key, with the widths of neck and head.
        named: all values by name.
    """

    complexity: Complexity
    config: dict[str, Any]
    named: dict[str, Any]


def _bounded(constraints: Constraints) -> dict[str, tuple[float, float]]:
    """The intervals of counts that not every network is in."""
    intervals = {name: constraints.interval(name) for name in COUNTS}
    return {name: ends for name, ends in intervals.items() if ends != EVERYTHING}


def _costs(key: str) -> bool:
    """Whether counts may depend on a key."""
    return key.startswith('model.') and key.rpartition('.')[2] not in _FREE


def _resolution(base: Config, given: object) -> int:
    if given is None:
        side = stated_side(base)
        return side if isinstance(side, int) else DEFAULT_RESOLUTION
    if not is_count(given):
        raise ValueError(f'resolution must be a positive whole number, but resolution={given!r}')
    return given


def _classes(base: Config) -> int:
    """The classes of the first head that has some; 1 of a model without."""
    for key in all_keys(base.model):
        if key.rpartition('.')[2] == 'num_classes':
            classes = value_at(base.model, key)
            if is_count(classes):
                return classes
    return 1
