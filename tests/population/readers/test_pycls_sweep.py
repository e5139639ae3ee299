"""Sweeps of pycls, as its tools/sweep_collect.py and pycls/core/logging.py write them.

RegNetX-400MF with the integers that its authors released is the truth.
"""

import copy
import json
import math

import numpy as np
import pytest
from broken_json import variants
from published_tables import REGNETS

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.store import PopulationError

DEPTHS, WIDTHS, GROUPS, FLOPS, PARAMETERS, ACTIVATIONS, ACTS = REGNETS['regnetx_400mf']


def epochs(errors, last=None):
    done, last = list(range(1, len(errors) + 1)), last or len(errors)
    return dict(
        epoch=[f'{index}/{last}' for index in done],
        epoch_ind=done,
        epoch_max=[last] * len(done),
        min_top1_err=[min(errors[:index]) for index in done],
        top1_err=errors,
        top5_err=[error / 3 for error in errors],
        time_avg=[0.1] * len(done),
    )


def job(errors=(60.0, 38.0, 39.0), number=0, last=None, err=''):
    """An AnyNet that the set-up of a sweep made of a RegNet; the moving average is better."""
    network = dict(
        STEM_TYPE='simple_stem_in',
        STEM_W=32,
        BLOCK_TYPE='res_bottleneck_block',
        SE_ON=False,
        SE_R=0.25,
        HEAD_W=0,
    )
    cfg = dict(
        DESC='REGNET.DEPTH 22 REGNET.W0 24 REGNET.WA 24.48 REGNET.WM 2.54 REGNET.GROUP_W 16 '
        'REGNET.BOT_MUL 1.0',
        MODEL=dict(TYPE='anynet', NUM_CLASSES=1000, ACTIVATION_FUN='relu'),
        TRAIN=dict(IM_SIZE=224, BATCH_SIZE=128),
        ANYNET=dict(
            network,
            DEPTHS=list(DEPTHS),
            WIDTHS=list(WIDTHS),
            STRIDES=[2] * 4,
            BOT_MULS=[1.0] * 4,
            GROUP_WS=list(GROUPS),
        ),
        REGNET=dict(network, STRIDE=2, DEPTH=22, W0=24, WA=24.48, WM=2.54, GROUP_W=16, BOT_MUL=1.0),
        OPTIM=dict(BASE_LR=0.05, WEIGHT_DECAY=5e-5, MAX_EPOCH=len(errors)),
    )
    entries = dict(
        cfg=cfg,
        complexity=dict(flops=FLOPS, params=PARAMETERS, acts=ACTS),
        err=err,
        iter_times=dict(
            test_fw_time=0.02, train_fw_time=0.02, train_bw_time=0.05, train_fw_bw_time=0.07
        ),
        log_file=f'/sweeps/mine/logs/{number:06d}/stdout.log',
        err_file='',
        epoch_times={},
    )
    if errors:
        entries.update(
            test_epoch=epochs(list(errors), last),
            test_ema_epoch=epochs([error - 1 for error in errors], last),
            train_epoch=dict(epochs(list(errors), last), time_epoch=[100.0] * len(errors)),
        )
    return entries


def read(folder, jobs, name='sweep.json'):
    path = folder / name
    path.write_text(json.dumps(jobs))
    return read_records(path)[0]


def with_cfg(job, section, **entries):
    found = copy.deepcopy(job)
    found['cfg'][section].update(entries)
    return found


def test_errors_are_those_of_the_network_and_not_of_its_moving_average(tmp_path):
    records = read(tmp_path, [job(number=3), job((50.0, 45.0), number=7)])
    assert records.networks == ('000003', '000007') and records.status.tolist() == ['done', 'done']
    assert records.last_error.tolist() == [39.0, 45.0] and records.best_error.tolist() == [
        38.0,
        45.0,
    ]
    assert records.name == records.space['name'] == tmp_path.name
    assert records.columns['seconds'].tolist() == [300, 200]
    assert records.columns['latency'][0] == 0.02 and records.columns['training_step'][0] == 0.07


