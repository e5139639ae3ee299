"""Images per second from a config's training loader: the second table of tools/benchmark.py."""

import copy
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.cli.printing import say
from regnet_plugin.training.checks.data import check_data

_OWN_IMAGES = 'its own images'
_PHOTOGRAPHS = "scikit-learn's photographs, 427x640, since its own images are not here"


@dataclass(frozen=True)
class LoaderRate:
    """What a config's training loader delivers.

    Attributes:
        images: which ones: the config's own, or what stands for them.
        decoder: of JPEGs, as mmcv names it.
        workers: processes of the loader, 0 for the training process itself.
        rate: images per second.
    """

    images: str
    decoder: str
    workers: int
    rate: float


def loader_rate(loader: Iterable[Any], seconds: float = 5.0) -> float:
    """Count the images per second that a data loader delivers, after its first batch.

    Args:
        loader: gives batches that are dicts with a list or tensor ``inputs``, as mmpretrain's do;
            begun again when it ends.
        seconds: how long to look, at least.

    Returns:
        Images per second.
    """
    images = 0
    start = None  # once the first batch is there, which the start of the workers delays
    batches = iter(loader)
    while start is None or time.perf_counter() - start < seconds:
        batch = next(batches, None)
        if batch is None:
            batches = iter(loader)
        elif start is None:
            start = time.perf_counter()
        else:
            images += len(batch['inputs'])
    return images / (time.perf_counter() - start)


def loader_rates(
    path: str, workers: Sequence[int], decoders: Sequence[str], seconds: float = 5.0
) -> Iterator[LoaderRate]:
    """Measure a config's training loader with each decoder and number of workers.

    Args:
        path: the config. Where its data is missing, scikit-learn's two photographs (427x640, JPEG)
            stand for it.
        workers: numbers of loader processes, 0 for the training process itself.
        decoders: 'cv2' and 'pillow'; mmcv's 'turbojpeg' is no faster than cv2, which has it inside.
        seconds: measured for each.

    Yields:
        A rate as soon as it is measured.
    """
    with blame(path):
        config = Config.fromfile(path)
    loader = config.train_dataloader
    try:
        check_data(config, path, ('train_dataloader',))
        images = _OWN_IMAGES
    except UserError:
        loader.dataset = _photographs(loader.dataset.pipeline)
        images = _PHOTOGRAPHS
    for decoder, count in product(decoders, workers):
        with blame(f'decoder {decoder}'):
            rate = loader_rate(_build_loader(loader, config, decoder, count), seconds)
        yield LoaderRate(images, decoder, count, rate)


def print_loader_rates(path: str, workers: Sequence[int], decoders: Sequence[str]) -> None:
    """Measure a config's training loader, and print a row for each decoder and number of workers.

    Args:
        path, workers, decoders: see `loader_rates`.
    """
    for number, found in enumerate(loader_rates(path, workers, decoders)):
        if number == 0:
            say(f'\ntraining loader of {path}: {found.images}')
            say(f'{"decoder":<12}{"workers":>8}{"images/s":>10}')
        say(f'{found.decoder:<12}{found.workers:>8}{found.rate:>10.0f}')


def _photographs(pipeline: Any) -> dict[str, Any]:
    """The config of a dataset of scikit-learn's sample images, often enough for any batch."""
    import sklearn.datasets  # an optional dependency

    folder = Path(sklearn.datasets.__file__).parent / 'images'
    photographs = dict(
        type='CustomDataset', data_root=str(folder), with_label=False, pipeline=pipeline
    )
    return dict(type='RepeatDataset', times=4096, dataset=photographs)


def _build_loader(loader: Any, config: Config, decoder: str, workers: int) -> Iterable[Any]:
    """Build the loader of a config with another decoder and number of processes."""
    loader = copy.deepcopy(loader)
    loader.num_workers = workers
    loader.persistent_workers = workers > 0
    dataset = loader.dataset
    while 'pipeline' not in dataset:  # wrappers
        dataset = dataset.dataset
    dataset.pipeline[0].imdecode_backend = decoder
    with DefaultScope.overwrite_default_scope(config.get('default_scope', 'mmpretrain')):
        return Runner.build_dataloader(loader, seed=0)
