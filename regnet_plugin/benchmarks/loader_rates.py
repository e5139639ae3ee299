"""The second table of tools/benchmark.py: images per second that a config's training loader
delivers.
"""

import copy
from itertools import product
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

from regnet_plugin.benchmarks.step_timing import loader_rate
from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.training.checks.data import check_data


def print_loader_rates(path, workers, decoders, seconds=5.0):
    """Measure the training loader of a config with several numbers of workers and decoders, and
    print a row for each.

    Args:
        path (str): the config. Where its data is missing, scikit-learn's two photographs (427x640,
            JPEG) stand for it.
        workers (Sequence[int]): numbers of loader processes, 0 for the training process itself.
        decoders (Sequence[str]): 'cv2' and 'pillow'; mmcv's 'turbojpeg' is no faster than cv2,
            which has it inside.
        seconds (float): measured for each row.
    """
    with blame(path):
        config = Config.fromfile(path)
    loader = config.train_dataloader
    try:
        check_data(config, path, ('train_dataloader',))
        source = 'its own images'
    except UserError:
        loader.dataset = _photographs(loader.dataset.pipeline)
        source = "scikit-learn's photographs, 427x640, since its own images are not here"
    print(
        f'\ntraining loader of {path}: {source}\n{"decoder":<12}{"workers":>8}{"images/s":>10}',
        flush=True,
    )
    for decoder, count in product(decoders, workers):
        with blame(f'decoder {decoder}'):
            rate = loader_rate(_loader(loader, config, decoder, count), seconds)
        print(f'{decoder:<12}{count:>8}{rate:>10.0f}', flush=True)


def _photographs(pipeline):
    """scikit-learn's sample images, often enough for any batch."""
    import sklearn.datasets

    folder = Path(sklearn.datasets.__file__).parent / 'images'
    photographs = dict(
        type='CustomDataset', data_root=str(folder), with_label=False, pipeline=pipeline
    )
    return dict(type='RepeatDataset', times=4096, dataset=photographs)


def _loader(loader, config, decoder, workers):
    loader = copy.deepcopy(loader)
    loader.num_workers = workers
    loader.persistent_workers = workers > 0
    dataset = loader.dataset
    while 'pipeline' not in dataset:
        dataset = dataset.dataset
    dataset.pipeline[0].imdecode_backend = decoder
    with DefaultScope.overwrite_default_scope(config.get('default_scope', 'mmpretrain')):
        return Runner.build_dataloader(loader, seed=0)
