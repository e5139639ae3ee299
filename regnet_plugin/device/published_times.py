"""The published times that the device models of the package are fitted to."""

from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.published_results import published_results
from regnet_plugin.core.vocabulary import DEFAULT_NUM_CLASSES, DEFAULT_RESOLUTION
from regnet_plugin.device.fitting import fit_device_model
from regnet_plugin.device.measured_times import MeasuredNetwork, MeasuredTimes
from regnet_plugin.device.packaged import PACKAGED, path_of_packaged
from regnet_plugin.device.time_tables import read_time_table

_FOLDER = Path(__file__).parent
_TIMM = "timm's benchmark tables (huggingface/pytorch-image-models at aa4b5850), results/"
_PAPER = '"Designing Network Design Spaces", figures 15 and 16'


@dataclass(frozen=True)
class _Table:
    """A table of times in ``tables``, of timm's.

    Attributes:
        name: of the device and its setting.
        file: of timm's, in its folder results.
        conditions: see `DeviceModel`.
    """

    name: str
    file: str
    conditions: dict[str, str | int | float]


_TABLES = {
    'rtx4090': _Table(
        'RTX 4090, amp, eager, PyTorch 2.9.1, batches of 1024',
        'benchmark-infer-amp-nchw-pt291-cu128-4090.csv',
        dict(device='NVIDIA RTX 4090', precision='amp', compiled='no', torch='2.9.1'),
    ),
    'rtx3090': _Table(
        'RTX 3090, amp, eager, PyTorch 2.4, batches of 1024',
        'benchmark-infer-amp-nchw-pt240-cu124-rtx3090.csv',
        dict(device='NVIDIA RTX 3090', precision='amp', compiled='no', torch='2.4'),
    ),
    'i7-12700h': _Table(
        'i7-12700H, fp32, compiled, PyTorch 2.4, one image',
        'benchmark-infer-fp32-nchw-pt240-cpu-i7_12700h-dynamo.csv',
        dict(device='Intel i7-12700H', precision='fp32', compiled='yes', torch='2.4'),
    ),
}
_V100 = MappingProxyType({'v100': 'inference', 'v100-training': 'training'})
_IMAGES_OF_100_EPOCHS = 100 * 1_281_167  # of ImageNet
_TRAINED_ON = 8  # GPUs
_BATCH_OF_ONE_GPU = 64  # what steps are of, though the paper's batches differ


def packaged_times(name: str) -> MeasuredTimes:
    """Return the published times of a device, by its name in `PACKAGED`.

    The hours of 100 epochs on 8 V100 are given as seconds of a step of 64 images on one of them.
    """
    if name in _V100:
        return _times_of_the_paper(_V100[name])
    table = _TABLES[name]
    times = read_time_table(
        _FOLDER / 'tables' / f'{name}.csv', name=table.name, source=_TIMM + table.file
    )
    return replace(times, conditions=table.conditions)


def _times_of_the_paper(step: str) -> MeasuredTimes:
    networks = []
    for result in (*published_results('figure 15'), *published_results('figure 16')):
        inference, hours = result.inference_ms, result.training_hours
        if inference is None or hours is None:
            continue
        images = _IMAGES_OF_100_EPOCHS / (_TRAINED_ON * _BATCH_OF_ONE_GPU)
        name = result.name.lower().replace('-', '_')
        networks.append(
            MeasuredNetwork(
                name=name,
                architecture=architecture_of(name),
                resolution=DEFAULT_RESOLUTION,
                num_classes=DEFAULT_NUM_CLASSES,
                seconds=inference / 1000 if step == 'inference' else 3600 * hours / images,
            )
        )
    what = 'inference' if step == 'inference' else 'training step on one of 8'
    return MeasuredTimes(
        networks=networks,
        name=f'V100 of the paper, {what}, 64 images',
        source=_PAPER,
        step=step,
        batch=64,
        conditions=dict(device='NVIDIA V100', precision='fp32', compiled='no'),
    )


def write_packaged() -> None:
    """Fit the models of the package again, and write them."""
    for name in PACKAGED:
        fit_device_model(packaged_times(name))[0].write(path_of_packaged(name))
