"""Images that are decoded once, for many trainings on the same data.

The data must fit into memory once it is resized.
"""

import hashlib
import os
import pickle
import random
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import PIL
import torch
from mmengine.dataset import BaseDataset, Compose, force_full_init
from mmengine.logging import print_log

from regnet_plugin.cli.progress import progress_bar
from regnet_plugin.files import locked, remove_unfinished, unfinished
from regnet_plugin.pool import usable_cores
from regnet_plugin.registry import DATASETS

if TYPE_CHECKING:
    from rich.progress import Progress

_CHUNK = 256  # samples that may wait to be written, so that memory holds no more of them
_PROBES = 32  # samples that foretell the size of the file


@DATASETS.register_module()
class Decoded:
    """A dataset whose images go through the first part of their pipeline once, and are kept.

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

    def __init__(
        self,
        dataset: dict[str, Any],
        pipeline: Sequence[dict[str, Any]],
        folder: str = 'work_dirs/decoded',
        lazy_init: bool = False,
    ) -> None:
        self.dataset: BaseDataset = DATASETS.build(dataset)
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
    def metainfo(self) -> Mapping[str, Any]:
        """What the dataset tells of itself, such as the names of its classes."""
        return self.dataset.metainfo

    def full_init(self) -> None:
        """Open the file of samples, and write it first if it is not there."""
        if self._fully_initialized:
            return
        self.dataset.full_init()
        path = self.folder / f'{self._digest()}.samples'
        if not path.exists():
            _write_once(path, self.dataset)
        self._samples = _Samples(path, len(self.dataset))
        self._fully_initialized = True

    @force_full_init
    def get_data_info(self, index: int) -> dict[str, Any]:
        """The record of an image, as of MMEngine's datasets."""
        return self.dataset.get_data_info(index)

    @force_full_init
    def get_cat_ids(self, index: int) -> list[int]:
        """The classes of an image, as of mmpretrain's and mmdet's datasets."""
        return self.dataset.get_cat_ids(index)

    @force_full_init
    def __len__(self) -> int:
        return len(self.dataset)

    @force_full_init
    def __getitem__(self, index: int) -> Any:
        return self.pipeline(self._samples[index])

    def _digest(self) -> str:
        """What the file of samples is named after: all that decides its content."""
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
    """The file: where the samples end, int64, then the samples, pickled.

    A worker process that is sent this opens the file anew, so that it maps the same pages.
    """

    def __init__(self, path: Path, number: int) -> None:
        self._path = path
        self._ends = np.memmap(path, np.int64, 'r', shape=(number,))
        self._bytes = np.memmap(path, np.uint8, 'r')

    def __reduce__(self) -> tuple[type['_Samples'], tuple[Path, int]]:
        return _Samples, (self._path, len(self._ends))

    def __getitem__(self, index: int) -> Any:
        index = range(len(self._ends))[index]  # negative ones count from the end
        start = self._ends[index - 1] if index else self._ends.nbytes
        return pickle.loads(self._bytes[start : self._ends[index]].data)


def _write_once(path: Path, dataset: BaseDataset) -> None:
    """Write the file unless another process does; whoever dies over it lets the next one in."""
    path.parent.mkdir(parents=True, exist_ok=True)

    def say_who_is_waited_for() -> None:
        print_log(
            f'another process decodes the images into {path.parent}; waiting', logger='current'
        )

    with locked(path.with_suffix('.lock'), when_waiting=say_who_is_waited_for):
        if path.exists():
            return
        remove_unfinished(path)
        _check(dataset, path.parent)
        with unfinished(path) as part:
            _write(part, dataset)


def _check(dataset: BaseDataset, folder: Path) -> None:
    """Refuse a random pipeline, and a disk that is too small."""
    before = _random_state()
    probes = np.unique(np.linspace(0, len(dataset) - 1, _PROBES, dtype=int)).tolist()
    mean_size = np.mean([len(_decode(dataset, index)) for index in probes])
    if _random_state() != before:
        steps = [type(step).__name__ for step in dataset.pipeline.transforms]
        raise ValueError(
            f'a pipeline that is applied once must not be random, but one of {steps} draws random '
            'numbers'
        )
    needed = len(dataset) * (8 + mean_size)  # 8 bytes tell where a sample ends
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise OSError(
            f'the decoded images need about {needed / 1e9:.3g} GB, but {folder} has '
            f'{free / 1e9:.3g} GB left'
        )


def _random_state() -> bytes:
    """The state of the global generators that transforms draw from."""
    return pickle.dumps((random.getstate(), np.random.get_state(), torch.get_rng_state().numpy()))


def _decode(dataset: BaseDataset, index: int) -> bytes:
    """The sample of an image after the dataset's own pipeline, pickled."""
    sample = dataset.pipeline(dataset.get_data_info(index))
    if sample is None:
        raise ValueError(
            f'the pipeline gives no sample of {dataset.get_data_info(index)["img_path"]}'
        )
    return pickle.dumps(sample, protocol=5)


def _write(path: Path, dataset: BaseDataset) -> None:
    """Write the file of all samples, decoded by as many threads as there are cores."""
    number = len(dataset)
    cores = usable_cores()
    ends: list[int] = []
    with (
        open(path, 'xb') as file,
        progress_bar(_new_bar) as tell,
        ThreadPoolExecutor(cores) as threads,
    ):
        file.seek(8 * number)  # where the samples begin: behind the table of their ends
        for first in range(0, number, _CHUNK):
            chunk = range(first, min(first + _CHUNK, number))
            for sample in threads.map(lambda index: _decode(dataset, index), chunk):
                file.write(sample)
                ends.append(file.tell())
            tell(len(ends), number)
        file.seek(0)
        file.write(np.array(ends, dtype=np.int64).tobytes())
        file.flush()
        os.fsync(file.fileno())


def _new_bar() -> 'Progress':
    from rich.progress import (  # only where something is decoded
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn('decoding'),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn('ETA'),
        TimeRemainingColumn(),
    )
