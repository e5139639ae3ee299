"""The 2019 paper's data, four networks of which are known from a tutorial.

The repository of its authors holds none, so the truth is what the tutorial of NNI prints of the
files (microsoft/nni, docs/source/tutorials/nasbench_as_dataset.rst), put back into the form of the
files, which NNI's reader tells (nni/nas/benchmarks/nds/db_gen.py): accuracies were errors, counts
not in millions.
"""

import copy
import json
import math

import numpy as np
import pytest
from broken_json import variants

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.store import PopulationError


def job(net, flops, parameters, final_accuracy, best_accuracy, iter_time, number=1, **entries):
    best, last = round(100 - best_accuracy, 3), round(100 - final_accuracy, 3)
    return dict(
        job_id=number,
        rng_seed=1,
        params=parameters,
        flops=flops,
        act_mem=1,
        exp_mem=1,
        net=net,
        optim=dict(base_lr=0.1, wd=0.0005, max_ep=100),
        prec_time={},
        iter_time=iter_time,
        min_test_top1=best,
        test_ep_top1=[58.24, best, last],
        train_ep_loss=[1.793, 0.116],
        train_ep_top1=[70, 4],
        train_it_loss=[],
        train_it_top1=[],
        **entries,
    )


RESNEXT = job(
    dict(
        block_type='res_bottleneck_block',
        bot_muls=[0.0, 0.25, 0.25, 0.25],
        ds=[1, 16, 1, 4],
        num_gs=[1, 2, 1, 2],
        ss=[1, 1, 2, 2],
        ws=[16, 64, 128, 16],
    ),
    69890986,
    83002,
    90.39,
    90.48,
    0.065,
)
RESNET = job(
    dict(
        block_type='res_basic_block',
        bot_muls=[],
        ds=[1, 12, 12, 12],
        num_gs=[],
        ss=[1, 1, 2, 2],
        ws=[16, 24, 24, 40],
    ),
    184519578,
    594138,
    93.49,
    93.58,
    0.059,
    2,
)
VANILLA = job(
    dict(
        block_type='double_plain_block',
        bot_muls=[],
        ds=[1, 12, 12, 12],
        num_gs=[],
        ss=[1, 1, 2, 2],
        ws=[16, 24, 32, 40],
    ),
    208363930,
    689770,
    84.35,
    84.5,
    0.058,
    3,
)
AMOEBA = job(
    dict(
        genotype=dict(normal=[['avg_pool_3x3', 0]], reduce=[]),
        depth=12,
        width=32,
        aux=False,
        drop_prob=0.0,
    ),
    664400586,
    4190314,
    93.27,
    93.37,
    0.281,
    4,
)


def write(folder, data, name='ResNet.json'):
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def read(folder, data, name='ResNet.json'):
    return read_records(write(folder, data, name))


def changed(job, **entries):
    return dict(copy.deepcopy(job), **entries)


def with_net(job, **entries):
    return changed(job, net=dict(job['net'], **entries))


def test_errors_are_those_of_the_last_and_of_the_best_epoch(tmp_path):
    (records,) = read(tmp_path, [RESNEXT, RESNET, VANILLA, AMOEBA])
    assert (records.name, records.networks, records.status.tolist()) == (
        'ResNet',
        ('1', '2', '3', '4'),
        ['done'] * 4,
    )
    assert records.last_error == pytest.approx([9.61, 6.51, 15.65, 6.73])
    assert records.best_error == pytest.approx([9.52, 6.42, 15.5, 6.63])
    assert records.columns['flops'].tolist() == [69890986, 184519578, 208363930, 664400586]
    assert records.columns['parameters'].tolist() == [83002, 594138, 689770, 4190314]
    assert records.columns['training_step'].tolist() == [0.065, 0.059, 0.058, 0.281]
    assert records.seeds.tolist() == [1] * 4 and np.isnan(records.deviation).all()


