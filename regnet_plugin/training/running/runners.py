"""MMEngine's Runner as training and testing need it: what is built, loaded, and told of errors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mmengine.config import Config
from mmengine.registry import RUNNERS
from mmengine.runner import Runner

from regnet_plugin.cli.errors import blame
from regnet_plugin.training.built_models import unwrapped
from regnet_plugin.training.checks.classes.agreement import LabelHook
from regnet_plugin.training.checks.images import warn_of_images
from regnet_plugin.training.checks.last_batch import LastBatchHook
from regnet_plugin.training.checks.unreadable_files import files_explained
from regnet_plugin.training.checks.widths import channels_explained, check_widths
from regnet_plugin.training.hooks.start import StartHook
from regnet_plugin.training.hooks.whole_weights import WholeHook
from regnet_plugin.training.running.running_errors import running_errors_told
from regnet_plugin.weights.addresses import WEIGHTS_ONLY


class _PrintedOnce(Config):
    """A config whose text is made once.

    It takes a tenth of a second, and MMEngine asks for it at every checkpoint.
    """

    @classmethod
    def of(cls, config: Config) -> '_PrintedOnce':
        same = cls.__new__(cls)
        same.__dict__.update(config.__dict__)
        return same

    @property
    def pretty_text(self) -> str:
        # A config takes what is set for an entry of its own: only its __dict__ is beside that.
        if '_printed' not in self.__dict__:
            self.__dict__['_printed'] = super().pretty_text
        text: str = self.__dict__['_printed']
        return text


def build_runner(config: Config, loader: str, name: str, kind: type[Runner] = Runner) -> Runner:
    """Build the Runner of a config and look whether its model and images fit.

    Args:
        config: of a training or a test.
        loader: of the images that are used first.
        name: what a message calls the config.
        kind: class of the Runner, where the config names no other one. Default: MMEngine's.

    Raises:
        UserError: which widths do not fit.
        Exception: whatever parts of the model raise when they are built.
    """
    config = _PrintedOnce.of(config)
    runner = RUNNERS.build(config) if 'runner_type' in config else kind.from_cfg(config)
    check_widths(unwrapped(runner.model), name)
    warn_of_images(config, loader, name, runner.logger)
    return runner


def load_safely(
    runner: Runner, checkpoint: Any, *, backbone_only: bool, scheme: str = WEIGHTS_ONLY
) -> None:
    """Have a checkpoint read without running what is in it, and compared with the network.

    Args:
        runner: that will load it.
        checkpoint: file or address.
        backbone_only: other heads may be trained than those that it has.
        scheme: of our loaders of MMEngine's. Default: that for weights.
    """
    runner._load_from = scheme + str(checkpoint)
    runner.register_hook(WholeHook(backbone_only))


@contextmanager
def errors_blamed(name: str, runner: Runner, trained_classes: Sequence[str] = ()) -> Iterator[None]:
    """Blame the config for errors while a training or a test is made ready, and for some later.

    Before the first iteration come datasets, optimizer, schedules and the checkpoint's loading: any
    error is the config's. Later only channels that do not fit, files that cannot be read and what
    PyTorch says of a lack of memory or images are.

    Args:
        name: what a message calls the config.
        runner: it gets hooks, which check labels and batches.
        trained_classes: those of the checkpoint that is tested. Default: not known.

    Raises:
        UserError: what is wrong with the config, in one line.
    """
    runner.register_hook(LabelHook(trained_classes))
    runner.register_hook(LastBatchHook())
    start = StartHook()
    runner.register_hook(start)
    with (
        blame(name, unless=lambda: start.started),
        running_errors_told(name),
        channels_explained(runner.model, name),
        files_explained(name),
    ):
        yield
