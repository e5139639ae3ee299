"""Images that are decoded once: for many trainings on the same data, which fits into memory once it
is resized.
"""

import hashlib
import os
import pickle
import random
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import PIL
import torch
from mmengine.dataset import Compose, force_full_init
from mmengine.logging import print_log

from regnet_plugin.files import locked, remove_unfinished, unfinished
from regnet_plugin.registry import DATASETS

_PATIENCE = 2.0  # seconds without a bar
_CHUNK = 256  # samples that may wait to be written
_PROBES = 32  # samples that foretell the size


@DATASETS.register_module()
class Decoded:
    """A dataset whose images go through the first part of their pipeline once, and are kept as they
    come out of it.

    The file of them is mapped into memory: all workers, runs and processes of a machine share its
    pages, and read it from disk once as long as it fits (ImageNet with a short side of 256 takes
    about 340 GB). Samples are equal to those of the two pipelines in a row. The file's name is made
    of all that decides its content: the first pipeline, the dataset's records, sizes and times of
    the image files, the decoders' versions. Of several processes one writes it and the others wait.
    Files that are no longer wanted are yours to remove.

    Args:
        dataset (dict): config of a dataset of image files. Its pipeline must not draw from the
            global random generators, as random transforms do.
        pipeline (Sequence[dict]): the rest of the pipeline, applied to a copy each time.
        folder (str): where the files are. Default: 'work_dirs/decoded'.
        lazy_init (bool): decode when `full_init` is called, not now. Default: False.

    Raises:
        ValueError: if the dataset's pipeline is random or gives nothing for an image, or its images
            are not files.
        OSError: if the disk has not enough space.
    """

    def __init__(self, dataset, pipeline, folder='work_dirs/decoded', lazy_init=False):
        self.dataset = DATASETS.build(dataset)
        self.pipeline = Compose(pipeline)
        self.folder = Path(folder)
        self._steps = (
            repr(dataset.get('pipeline')),
            repr([type(step) for step in self.dataset.pipeline.transforms]),
        )
        self._fully_initialized = False
        if not lazy_init:
            self.full_init()

    @property
    def metainfo(self):
        return self.dataset.metainfo

    def full_init(self):
        if self._fully_initialized:
            return
        self.dataset.full_init()
        path = self.folder / f'{self._digest()}.samples'
        if not path.exists():
            _write_once(path, self.dataset)
        self._samples = _Samples(path, len(self.dataset))
        self._fully_initialized = True

    @force_full_init
    def get_data_info(self, index):
        return self.dataset.get_data_info(index)

    @force_full_init
    def get_cat_ids(self, index):
        return self.dataset.get_cat_ids(index)

    @force_full_init
    def __len__(self):
        return len(self.dataset)

    @force_full_init
    def __getitem__(self, index):
        return self.pipeline(self._samples[index])

    def _digest(self):
        digest = hashlib.sha256(repr((self._steps, cv2.__version__, PIL.__version__)).encode())
        for index in range(len(self.dataset)):
            record = self.dataset.get_data_info(index)
            if 'img_path' not in record:
                raise ValueError(
                    'images to be decoded once must be files, but the records of a '
                    f'{type(self.dataset).__name__} have no img_path'
                )
            file = os.stat(record['img_path'])
            digest.update(repr((sorted(record.items()), file.st_size, file.st_mtime_ns)).encode())
        return digest.hexdigest()[:16]


class _Samples:
    """The file: where the samples end, int64, then the samples, pickled. A worker that is sent it
    opens it anew.
    """

    def __init__(self, path, number):
        self._arguments = path, number
        self._ends = np.memmap(path, np.int64, 'r', shape=(number,))
        self._bytes = np.memmap(path, np.uint8, 'r')

    def __reduce__(self):
        return _Samples, self._arguments

    def __getitem__(self, index):
        index = range(len(self._ends))[index]
        start = self._ends[index - 1] if index else self._ends.nbytes
        return pickle.loads(self._bytes[start : self._ends[index]])


def _write_once(path, dataset):
    """Write the file unless another process does; whoever dies over it lets the next one in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(
        path.with_suffix('.lock'),
        when_waiting=lambda: print_log(
            f'another process decodes the images into {path.parent}; waiting', logger='current'
        ),
    ):
        if path.exists():
            return
        remove_unfinished(path)
        _check(dataset, path.parent)
        with unfinished(path) as part:
            _write(part, dataset)


def _check(dataset, folder):
    """Refuse a random pipeline, and a disk that is too small."""
    before = _random_state()
    probes = np.unique(np.linspace(0, len(dataset) - 1, _PROBES, dtype=int)).tolist()
    needed = len(dataset) * (8 + np.mean([len(_decode(dataset, index)) for index in probes]))
    if _random_state() != before:
        steps = [type(step).__name__ for step in dataset.pipeline.transforms]
        raise ValueError(
            f'a pipeline that is applied once must not be random, but one of {steps} draws random '
            'numbers'
        )
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise OSError(
            f'the decoded images need about {needed / 1e9:.3g} GB, but {folder} has '
            f'{free / 1e9:.3g} GB '
            'left'
        )


def _random_state():
    return pickle.dumps((random.getstate(), np.random.get_state(), torch.get_rng_state().numpy()))


def _decode(dataset, index):
    sample = dataset.pipeline(dataset.get_data_info(index))
    if sample is None:
        raise ValueError(
            f'the pipeline gives no sample of {dataset.get_data_info(index)["img_path"]}'
        )
    return pickle.dumps(sample, protocol=5)


def _write(path, dataset):
    number, ends, cores = len(dataset), [], len(os.sched_getaffinity(0))
    with open(path, 'xb') as file, _progress(number) as tell, ThreadPoolExecutor(cores) as threads:
        file.seek(8 * number)
        for first in range(0, number, _CHUNK):
            for sample in threads.map(
                _decode, [dataset] * _CHUNK, range(first, min(first + _CHUNK, number))
            ):
                file.write(sample)
                ends.append(file.tell())
            tell(len(ends))
        file.seek(0)
        file.write(np.array(ends, dtype=np.int64).tobytes())
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _progress(number):
    """Give a function to be told how many images are done."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    bar, start = None, time.monotonic()

    def tell(done):
        nonlocal bar
        if bar is None and time.monotonic() - start > _PATIENCE:
            bar = Progress(
                TextColumn('decoding'),
                MofNCompleteColumn(),
                BarColumn(),
                TextColumn('ETA'),
                TimeRemainingColumn(),
            )
            bar.start()
            bar.add_task('', total=number)
        if bar is not None:
            bar.update(bar.task_ids[0], completed=done)

    try:
        yield tell
    finally:
        if bar is not None:
            bar.stop()
