"""What a comparison is of, and when it is looked at: fixed before the first network is trained."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regnet_plugin.analysis import LookRules, Statistic
from regnet_plugin.analysis.looks.boundaries import SHAPE
from regnet_plugin.cli.errors import UserError, blame, not_ended
from regnet_plugin.cli.wording import counted
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.parameter_space import ParameterSpace
from regnet_plugin.files import is_there, read_object, replace

PLAN = 'comparison.json'  # the plan, in the folder of a comparison
EVERY = 10  # trainings of each space between two looks


@dataclass(frozen=True, eq=False)
class ComparedSpace:
    """A design space that is compared.

    Attributes:
        name: of its config, and of its population's folder.
        space: to draw from.
        described: the space as its config has it.
        constraints: with the interval of flops.
    """

    name: str
    space: ParameterSpace
    described: Mapping[str, Any]
    constraints: Constraints


@dataclass(frozen=True, eq=False)
class ComparisonPlan:
    """A comparison, made by `plan_comparison`.

    Attributes:
        spaces: at least two.
        recipe: path of the config that says how networks are trained.
        trainings: at most so many, of all spaces together.
        size: networks that are sampled of each space; what is known of those that are not trained
            makes means surer.
        margin: differences below it do not matter, in the unit of the statistic.
        confidence: of what is said in the end.
        statistic: what they are compared by.
        seed: of the samples.
        name: of the runs' folders.
        options: settings of the recipe that are replaced.
    """

    spaces: tuple[ComparedSpace, ...]
    recipe: Path
    trainings: int
    size: int
    margin: float
    confidence: float
    statistic: Statistic
    seed: int
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the spaces."""
        return tuple(space.name for space in self.spaces)

    @property
    def looks(self) -> int:
        """How many looks are planned."""
        return self.trainings // (EVERY * len(self.spaces))

    @property
    def of_each(self) -> int:
        """Trainings of each space at most: as many as there are looks for."""
        return EVERY * self.looks

    @property
    def rules(self) -> LookRules:
        """What is asked of the looks."""
        return LookRules(self.looks, self.margin, self.confidence, self.statistic.more_is_better)

    def seed_of(self, name: str) -> int:
        """Seed of the sample of a space: another one for each, so that samples are independent."""
        return self.seed + self.names.index(name)

    @property
    def noted(self) -> dict[str, Any]:
        """What must not change while it goes on, as its file has it."""
        spaces = {
            space.name: dict(space=space.described, constraints=space.constraints.to_dict())
            for space in self.spaces
        }
        values = dict(
            spaces=spaces,
            trainings=self.trainings,
            every=EVERY,
            shape=SHAPE,
            size=self.size,
            margin=self.margin,
            confidence=self.confidence,
            statistic=self.statistic.text,
            seed=self.seed,
            recipe=self.name,
        )
        as_read: dict[str, Any] = json.loads(json.dumps(values, default=str))
        return as_read


def plan_comparison(
    spaces: Sequence[str | Path],
    recipe: str | Path,
    *,
    flops: tuple[float, float],
    trainings: int = 200,
    size: int = 500,
    margin: float = 0.5,
    confidence: float = 0.95,
    statistic: str = 'mean',
    seed: int = 0,
    name: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> ComparisonPlan:
    """Plan a comparison of design spaces.

    Args:
        spaces: paths of their configs.
        recipe: path of the config that says how networks are trained.
        flops: interval that all networks keep, so that it is not sizes that are compared.
        trainings: at most so many, of all spaces together. Default: 200.
        size: networks that are sampled of each space. Default: 500, as in the paper.
        margin: differences below it do not matter. Default: half a point.
        confidence: of what is said in the end. Default: 0.95.
        statistic: what they are compared by, see `Statistic.of_text`. Default: the mean error.
        seed: of the samples. Default: 0.
        name: of the runs' folders. Default: None, that of the recipe's file.
        options: settings of the recipe that are replaced. Default: none.

    Raises:
        UserError: if a config cannot be read.
        ValueError: if spaces are the same, or a number is out of range.
    """
    compared = tuple(_space(path, flops) for path in spaces)
    _check_spaces(compared)
    plan = ComparisonPlan(
        spaces=compared,
        recipe=Path(recipe),
        trainings=trainings,
        size=size,
        margin=margin,
        confidence=confidence,
        statistic=Statistic.of_text(statistic),
        seed=seed,
        name=Path(recipe).stem if name is None else name,
        options=dict(options or {}),
    )
    if plan.looks < 1:
        raise ValueError(
            f'trainings must be at least {EVERY} of each space, {EVERY * len(compared)} in all, '
            f'but they are {trainings}'
        )
    if size < plan.of_each:
        raise ValueError(
            f'size must be at least the {plan.of_each} trainings of each space, but it is {size}'
        )
    plan.rules
    return plan


def _space(path: str | Path, flops: tuple[float, float]) -> ComparedSpace:
    with blame(path), not_ended():
        space, described, constraints = design_space_of(path, intervals=dict(flops=list(flops)))
    return ComparedSpace(Path(path).stem, space, described, constraints)


def _check_spaces(spaces: Sequence[ComparedSpace]) -> None:
    """Check that there are two spaces or more, all different, with names of their own."""
    if len(spaces) < 2:
        raise ValueError(
            f'a comparison is of two spaces or more, but it is of {counted(len(spaces), "space")}'
        )
    for place, space in enumerate(spaces):
        for other in spaces[:place]:
            if (space.described, space.constraints) == (other.described, other.constraints):
                raise ValueError(
                    f'spaces must differ, but {other.name} and {space.name} are the same'
                )
            if space.name == other.name:
                raise ValueError(
                    f'configs of spaces must have names of their own, but two are called '
                    f'{space.name}'
                )


def note_plan(plan: ComparisonPlan, directory: Path) -> None:
    """Write a plan into the folder of its comparison, or check that it is the one that is there.

    Raises:
        UserError: if the folder holds another comparison. Whoever plans more looks after the first
            ones, or another margin, has no level any more.
    """
    path = directory / PLAN
    if not is_there(path):
        directory.mkdir(parents=True, exist_ok=True)
        replace(path, json.dumps(plan.noted, indent=2) + '\n')
        return
    with blame(path):
        before = read_object(path)
    for name, value in plan.noted.items():
        if before.get(name) != value:
            raise UserError(
                f'a comparison goes on as it was planned, but in {path} {name} is '
                f'{_short(before.get(name))}, not {_short(value)}: give it another folder (--out)'
            )


def _short(value: Any) -> str:
    """A value for a message; of the spaces their names."""
    text = ', '.join(value) if isinstance(value, dict) else str(value)
    return text if len(text) <= 80 else f'{text[:80]}…'