def test_counts_parameters_and_backbone(tmp_path):
    records = read(tmp_path, [job()], 'my_sweep.json')
    column = {name: values[0] for name, values in records.columns.items()}
    assert records.name == 'my_sweep'
    assert (column['flops'], column['parameters'], column['activations']) == (
        FLOPS,
        PARAMETERS,
        ACTIVATIONS,
    )
    assert [column[name] for name in ('depth', 'w_0', 'w_a', 'w_m', 'b', 'g')] == [
        22,
        24,
        24.48,
        2.54,
        1,
        16,
    ]
    assert [column[f'w_{stage}'] for stage in (1, 2, 3, 4)] == list(WIDTHS)
    assert Architecture.from_dict(records.backbones[0]) == architecture_of('regnetx_400mf')


def test_a_regnet_that_stayed_one(tmp_path):
    records = read(tmp_path, [with_cfg(job(), 'MODEL', TYPE='regnet')])
    assert Architecture.from_dict(records.backbones[0]) == architecture_of('regnetx_400mf')
    assert records.columns['w_0'][0] == 24


def test_an_anynet_has_no_parameters_of_a_regnet(tmp_path):
    sampled = job()
    sampled['cfg']['DESC'] = 'ANYNET.DEPTHS [1, 2, 7, 12]'
    sampled['cfg']['ANYNET'].update(
        BOT_MULS=[0.5, 1.0, 0.25, 2.0], WIDTHS=[32, 64, 256, 384], GROUP_WS=[16] * 4
    )
    records = read(tmp_path, [sampled])
    assert not {'w_0', 'w_a', 'w_m', 'b'} & set(records.columns) and records.columns['g'][0] == 16
    assert records.backbones[0]['bottleneck_ratios'] == [2, 1, 4, 0.5]
    assert [records.columns[f'b_{stage}'][0] for stage in (1, 2, 3, 4)] == [2, 1, 4, 0.5]


@pytest.mark.parametrize(
    'entries, expected',
    [
        (dict(SE_ON=True), dict(block='Y', se_ratio=0.25)),
        (
            dict(BLOCK_TYPE='vanilla_block', STEM_TYPE='res_stem_cifar', STEM_W=16),
            dict(block='V2', stem='cifar', stem_width=16),
        ),
        (dict(BLOCK_TYPE='res_basic_block', SE_ON=True), dict(block='VR2', se_ratio=0.0)),
        (dict(BOT_MULS=[], GROUP_WS=[]), dict(bottleneck_ratios=[1] * 4, group_widths=[1] * 4)),
        (dict(STEM_TYPE='res_stem_in', STEM_W=64), dict(stem='resnet', stem_width=64)),
    ],
)
def test_blocks_and_stems(tmp_path, entries, expected):
    backbone = read(tmp_path, [with_cfg(job(), 'ANYNET', **entries)]).backbones[0]
    assert {name: backbone[name] for name in expected} == expected


def test_activations_leave_out_what_the_paper_does_not_count(tmp_path):
    sampled = with_cfg(job(), 'ANYNET', STEM_TYPE='res_stem_in', STEM_W=64)
    backbone = Architecture.from_dict(read(tmp_path, [sampled]).backbones[0])
    counts = complexity(backbone)
    sampled['complexity']['acts'] = counts.activations_with_classifier
    assert read(tmp_path, [sampled]).columns['activations'][0] == counts.activations


def test_another_activation(tmp_path):
    records = read(tmp_path, [with_cfg(job(), 'MODEL', ACTIVATION_FUN='silu')])
    assert records.backbones[0]['act_cfg'] == dict(type='SiLU')


@pytest.mark.parametrize(
    'sampled',
    [
        with_cfg(job(), 'ANYNET', BLOCK_TYPE='res_bottleneck_linear_block'),
        with_cfg(job(), 'MODEL', TYPE='effnet'),
        with_cfg(job(), 'MODEL', ACTIVATION_FUN='mish'),
    ],
)
def test_networks_that_anynet_cannot_build(tmp_path, sampled):
    records = read(tmp_path, [sampled])
    assert records.backbones == (None,) and records.columns['flops'][0] == FLOPS