@pytest.mark.parametrize('job', [RESNEXT, RESNET, VANILLA])
def test_backbones_have_as_many_parameters_as_the_published_networks(tmp_path, job):
    """They have as many parameters, and five flops less for each output of a conv layer.

    The files count these five for what is behind the layer.
    """
    (records,) = read(tmp_path, [job])
    counts = complexity(Architecture.from_dict(records.backbones[0]), resolution=32, num_classes=10)
    assert counts.parameters == job['params']
    assert counts.flops + 5 * counts.activations == job['flops']


def test_columns_of_the_stages_leave_the_stem_out(tmp_path):
    (records,) = read(tmp_path, [RESNEXT, RESNET, AMOEBA])
    column = {
        name: np.nan_to_num(values, nan=-1).tolist() for name, values in records.columns.items()
    }
    assert column['depth'] == [21, 36, 12] and column['width'] == [-1, -1, 32]
    assert [column[f'd_{stage}'] for stage in (1, 2, 3)] == [[16, 12, -1], [1, 12, -1], [4, 12, -1]]
    assert [column[f'w_{stage}'] for stage in (1, 2, 3)] == [
        [64, 24, -1],
        [128, 24, -1],
        [16, 40, -1],
    ]
    assert [column[f'b_{stage}'] for stage in (1, 2, 3)] == [[4, -1, -1]] * 3
    assert [column[f'g_{stage}'] for stage in (1, 2, 3)] == [[8, -1, -1], [32, -1, -1], [2, -1, -1]]
    assert not {'d_4', 'b', 'g', 'lr', 'weight_decay'} & set(column)
    assert records.backbones[2] is None


def test_settings_of_the_study_of_learning_rates(tmp_path):
    other = changed(RESNET, job_id=9, optim=dict(base_lr=0.02, wd=1e-5))
    (records,) = read(tmp_path, [RESNET, other], 'ResNet_lr-wd.json')
    assert records.columns['lr'].tolist() == [0.1, 0.02]
    assert records.columns['lr_weight_decay'] == pytest.approx([5e-5, 2e-7])


def test_bottlenecks_without_groups(tmp_path):
    (records,) = read(tmp_path, [with_net(RESNEXT, num_gs=[])], 'ResNet-B.json')
    assert records.backbones[0]['block'] == 'R' and records.backbones[0]['bottleneck_ratios'] == [
        4,
        4,
        4,
    ]


def test_networks_that_anynet_cannot_build_have_their_columns(tmp_path):
    (records,) = read(
        tmp_path, [with_net(RESNET, ss=[8, 1, 2, 2]), with_net(RESNET, block_type='my_block')]
    )
    assert records.backbones == (None, None) and records.columns['w_3'].tolist() == [40, 40]


@pytest.mark.parametrize(
    'broken',
    [dict(min_test_top1=math.nan), dict(test_ep_top1=[90.0, math.nan]), dict(test_ep_top1=[None])],
)
def test_networks_that_diverged(tmp_path, broken):
    (records,) = read(tmp_path, [RESNET, changed(VANILLA, **broken)])
    assert records.status.tolist() == ['done', 'failed'] and records.reasons == (None, 'diverged')
    assert records.rated().tolist() == [True, False]


def test_repeated_trainings_are_one_network(tmp_path):
    again = [
        changed(
            RESNET,
            job_id=10 + seed,
            rng_seed=seed,
            min_test_top1=best,
            test_ep_top1=[50.0, best, best + 1],
        )
        for seed, best in enumerate((6.0, 6.5, 7.0))
    ]
    other = changed(VANILLA, rng_seed=7)
    top, mid = read(
        tmp_path, dict(top=[again[0], other, *again[1:]], mid=[other]), 'ResNet_reruns.json'
    )
    assert (top.name, mid.name) == ('ResNet_reruns · top', 'ResNet_reruns · mid')
    assert (
        top.seeds.tolist() == [3, 1] and mid.seeds.tolist() == [1] and len(set(top.networks)) == 2
    )
    assert top.best_error[0] == 6.5 and top.last_error[0] == 7.5 and top.deviation[0] == 0.5
    assert top.last_error[1] == mid.last_error[0] == pytest.approx(15.65) and math.isnan(
        top.deviation[1]
    )


