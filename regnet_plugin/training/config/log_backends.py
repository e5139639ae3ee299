"""Where a training's curves go: always into MMEngine's file, beside it to services.

MMEngine's file is what the summary at the end is made of.
"""

from collections.abc import Sequence
from importlib.util import find_spec

from mmengine.config import Config, ConfigDict

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import say
from regnet_plugin.training.config.entries import class_name

# MMEngine's backend of a service, and the package that it needs.
BACKENDS = {
    'aim': ('AimVisBackend', 'aim'),
    'clearml': ('ClearMLVisBackend', 'clearml'),
    'dvclive': ('DVCLiveVisBackend', 'dvclive'),
    'mlflow': ('MLflowVisBackend', 'mlflow'),
    'neptune': ('NeptuneVisBackend', 'neptune'),
    'tensorboard': ('TensorboardVisBackend', 'tensorboard'),
    'wandb': ('WandbVisBackend', 'wandb'),
}
_FILE = 'LocalVisBackend'


def set_backends(config: Config, services: Sequence[str]) -> None:
    """Send curves to services, besides what the config says, and to MMEngine's file in any case.

    Args:
        config: of a training; it is changed.
        services: keys of `BACKENDS`.

    Raises:
        UserError: if the package of a service is not installed.
    """
    visualizer = config.get('visualizer')
    backends = list((visualizer or {}).get('vis_backends') or ())
    kinds = [class_name(backend) for backend in backends]
    if backends and _FILE not in kinds:
        say(f'{_FILE} stays beside {", ".join(kinds)}: its file is what the summary is made of')
    wanted = [_FILE, *(BACKENDS[service][0] for service in services)]
    added = [kind for kind in wanted if kind not in kinds]
    for service in services:
        kind, package = BACKENDS[service]
        if kind in added and find_spec(package) is None:
            raise UserError(f'--log-to {service} needs a package: pip install {package}')
    # Without a visualizer MMEngine makes one that writes the file.
    if services or (visualizer and _FILE in added):
        config.visualizer = visualizer or ConfigDict(type='Visualizer')
        config.visualizer.vis_backends = [*backends, *(dict(type=kind) for kind in added)]