def test_jobs_that_have_not_ended(tmp_path):
    trace = 'Traceback (most recent call last):\n'
    records = read(
        tmp_path,
        [
            job((60.0, 50.0), 0, last=10),
            job((), 1),
            job((60.0,), 2, 10, f'{trace}RuntimeError: CUDA out of memory'),
            job((), 3, err=f'{trace}ValueError: no'),
            job((60.0, 50.0), 4, err='a warning'),
            job((60.0, math.nan), 5),
        ],
    )
    assert records.status.tolist() == ['running', 'running', 'failed', 'failed', 'done', 'failed']
    assert records.reasons == (None, None, 'out of memory', 'error', None, 'diverged')
    assert np.isnan(records.last_error).tolist() == [True] * 4 + [False, True]


def test_a_job_that_logged_nothing(tmp_path):
    records = read(tmp_path, [job(), dict(log_file='/logs/000001/stdout.log', err_file='', err='')])
    assert records.networks == ('000000', '000001') and records.status.tolist() == [
        'done',
        'running',
    ]
    assert records.backbones[1] is None and math.isnan(records.columns['flops'][1])


def test_settings_and_names_that_are_not_there(tmp_path):
    jobs = [job(), with_cfg(job(), 'OPTIM', BASE_LR=0.1)]
    for entry in jobs:
        del entry['log_file']
    records = read(tmp_path, jobs)
    assert records.networks == ('000000', '000001')
    assert records.columns['lr'].tolist() == [0.05, 0.1] and 'weight_decay' not in records.columns


@pytest.mark.parametrize(
    'broken, rule',
    [
        (dict(test_epoch=epochs([-1.0])), 'top1_err must be a number from 0 to 100'),
        (dict(test_epoch=epochs([101.0])), 'top1_err must be a number from 0 to 100'),
        (
            dict(test_epoch=dict(epochs([50.0]), top1_err=['x'])),
            "top1_err must be a number .* but it is 'x'",
        ),
        (
            dict(test_epoch=dict(epochs([50.0]), top1_err=[])),
            r'top1_err must be a list .* per epoch, but it is \[\]',
        ),
        (dict(test_epoch=dict(epoch_ind=[1], epoch_max=[1])), 'top1_err must be a list'),
        (dict(test_epoch=[50.0]), r'test_epoch must be an object, but it is \[50.0\]'),
        (
            dict(complexity=dict(flops='1G')),
            "flops must be a number from 0 to 1e100, but it is '1G'",
        ),
        (dict(cfg=dict(ANYNET={})), "there is no 'MODEL'"),
        (
            dict(cfg=with_cfg(job(), 'ANYNET', GROUP_WS=[16, 16, 16, 15])['cfg']),
            'group_width must divide',
        ),
    ],
)
def test_what_is_said_of_a_broken_job(tmp_path, broken, rule):
    with pytest.raises(PopulationError, match=f'sweep.json: job 2: .*{rule}') as caught:
        read(tmp_path, [job(), dict(job(number=1), **broken)])
    assert '\n' not in str(caught.value)


def test_no_value_of_the_wrong_kind_gets_further_than_its_job(tmp_path):
    stayed = with_cfg(job((60.0,), 1), 'MODEL', TYPE='regnet')
    regnets = (
        dict(stayed, cfg=dict(stayed['cfg'], REGNET=broken))
        for broken in variants(stayed['cfg']['REGNET'])
    )
    for broken in (*variants(job((60.0,), 1)), *regnets):
        try:
            assert len(read(tmp_path, [job(), broken]).networks) == 2
        except PopulationError as error:
            assert 'sweep.json: job 2: ' in str(error) and '\n' not in str(error), broken


def test_what_is_said_of_a_job_that_is_none(tmp_path):
    with pytest.raises(PopulationError, match='sweep.json: job 2: a job must be an object'):
        read(tmp_path, [job(), 5])
