"""Sweeps of pycls, the code of the paper, as its ``sweep_collect.py`` writes them.

A sweep.json is a list of jobs, an object each, with what the job logged: ``cfg``, ``complexity``,
``iter_times`` and, as lists with an entry per epoch, ``train_epoch``, ``test_epoch`` and
``test_ema_epoch``; ``err`` is its standard error.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.quantized_linear import regnet
from regnet_plugin.core.vocabulary import STEMS
from regnet_plugin.population.readers.checks import (
    epochs_in,
    error_in_percent,
    is_nan,
    known_numbers,
    object_in,
    ratio_of_multiplier,
)
from regnet_plugin.population.readers.network_rows import (
    NetworkRow,
    RowOutcome,
    backbone_of,
    name_apart,
    or_nan,
    records_of,
    rows_of_jobs,
    stage_numbers,
)
from regnet_plugin.population.records import Records
from regnet_plugin.population.runs.results import curve_summary

# Our names of blocks, stems and activations, by theirs.
_BLOCKS = dict(res_bottleneck_block='X', res_basic_block='VR2', vanilla_block='V2')
_STEMS = dict(simple_stem_in='simple', res_stem_cifar='cifar', res_stem_in='resnet')
_ACTIVATIONS = dict(relu='ReLU', silu='SiLU', swish='SiLU', gelu='GELU')
# Sections of a config that describe a network, by the type of its model.
_SECTIONS = dict(anynet='ANYNET', regnet='REGNET')


def is_sweep(data: Any) -> bool:
    """Whether JSON is that of a sweep, by its first job."""
    first = data[0] if isinstance(data, list) and data else None
    return isinstance(first, dict) and bool({'cfg', 'log_file'} & set(first))


def read_sweep(path: Path, data: Any, name: str) -> Records:
    """Read the jobs of a sweep.

    Errors are those of the network itself, not of its moving average (``test_ema_epoch``), which
    pycls's own analysis shows. A job that has not reached its last epoch runs, or has failed if its
    standard error has a traceback.

    Args:
        path: of the file.
        data: its JSON, for which `is_sweep` holds.
        name: of the population.

    Returns:
        ``activations`` are those of conv layers: pycls counts the classifier's and the
        max-pooling's, too. ``latency`` and ``training_step`` are of the batches of test and
        training on a GPU.

    Raises:
        PopulationError: naming the file and the job that breaks a rule.
    """
    rows = rows_of_jobs(path, data, _row)
    name_apart(rows)
    return records_of(rows, name=name, source=str(path), space=dict(name=name))


def _row(job: Mapping[str, Any]) -> NetworkRow:
    """A training."""
    cfg = object_in(job, 'cfg')
    backbone = _backbone(cfg) if cfg else None
    numbers = {
        **_counts(job, cfg, backbone),
        **(stage_numbers(backbone) if backbone else {}),
        **_regnet_parameters(cfg),
        **_settings(cfg),
        **_times(job),
    }
    # each job logs into a folder of its own, called by its number
    network = PurePosixPath(str(job.get('log_file', ''))).parent.name
    return NetworkRow(
        network, **_outcome(job), numbers=numbers, backbone=backbone, conditions=_conditions(cfg)
    )


def _outcome(job: Mapping[str, Any]) -> RowOutcome:
    """How a training ended, or that it has not."""
    epochs = object_in(job, 'test_epoch')
    if not epochs or epochs_in(epochs, 'epoch_ind')[-1] < epochs_in(epochs, 'epoch_max')[-1]:
        trace = str(job.get('err', ''))
        if 'Traceback' not in trace:
            return RowOutcome(status='running')
        reason = 'out of memory' if 'out of memory' in trace else 'error'
        return RowOutcome(status='failed', reason=reason, failed_seeds=1)
    errors = epochs_in(epochs, 'top1_err')
    if is_nan(errors[-1]):
        return RowOutcome(status='failed', reason='diverged', failed_seeds=1)
    known = [error_in_percent(error, 'top1_err') for error in errors if not is_nan(error)]
    curve = curve_summary([dict(error=error) for error in known])
    return RowOutcome(
        status='done',
        last_error=or_nan(curve['last_error']),
        best_error=or_nan(curve['best_error']),
        seeds=1,
    )


def _counts(
    job: Mapping[str, Any], cfg: Mapping[str, Any], backbone: Mapping[str, Any] | None
) -> dict[str, float]:
    """Flops, parameters and activations; the latter of conv layers only, where that is known."""
    counts = object_in(job, 'complexity')
    activations = counts.get('acts')
    if cfg and activations is not None:
        activations -= cfg['MODEL']['NUM_CLASSES'] + (_pooled(cfg, backbone) if backbone else 0)
    return known_numbers(
        dict(flops=counts.get('flops'), parameters=counts.get('params'), activations=activations)
    )


def _pooled(cfg: Mapping[str, Any], backbone: Mapping[str, Any]) -> int:
    """Outputs of the max-pooling in the stem, 0 where there is none."""
    stem = STEMS[backbone['stem']]
    if not stem.pooled:
        return 0
    side = -(-cfg['TRAIN']['IM_SIZE'] // stem.stride)  # rounded up
    outputs: int = backbone['stem_width'] * side**2
    return outputs


def _regnet_parameters(cfg: Mapping[str, Any]) -> dict[str, float]:
    """Parameters of a RegNet, if the network is one.

    The set-up of a sweep turns it into an AnyNet; the description tells what was drawn.
    """
    was_drawn = 'REGNET.' in str(cfg.get('DESC'))
    if not was_drawn and object_in(cfg, 'MODEL').get('TYPE') != 'regnet':
        return {}
    drawn = cfg['REGNET']
    return known_numbers(
        dict(
            w_0=drawn['W0'],
            w_a=drawn['WA'],
            w_m=drawn['WM'],
            b=ratio_of_multiplier(drawn['BOT_MUL']),
            g=drawn['GROUP_W'],
        )
    )


def _settings(cfg: Mapping[str, Any]) -> dict[str, float]:
    """What may be drawn beside the architecture."""
    optim = object_in(cfg, 'OPTIM')
    return known_numbers(
        dict(
            resolution=object_in(cfg, 'TRAIN').get('IM_SIZE'),
            lr=optim.get('BASE_LR'),
            weight_decay=optim.get('WEIGHT_DECAY'),
        )
    )


def _conditions(cfg: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """See `Records.conditions`."""
    said = dict(
        data=object_in(cfg, 'TRAIN').get('DATASET'),
        resolution=object_in(cfg, 'TRAIN').get('IM_SIZE'),
        num_classes=object_in(cfg, 'MODEL').get('NUM_CLASSES'),
        epochs=object_in(cfg, 'OPTIM').get('MAX_EPOCH'),
    )
    return {name: (str(value),) for name, value in said.items() if type(value) in (str, int)}


def _times(job: Mapping[str, Any]) -> dict[str, float]:
    """Seconds of the training, and of a step."""
    times = object_in(job, 'iter_times')
    epochs = object_in(job, 'train_epoch').get('time_epoch')
    return known_numbers(
        dict(
            seconds=sum(epochs) if epochs else None,
            latency=times.get('test_fw_time'),
            training_step=times.get('train_fw_bw_time'),
        )
    )


def _backbone(cfg: Mapping[str, Any]) -> dict[str, Any] | None:
    """Arguments of AnyNet, None for networks that it cannot build."""
    model = cfg['MODEL']
    kind = model['TYPE']
    given = cfg.get(_SECTIONS[kind]) if kind in _SECTIONS else None
    activation = _ACTIVATIONS.get(model.get('ACTIVATION_FUN', 'relu'))
    if not given or activation is None:
        return None
    if given['BLOCK_TYPE'] not in _BLOCKS or given['STEM_TYPE'] not in _STEMS:
        return None
    block = _BLOCKS[given['BLOCK_TYPE']]
    network = dict(
        block=block,
        stem=_STEMS[given['STEM_TYPE']],
        stem_width=given['STEM_W'],
        se_ratio=given['SE_R'] if given['SE_ON'] and block == 'X' else 0.0,
    )
    architecture = _anynet(given, network) if kind == 'anynet' else _regnet(given, network)
    return backbone_of(architecture.to_dict(), activation)


def _anynet(given: Mapping[str, Any], network: Mapping[str, Any]) -> Architecture:
    """The network of a section ANYNET.

    Args:
        given: the section.
        network: block and stem, as arguments of `Architecture`.
    """
    lists = dict(depths=given['DEPTHS'], widths=given['WIDTHS'], strides=given['STRIDES'])
    if network['block'] == 'X':  # other blocks have no use for theirs
        ones = [1] * len(given['DEPTHS'])
        multipliers = given['BOT_MULS'] or ones
        lists['bottleneck_ratios'] = [ratio_of_multiplier(one) for one in multipliers]
        lists['group_widths'] = given['GROUP_WS'] or ones
    return Architecture.from_lists(**lists, **network)


def _regnet(given: Mapping[str, Any], network: Mapping[str, Any]) -> Architecture:
    """The network of a section REGNET, as `_anynet`."""
    architecture = regnet(
        depth=given['DEPTH'],
        w_0=given['W0'],
        w_a=given['WA'],
        w_m=given['WM'],
        group_width=given['GROUP_W'],
        bottleneck_ratio=ratio_of_multiplier(given['BOT_MUL']),
        **network,
    )
    strides = [given['STRIDE']] * len(architecture.stages)
    return Architecture.from_dict(dict(architecture.to_dict(), strides=strides))
