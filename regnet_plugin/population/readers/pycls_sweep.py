"""The sweeps of pycls, the code of *Designing Network Design Spaces*: what its ``sweep_collect.py``
writes.

A sweep.json is a list of jobs, an object each, with what the job logged: ``cfg``, ``complexity``,
``iter_times`` and, as lists with an entry per epoch, ``train_epoch``, ``test_epoch`` and
``test_ema_epoch``; ``err`` is its standard error.
"""

from pathlib import PurePosixPath

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.quantized_linear import regnet
from regnet_plugin.core.vocabulary import STEMS, activation_config
from regnet_plugin.population.readers.checks import (
    MISREAD,
    known_numbers,
    percent,
    ratio_of,
    section,
    series,
)
from regnet_plugin.population.readers.entries import (
    Entry,
    keep_shared,
    name_apart,
    records_of,
    stage_numbers,
)
from regnet_plugin.population.store import PopulationError

_BLOCKS = dict(res_bottleneck_block='X', res_basic_block='VR2', vanilla_block='V2')
_STEMS = dict(simple_stem_in='simple', res_stem_cifar='cifar', res_stem_in='resnet')
_ACTIVATIONS = dict(
    relu={},
    silu=dict(act_cfg=activation_config('SiLU')),
    swish=dict(act_cfg=activation_config('SiLU')),
    gelu=dict(act_cfg=activation_config('GELU')),
)


def is_sweep(data):
    """Whether JSON is that of a sweep, by its first job."""
    first = data[0] if isinstance(data, list) and data else None
    return isinstance(first, dict) and bool({'cfg', 'log_file'} & set(first))


def read_sweep(path, data, name):
    """Read the jobs of a sweep.

    Errors are those of the network itself, not of its moving average (``test_ema_epoch``), which
    pycls's own analysis shows. A job that has not reached its last epoch runs, or has failed if its
    standard error has a traceback.

    Args:
        path (Path): of the file.
        data (list): its JSON.
        name (str): of the population.

    Returns:
        tuple[Records]: one. ``activations`` are those of conv layers: pycls counts the classifier's
        and the max-pooling's, too. ``latency`` and ``training_step`` are of the batches of test and
        training on a GPU.

    Raises:
        PopulationError: naming the file and the job that breaks a rule.
    """
    entries = []
    for number, job in enumerate(data, 1):
        try:
            entries.append(_entry(job))
        except MISREAD as error:
            rule = f'there is no {error}' if isinstance(error, KeyError) else error
            raise PopulationError(f'{path}: job {number}: {rule}') from None
    name_apart(entries)
    keep_shared(entries)
    return (records_of(entries, name=name, source=str(path), space=dict(name=name)),)


def _entry(job):
    if not isinstance(job, dict):
        raise ValueError(f'a job must be an object, but it is {job!r}')
    cfg = section(job, 'cfg')
    backbone = _backbone(cfg) if cfg else None
    numbers = {
        **_counts(job, cfg, backbone),
        **(stage_numbers(backbone) if backbone else {}),
        **_parameters(cfg),
        **_settings(cfg),
        **_times(job),
    }
    network = PurePosixPath(str(job.get('log_file', ''))).parent.name
    return Entry(
        network, **_outcome(job), numbers=numbers, backbone=backbone, conditions=_conditions(cfg)
    )


def _outcome(job):
    epochs = section(job, 'test_epoch')
    if not epochs or series(epochs, 'epoch_ind')[-1] < series(epochs, 'epoch_max')[-1]:
        trace = str(job.get('err', ''))
        if 'Traceback' not in trace:
            return dict(status='running')
        return dict(
            status='failed',
            reason='out of memory' if 'out of memory' in trace else 'error',
            failed_seeds=1,
        )
    errors = series(epochs, 'top1_err')
    if errors[-1] != errors[-1]:
        return dict(status='failed', reason='diverged', failed_seeds=1)
    known = [percent(error, 'top1_err') for error in errors if error == error]
    return dict(status='done', last_error=known[-1], best_error=min(known), seeds=1)


