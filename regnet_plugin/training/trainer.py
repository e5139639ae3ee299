"""Training one network: a config in, MMEngine's Runner out."""

from mmengine.config import Config
from mmengine.runner import Runner

from regnet_plugin.cli.errors import blame
from regnet_plugin.training.checks.recipe import check_batches, check_device, notes_on
from regnet_plugin.training.checks.schedule import check_length, check_schedules
from regnet_plugin.training.hooks.resumption import (
    KeepStateHook,
    OwnBestCheckpointHook,
    ValidateAgainHook,
)
from regnet_plugin.training.outcome.checkpoints import newest_checkpoint
from regnet_plugin.training.running.distributed import processes
from regnet_plugin.training.running.runners import build_runner, errors_blamed, load_safely
from regnet_plugin.weights.addresses import TRAINING_ONLY


def train(config: Config, name: str = 'the config', runner_class: type[Runner] = Runner) -> Runner:
    """Train as the config says.

    Args:
        config: from `regnet_plugin.training.training_config.training_config`.
        name: what an error message calls the config.
        runner_class: what is built where the config names no other one. Default: MMEngine's Runner.

    Returns:
        the Runner after the training.

    Raises:
        UserError: if something that the config names cannot be built.
    """
    with processes(config):
        with blame(name):
            check_device(config)
            check_length(config)
            runner = build_runner(config, 'train_dataloader', name, runner_class)
            runner.register_hook(KeepStateHook())
            if config.get('resume'):
                _resume(runner)
            elif config.get('load_from'):
                load_safely(runner, config.load_from, backbone_only=True)
        with errors_blamed(name, runner):
            _check_loop(runner, name)
            runner.train()
        return runner


def _resume(runner: Runner) -> None:
    """Go on from the config's checkpoint, or else the newest one in the work dir, if any."""
    runner.register_hook(OwnBestCheckpointHook())
    runner.register_hook(ValidateAgainHook())
    checkpoint = runner._load_from or newest_checkpoint(runner.work_dir)
    if checkpoint:
        load_safely(runner, checkpoint, backbone_only=False, scheme=TRAINING_ONLY)


def _check_loop(runner: Runner, name: str) -> None:
    """Build the loop, as ``Runner.train`` would do next, and look whether it can train.

    Raises:
        ValueError: if it has no batch, or a schedule does not fit into it.
    """
    loader = runner.train_loop.dataloader
    check_batches(loader)
    for note in notes_on(runner.cfg, len(loader)):
        runner.logger.warning(f'{name}: {note}')
    # Without schedules nothing is compared with the number of iterations.
    batches = len(loader) if runner.cfg.get('param_scheduler') else None
    check_schedules(runner.cfg, batches)