def test_a_diverged_training_does_not_count_among_several(tmp_path):
    failed = changed(RESNET, rng_seed=2, min_test_top1=math.nan)
    top, mid = read(tmp_path, dict(top=[failed, RESNET], mid=[failed, failed]))
    assert (top.status[0], top.seeds[0]) == ('done', 1) and top.last_error[0] == pytest.approx(6.51)
    assert (mid.status[0], mid.reasons[0], mid.seeds[0]) == ('failed', 'diverged', 0)


def test_the_same_network_in_an_ordinary_list_is_there_twice(tmp_path):
    (records,) = read(tmp_path, [RESNET, changed(RESNET, rng_seed=2)])
    assert records.networks == ('000000', '000001') and records.rated().sum() == 2


@pytest.mark.parametrize(
    'job, rule',
    [
        (
            changed(RESNET, min_test_top1=-1),
            'min_test_top1 must be a number from 0 to 100, in percent, but it is -1',
        ),
        (changed(RESNET, min_test_top1='low'), 'min_test_top1 must be a number'),
        (
            changed(RESNET, test_ep_top1=[101]),
            'the last of test_ep_top1 must be a number from 0 to 100',
        ),
        (
            changed(RESNET, test_ep_top1=[]),
            r'test_ep_top1 must be a list with an entry per epoch, but it is \[\]',
        ),
        (changed(RESNET, test_ep_top1=5.0), 'test_ep_top1 must be a list'),
        (changed(RESNET, flops='1G'), "flops must be a number from 0 to 1e100, but it is '1G'"),
        (changed(RESNET, net=[1]), r'net must be an object, but it is \[1\]'),
        (changed(RESNET, optim=[1]), r'optim must be an object, but it is \[1\]'),
        (
            {name: RESNET[name] for name in RESNET if name != 'min_test_top1'},
            'a job must have min_test_top1',
        ),
        (
            dict(min_test_top1=5),
            'test_ep_top1 must be a list with an entry per epoch, but it is None',
        ),
        (None, 'a job must be an object'),
        (
            with_net(RESNET, ws=[16, 24]),
            'ds, ws and ss must have an entry for the stem and for each stage',
        ),
        (with_net(RESNET, ds=[1]), 'ds, ws and ss must have an entry'),
        (with_net(RESNET, ws=[16, 24, 24, 'x']), 'must be positive numbers in each stage'),
        (with_net(RESNET, ws=[16, 24, 24, -8]), 'must be positive numbers in each stage'),
        (
            with_net(RESNEXT, num_gs=[1, 3, 1, 2]),
            r'num_gs must divide the bottleneck widths, but ws=\[64, 128, 16\]',
        ),
    ],
)
def test_what_is_said_of_a_broken_job(tmp_path, job, rule):
    with pytest.raises(PopulationError, match=f'ResNet.json: job 2: .*{rule}') as caught:
        read(tmp_path, [RESNET, job])
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('good', [RESNEXT, AMOEBA])
def test_no_value_of_the_wrong_kind_gets_further_than_its_job(tmp_path, good):
    for broken in variants(good):
        try:
            assert len(read(tmp_path, [RESNET, broken])[0].networks) == 2
        except PopulationError as error:
            assert 'ResNet.json: job 2: ' in str(error) and '\n' not in str(error), broken


def test_a_part_without_jobs(tmp_path):
    with pytest.raises(PopulationError, match='mid, there must be a list of jobs, at least one'):
        read(tmp_path, dict(top=[RESNET], mid=[]))