def _counts(job, cfg, backbone):
    counts = section(job, 'complexity')
    activations = counts.get('acts')
    if cfg and activations is not None:
        activations -= cfg['MODEL']['NUM_CLASSES'] + (_pooled(cfg, backbone) if backbone else 0)
    return known_numbers(
        dict(flops=counts.get('flops'), parameters=counts.get('params'), activations=activations)
    )


def _pooled(cfg, backbone):
    """Outputs of the max-pooling in the stem, 0 where there is none."""
    stem = STEMS[backbone['stem']]
    side = -(-cfg['TRAIN']['IM_SIZE'] // stem.stride)  # rounded up
    return backbone['stem_width'] * side**2 if stem.pooled else 0


def _parameters(cfg):
    """Those of a RegNet, which the set-up of a sweep turns into an AnyNet: the description tells
    what was drawn.
    """
    if 'REGNET.' not in str(cfg.get('DESC')) and section(cfg, 'MODEL').get('TYPE') != 'regnet':
        return {}
    drawn = cfg['REGNET']
    return known_numbers(
        dict(
            w_0=drawn['W0'],
            w_a=drawn['WA'],
            w_m=drawn['WM'],
            b=ratio_of(drawn['BOT_MUL']),
            g=drawn['GROUP_W'],
        )
    )


def _settings(cfg):
    optim = section(cfg, 'OPTIM')
    return known_numbers(
        dict(
            resolution=section(cfg, 'TRAIN').get('IM_SIZE'),
            lr=optim.get('BASE_LR'),
            weight_decay=optim.get('WEIGHT_DECAY'),
        )
    )


def _conditions(cfg):
    said = dict(
        data=section(cfg, 'TRAIN').get('DATASET'),
        resolution=section(cfg, 'TRAIN').get('IM_SIZE'),
        num_classes=section(cfg, 'MODEL').get('NUM_CLASSES'),
        epochs=section(cfg, 'OPTIM').get('MAX_EPOCH'),
    )
    return {name: (str(value),) for name, value in said.items() if type(value) in (str, int)}


def _times(job):
    times, epochs = section(job, 'iter_times'), section(job, 'train_epoch').get('time_epoch')
    return known_numbers(
        dict(
            seconds=sum(epochs) if epochs else None,
            latency=times.get('test_fw_time'),
            training_step=times.get('train_fw_bw_time'),
        )
    )


def _backbone(cfg):
    """Arguments of AnyNet, None for networks that it cannot build."""
    kind = cfg['MODEL']['TYPE']
    given = cfg.get(dict(anynet='ANYNET', regnet='REGNET').get(kind))
    activation = _ACTIVATIONS.get(cfg['MODEL'].get('ACTIVATION_FUN', 'relu'))
    if (
        not given
        or activation is None
        or given['BLOCK_TYPE'] not in _BLOCKS
        or given['STEM_TYPE'] not in _STEMS
    ):
        return None
    block = _BLOCKS[given['BLOCK_TYPE']]
    network = dict(
        block=block,
        stem=_STEMS[given['STEM_TYPE']],
        stem_width=given['STEM_W'],
        se_ratio=given['SE_R'] if given['SE_ON'] and block == 'X' else 0.0,
    )
    architecture = _anynet(given, network) if kind == 'anynet' else _regnet(given, network)
    return {
        **{name: value for name, value in architecture.to_dict().items() if value is not None},
        **activation,
    }


def _anynet(given, network):
    lists = dict(depths=given['DEPTHS'], widths=given['WIDTHS'], strides=given['STRIDES'])
    if network['block'] == 'X':  # other blocks have no use for theirs
        stages = len(given['DEPTHS'])
        lists.update(
            bottleneck_ratios=[
                ratio_of(multiplier) for multiplier in given['BOT_MULS'] or [1] * stages
            ],
            group_widths=given['GROUP_WS'] or [1] * stages,
        )
    return Architecture.from_lists(**lists, **network)


def _regnet(given, network):
    architecture = regnet(
        depth=given['DEPTH'],
        w_0=given['W0'],
        w_a=given['WA'],
        w_m=given['WM'],
        group_width=given['GROUP_W'],
        bottleneck_ratio=ratio_of(given['BOT_MUL']),
        **network,
    )
    strides = [given['STRIDE']] * len(architecture.stages)
    return Architecture.from_dict(dict(architecture.to_dict(), strides=strides))
