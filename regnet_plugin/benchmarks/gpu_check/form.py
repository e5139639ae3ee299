"""How large everything is that is measured: on a GPU, and in miniature on a CPU."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """The sizes of what is measured.

    Attributes:
        seconds: that one start measures at most. Parts rarely take all that they may, so that
            together they may take more.
        patience: by which the seconds of each part are multiplied.
        networks: batches by published name; the steps of these are timed.
        resolution: of their images.
        rounds: steps of each contestant.
        fast_path: that is compared with timm's eager mode, as tools/benchmark.py names paths.
        detector: published name of its backbone.
        detector_batch: images in its step.
        detector_shape: their height and width.
        digits: networks of the population.
        digits_batch: images in a step of one.
        workers: numbers of networks of the population that are trained at a time.
        training: settings of the recipe with which they are trained, KEY=VALUE.
        loader_workers: numbers of processes of the loader.
        loader_seconds: for which each of them is looked at.
    """

    seconds: float
    patience: float
    networks: Mapping[str, int]
    resolution: int
    rounds: int
    fast_path: str
    detector: str
    detector_batch: int
    detector_shape: tuple[int, int]
    digits: int
    digits_batch: int
    workers: tuple[int, ...]
    training: tuple[str, ...]
    loader_workers: tuple[int, ...]
    loader_seconds: float


ON_GPU = Form(
    seconds=570,  # ten minutes with the imports before
    patience=1,
    networks={'regnetx_3.2gf': 64, 'regnety_4.0gf': 64, 'regnety_16gf': 64},
    resolution=224,
    rounds=8,
    fast_path='channels_last+bfloat16+compile',
    detector='regnetx_3.2gf',
    detector_batch=2,
    detector_shape=(800, 1344),
    digits=16,
    digits_batch=64,
    workers=(1, 8),
    training=('train_cfg.max_epochs=3',),
    loader_workers=(0, 2, 8),
    loader_seconds=3,
)
# Nothing is compiled, which takes a minute for each network whatever its size.
MINIATURE = Form(
    seconds=1800,
    patience=5,
    networks={'regnety_400mf': 2},  # the smallest that torchvision has
    resolution=32,
    rounds=1,
    fast_path='channels_last+bfloat16',
    detector='regnetx_400mf',
    detector_batch=1,
    detector_shape=(64, 64),
    digits=2,
    digits_batch=4,
    workers=(1, 2),
    training=(
        'train_cfg.max_epochs=1',
        'train_dataloader.dataset.indices=64',
        'val_dataloader.dataset.indices=32',
    ),
    loader_workers=(0,),
    loader_seconds=0.2,
)
FORMS = {'cuda': ON_GPU, 'cpu': MINIATURE}  # by device
