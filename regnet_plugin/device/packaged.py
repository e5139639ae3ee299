"""Device models that come with the package, and those in files."""

from pathlib import Path

from regnet_plugin.cli.guides import guide
from regnet_plugin.device.device_model import DeviceModel, read_device_model

# Their times, and who measured them, are in `regnet_plugin.device.published_times`.
PACKAGED = ('rtx4090', 'rtx3090', 'i7-12700h', 'v100', 'v100-training')


def device_model(name: str | Path) -> DeviceModel:
    """Return a device model that comes with the package, or one in a file.

    Args:
        name: of `PACKAGED`, or path of a file of tools/model_device.py.

    Raises:
        ValueError: if there is neither, or the file holds something else.
        OSError: if the file cannot be read.
    """
    if str(name) in PACKAGED:
        return read_device_model(path_of_packaged(str(name)))
    if not Path(name).exists():
        raise ValueError(
            f'a device must be one of {", ".join(PACKAGED)} or a file of tools/model_device.py, '
            f'but there is no {name} (guide: {guide("devices")})'
        )
    return read_device_model(name)


def path_of_packaged(name: str) -> Path:
    """Return the file of a model of `PACKAGED`."""
    return Path(__file__).parent / 'models' / f'{name}.json'
