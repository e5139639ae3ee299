"""Whatever a row of a file says, it is read or refused with its place.

What is read is of a size that can be drawn.
"""

import copy
import json

import pytest

from regnet_plugin.population.readers import read_records
from regnet_plugin.population.store import PopulationError

NDS = dict(
    job_id=1,
    params=83002,
    flops=69890986,
    optim=dict(base_lr=0.1, wd=0.0005),
    iter_time=0.07,
    min_test_top1=9.5,
    test_ep_top1=[58.2, 9.6],
    net=dict(
        block_type='res_bottleneck_block',
        bot_muls=[0.0, 0.25, 0.25],
        num_gs=[1, 2, 1],
        ds=[1, 16, 1],
        ss=[1, 1, 2],
        ws=[16, 64, 128],
    ),
)
WITHOUT_GROUPS = dict(
    NDS,
    net=dict(
        block_type='res_basic_block', bot_muls=[], num_gs=[], ds=[1, 12], ss=[1, 1], ws=[16, 24]
    ),
)
NETWORK = dict(
    STEM_TYPE='simple_stem_in', STEM_W=32, BLOCK_TYPE='res_bottleneck_block', SE_ON=True, SE_R=0.25
)
EPOCHS = dict(epoch_ind=[1, 2], epoch_max=[2, 2], top1_err=[60.0, 38.0])
ANYNET = dict(
    log_file='/logs/1/stdout.log',
    complexity=dict(flops=1e9, params=1e6, acts=1e6),
    test_epoch=EPOCHS,
    train_epoch=dict(time_epoch=[1.0]),
    iter_times=dict(test_fw_time=0.02, train_fw_bw_time=0.07),
    cfg=dict(
        MODEL=dict(TYPE='anynet', NUM_CLASSES=10),
        TRAIN=dict(IM_SIZE=32),
        OPTIM=dict(BASE_LR=0.1),
        ANYNET=dict(
            NETWORK,
            DEPTHS=[1, 2],
            WIDTHS=[32, 64],
            STRIDES=[2, 2],
            BOT_MULS=[1.0, 1.0],
            GROUP_WS=[8, 8],
        ),
    ),
)
REGNET = dict(
    ANYNET,
    cfg=dict(
        ANYNET['cfg'],
        MODEL=dict(TYPE='regnet', NUM_CLASSES=10),
        REGNET=dict(NETWORK, STRIDE=2, DEPTH=13, W0=24, WA=24.5, WM=2.5, GROUP_W=8, BOT_MUL=1.0),
    ),
)
EXTREMES = (10**7, 10**400, 1e300, -1e300, 5e-324, [10**7] * 4, [1] * 5000)
STAGES = 'error,depths,widths,bottleneck_ratios,group_widths\n'


def places(value, place=()):
    """The places of all numbers and lists in JSON."""
    if isinstance(value, (dict, list)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*place, key))
    if place and isinstance(value, (list, int, float)):
        yield place


def replaced(value, place, extreme):
    value = found = copy.deepcopy(value)
    for key in place[:-1]:
        found = found[key]
    found[place[-1]] = extreme
    return value


def check(path):
    try:
        every = read_records(path)
    except PopulationError as error:
        assert str(error).startswith(str(path)) and '\n' not in str(error)
        return
    for records in every:
        assert len(records.columns) <= 1000
        for backbone in filter(None, records.backbones):
            assert sum(backbone['depths']) <= 10_000 and len(backbone['depths']) <= 64


@pytest.mark.parametrize(
    'one', [NDS, WITHOUT_GROUPS, ANYNET, REGNET], ids=['nds', 'basic', 'anynet', 'regnet']
)
def test_no_number_of_a_job_is_too_large_for_its_reader(tmp_path, one):
    path = tmp_path / 'jobs.json'
    path.write_text(json.dumps([one]))
    assert read_records(path)[0].backbones[0]  # so that it is known what it is that is refused
    for place in places(one):
        for extreme in EXTREMES:
            path.write_text(json.dumps([replaced(one, place, extreme)]))
            check(path)


@pytest.mark.parametrize(
    'row, rule',
    [
        (
            '5,1 10000000,64 128,1 1,8 8',
            'depth must be at most 10000, but stage 2 has depth=10000000',
        ),
        (
            '5,1 10000000,64 128,,',
            r'a network must have at most 10000 blocks, but depths=\[1, 10000000\]',
        ),
        (
            '5,1 1,64 1000000000000,,',
            r'widths must be at most 16777216, but widths=\[64, 1000000000000\]',
        ),
        (f'5,{"1 " * 65},{"64 " * 65},,', 'a network must have at most 64 stages, but it has 65'),
    ],
)
def test_a_network_of_a_table_has_a_size_that_networks_have(tmp_path, row, rule):
    path = tmp_path / 'table.csv'
    path.write_text(f'{STAGES}5,1 2,64 128,1 1,8 8\n{row}\n')
    with pytest.raises(PopulationError, match=f'table.csv:3: {rule}'):
        read_records(path)


def test_a_line_of_a_table_may_have_any_numbers(tmp_path):
    line = dict(
        error=5.0,
        depth=3,
        w_0=24,
        w_a=24.5,
        w_m=2.5,
        g=8,
        b=1,
        resolution=32,
        num_classes=10,
        seeds=1,
        stem_width=32,
        depths=[1, 2],
        widths=[64, 128],
        bottleneck_ratios=[1, 1],
        group_widths=[8, 8],
        strides=[2, 2],
        se_ratio=0.25,
    )
    path = tmp_path / 'table.jsonl'
    for without in (
        (),
        ('depth',),
        ('depths', 'widths', 'bottleneck_ratios', 'group_widths', 'strides'),
    ):
        network = {name: value for name, value in line.items() if name not in without}
        for place in places(network):
            for extreme in EXTREMES:
                path.write_text(json.dumps(replaced(network, place, extreme)) + '\n')
                check(path)


def test_a_table_has_no_more_columns_than_can_be_looked_at(tmp_path):
    path = tmp_path / 'table.csv'
    path.write_text(
        'error,'
        + ','.join(f'x{number}' for number in range(1001))
        + '\n'
        + '5'
        + ',1' * 1001
        + '\n'
    )
    with pytest.raises(
        PopulationError,
        match='table.csv: there may be up to 1000 columns of numbers, but there are 1001',
    ):
        read_records(path)


def test_a_bottleneck_multiplier_whose_inverse_is_no_ratio_is_refused(tmp_path):
    """1 / 1e300 is 0 once it is rounded."""
    path = tmp_path / 'ResNeXt.json'
    path.write_text(json.dumps([replaced(NDS, ('net', 'bot_muls'), [0.0, 1e300, 0.25])]))
    with pytest.raises(
        PopulationError, match='job 1: a bottleneck multiplier must be a number from 1/64 to 64'
    ):
        read_records(path)
