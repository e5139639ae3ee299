"""What a study is made of: populations, how they are trained, which network is trained again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Part:
    """A population of a study, trained with one recipe.

    Attributes:
        name: for legends and tables, such as 'AnyNetX_A'.
        key: of its folder and its file of results.
        space: path of the design space's config.
        recipe: path of the recipe's config.
        flops: interval that its networks are held to, multiply-adds of an image.
        size: networks that are trained.
        seed: of the sampling; another one for each space, so that no two populations are drawn by
            the same numbers.
        seeds: of the trainings.
        of: key of the part whose networks are trained again, the first ``size`` of them; None where
            it is sampled itself.
        latency: whether the networks are timed as well.
        settings: of the recipe, in place of its own.
    """

    name: str
    key: str
    space: str
    recipe: str
    flops: tuple[float, float]
    size: int
    seed: int = 0
    seeds: tuple[int, ...] = (0,)
    of: str | None = None
    latency: bool = False
    settings: Mapping[str, Any] | None = None

    @property
    def folder(self) -> str:
        """Name of the population's folder."""
        return self.of or self.key

    @property
    def recipe_name(self) -> str:
        """Name of its runs: a recipe with other settings is another recipe."""
        return self.key if self.settings else Path(self.recipe).stem


@dataclass(frozen=True)
class Selection:
    """The networks found: the best of some random ones, trained longer beside others (section 5).

    Attributes:
        of: key of the part that they are chosen from, by its errors.
        among: number of candidates, the first networks of the part.
        recipe: path of the longer recipe's config.
        baselines: published names.
        flops: that the widths of the baselines are scaled to, multiply-adds of an image.
        seeds: of the trainings.
    """

    of: str
    among: int
    recipe: str
    baselines: tuple[str, ...]
    flops: float
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Schedules:
    """A short training whose ranking of networks is compared with that of a long one, in a pilot.

    Attributes:
        short, long: keys of parts with the same networks.
        again: key of the part of the long training with another seed.
    """

    short: str
    long: str
    again: str


@dataclass(frozen=True)
class Looks:
    """Pairs of parts whose networks are trained until it is decided which is better.

    A part of a pair is sampled as a whole, and trained as far as its pairs need it: some networks,
    a look, some more, until each pair is decided or as many are trained as are planned.

    Attributes:
        pairs: keys of two parts each, as a question of the study compares them.
        every: trainings of each part from one look to the next.
        most: trainings of each part at the last look, a multiple of it.
        margin: in points of error; two parts that differ by less are called equal.
        confidence: of what is said of each pair, over all its looks.
        margins: of pairs whose errors vary more, or less, in place of ``margin``.
    """

    pairs: tuple[tuple[str, str], ...]
    every: int
    most: int
    margin: float
    confidence: float = 0.95
    margins: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def margin_of(self, pair: tuple[str, str]) -> float:
        """Return the margin of a pair, in points of error."""
        return self.margins.get(pair, self.margin)

    def has(self, key: str) -> bool:
        """Whether a part is in one of the pairs."""
        return any(key in pair for pair in self.pairs)


@dataclass(frozen=True)
class Plan:
    """A study.

    Attributes:
        path: of the config.
        parts: in the order in which they are carried out.
        selection: at the end; None where nothing is selected.
        schedules: that are compared, of a pilot, the shortest first.
        looks: at pairs of parts; None where all networks of all parts are trained.
    """

    path: Path
    parts: tuple[Part, ...]
    selection: Selection | None = None
    schedules: tuple[Schedules, ...] = ()
    looks: Looks | None = None

    def is_looked_at(self, part: Part) -> bool:
        """Whether a part is trained as far as its pairs need it."""
        return self.looks is not None and self.looks.has(part.key)

    def part(self, key: str) -> Part:
        """Return the part of a key that is known to be there."""
        return next(part for part in self.parts if part.key == key)
