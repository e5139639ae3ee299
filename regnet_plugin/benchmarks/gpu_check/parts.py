"""The parts of the check, one after the other: what each measures, and how long it may take."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from regnet_plugin.benchmarks.detector_comparison import ComparedDetector, compare_detectors
from regnet_plugin.benchmarks.gpu_check.form import FORMS, Form
from regnet_plugin.benchmarks.gpu_check.gpu_tests import GpuTests, run_gpu_tests
from regnet_plugin.benchmarks.library_comparison import AGAIN, ComparedStep, compare_steps
from regnet_plugin.benchmarks.loader_rates import LoaderRate, loader_rates
from regnet_plugin.benchmarks.populations.memory_formats import ComparedFormats, compare_formats
from regnet_plugin.benchmarks.populations.population_rates import PopulationRate, population_rate
from regnet_plugin.design_spaces.configuration import design_space_of
from regnet_plugin.population.making.sampling import sample_population
from regnet_plugin.population.store import Population

Row: TypeAlias = (
    GpuTests | ComparedStep | ComparedDetector | ComparedFormats | PopulationRate | LoaderRate
)

EAGER = 'eager'
KINDS = ('training', 'inference')
_FORMATS = ('channels_last', 'bfloat16', 'channels_last+bfloat16')  # that need no compilation


@dataclass(frozen=True)
class Part:
    """Something that is measured by itself.

    Attributes:
        name: of the part, in the file of what was measured.
        what: it measures, for people.
        seconds: that it takes at most.
        kind: of what it yields.
        measure: does it, and yields what was measured as soon as it was.
    """

    name: str
    what: str
    seconds: float
    kind: type[Row]
    measure: Callable[[], Iterator[Row]]


@dataclass(frozen=True)
class Place:
    """Where things are that parts need.

    Attributes:
        tree: folder with tools/, configs/ and, where it is a clone, tests/.
        scratch: folder for what nobody needs afterwards.
    """

    tree: Path
    scratch: Path


def steps_of(network: str) -> str:
    """The name of the part that times a network's steps as they are."""
    return f'steps of {network}'


def fast_path_of(network: str) -> str:
    """The name of the part that times a network's steps on the fast path."""
    return f'fast path of {network}'


def parts_of(form: Form, place: Place) -> list[Part]:
    """The parts in the order in which they are measured: first what is asked for most.

    Args:
        form: how large everything is.
        place: where things are. Without tests/gpu there is no part of tests.
    """
    parts = [_tests(place)] if (place.tree / 'tests/gpu').is_dir() else []
    parts += [_steps(form, network) for network in form.networks]
    parts += [_formats_of_digits(form, place), _population(form, place), _detector(form)]
    parts += [_fast_path(form, network) for network in form.networks]
    parts += [_loader(form, place)]
    return parts


def kinds_of_rows(tree: Path) -> dict[str, type[Row]]:
    """What the parts of all forms yield, by their names."""
    place = Place(tree, tree)
    return {part.name: part.kind for form in FORMS.values() for part in parts_of(form, place)}


def _tests(place: Place) -> Part:
    def measure() -> Iterator[Row]:
        yield run_gpu_tests(place.tree / 'tests/gpu')

    return Part('tests', 'the tests that need a GPU', 100, GpuTests, measure)


def _steps(form: Form, network: str) -> Part:
    contestants = [(EAGER, 'ours'), (EAGER, 'timm'), (EAGER, 'torchvision'), (EAGER, AGAIN)]
    contestants += [(path, library) for path in _FORMATS for library in ('ours', 'timm')]

    def measure() -> Iterator[Row]:
        for kind in KINDS:
            yield from _compare(form, network, kind, contestants)

    what = (
        f'training and inference of {network} in batches of {form.networks[network]}, beside timm '
        'and torchvision: eager, channels innermost, bfloat16; memory'
    )
    return Part(steps_of(network), what, 35, ComparedStep, measure)


def _fast_path(form: Form, network: str) -> Part:
    # timm's eager mode once more: times are compared within a round
    contestants = [(EAGER, 'ours'), (EAGER, 'timm')]
    contestants += [(form.fast_path, 'ours'), (form.fast_path, 'timm')]
    what = (
        f'training of {network} in batches of {form.networks[network]} on the fast path '
        f'({form.fast_path}), beside timm; memory'
    )
    measure = partial(_compare, form, network, 'training', contestants)
    return Part(fast_path_of(network), what, 100, ComparedStep, measure)


def _compare(
    form: Form, network: str, kind: str, contestants: list[tuple[str, str]]
) -> Iterator[Row]:
    yield from compare_steps(
        network,
        kind,
        contestants,
        batch=form.networks[network],
        resolution=form.resolution,
        rounds=form.rounds,
    )


def _detector(form: Form) -> Part:
    def measure() -> Iterator[Row]:
        for kind in KINDS:
            yield from compare_detectors(
                form.detector,
                kind,
                batch=form.detector_batch,
                shape=form.detector_shape,
                rounds=form.rounds,
            )

    height, width = form.detector_shape
    what = (
        f'Faster R-CNN with {form.detector}, {form.detector_batch} images of {height}x{width}, '
        "beside mmdet's own RegNet; memory"
    )
    return Part('detector', what, 40, ComparedDetector, measure)


def _formats_of_digits(form: Form, place: Place) -> Part:
    def measure() -> Iterator[Row]:
        with _sampled_digits(form, place) as population:
            yield from compare_formats(population, batch=form.digits_batch, rounds=form.rounds)

    what = (
        f"training steps of {form.digits} networks of the digits' space in float32, with the "
        'channels outermost and innermost'
    )
    return Part('memory formats of small networks', what, 20, ComparedFormats, measure)


def _population(form: Form, place: Place) -> Part:
    def measure() -> Iterator[Row]:
        recipe = place.tree / 'configs/recipes/dds_10e_digits.py'
        tool = place.tree / 'tools/train_population.py'
        with _sampled_digits(form, place) as population:
            for workers in form.workers:
                yield population_rate(tool, population, recipe, workers, form.training)

    counts = ' and '.join(map(str, form.workers))
    what = f'networks per hour: the same {form.digits} networks, {counts} of them at a time'
    return Part('population', what, 75, PopulationRate, measure)


@contextmanager
def _sampled_digits(form: Form, place: Place) -> Iterator[Population]:
    """A population of the digits' space, the same one each time, in a folder that goes."""
    config = place.tree / 'configs/design_spaces/regnetx_digits.py'
    space, described, constraints = design_space_of(config)
    with tempfile.TemporaryDirectory(dir=place.scratch) as folder:
        yield sample_population(
            space, described, constraints, size=form.digits, seed=0, directory=folder
        )


def _loader(form: Form, place: Place) -> Part:
    path = 'configs/regnetx_400mf_imagenet.py'

    def measure() -> Iterator[Row]:
        seconds = form.loader_seconds
        yield from loader_rates(str(place.tree / path), form.loader_workers, ['cv2'], seconds)

    return Part('loader', f'images/s of the training loader of {path}', 20, LoaderRate, measure)
