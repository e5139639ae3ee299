"""What a study is made of: populations, how they are trained, and which network is trained again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Tuple


@dataclass(frozen=True)
class Part:
    """A population of a study, trained with one recipe.

    Attributes:
        name (str): for legends and tables, such as 'AnyNetX_A'.
        key (str): of its folder and its file of results.
        space (str): path of the design space's config.
        recipe (str): path of the recipe's config.
        flops (tuple[float, float]): interval that its networks are held to, multiply-adds of an
            image.
        size (int): networks that are trained.
        seed (int): of the sampling; another one for each space, so that no two populations are
            drawn by the same numbers.
        seeds (tuple[int]): of the trainings.
        of (str): key of the part whose networks are trained again, the first ``size`` of them; its
            own where it is sampled.
        latency (bool): whether the networks are timed as well.
        settings (dict): of the recipe, in place of its own.
    """

    name: str
    key: str
    space: str
    recipe: str
    flops: Tuple[float, float]
    size: int
    seed: int = 0
    seeds: Tuple[int, ...] = (0,)
    of: Optional[str] = None
    latency: bool = False
    settings: Optional[dict] = None

    @property
    def folder(self):
        """Name of the population's folder."""
        return self.of or self.key

    @property
    def recipe_name(self):
        """Name of its runs: a recipe with other settings is another recipe."""
        return self.key if self.settings else Path(self.recipe).stem


@dataclass(frozen=True)
class Selection:
    """The networks found: the best of some random ones, trained longer beside others (section 5).

    Attributes:
        of (str): key of the part that they are chosen from, by its errors.
        among (int): candidates, the first so many.
        recipe (str): path of the longer recipe's config.
        baselines (tuple[str]): published names.
        flops (float): that the widths of the baselines are scaled to.
        seeds (tuple[int]): of the trainings.
    """

    of: str
    among: int
    recipe: str
    baselines: Tuple[str, ...]
    flops: float
    seeds: Tuple[int, ...]


@dataclass(frozen=True)
class Plan:
    """A study.

    Attributes:
        path (Path): of the config.
        parts (tuple[Part]): in the order in which they are carried out.
        selection (Selection, optional): at the end.
    """

    path: Path
    parts: Tuple[Part, ...]
    selection: Optional[Selection] = None

    def part(self, key):
        """The part of a key."""
        return next(part for part in self.parts if part.key == key)
