"""Tables of one's own: what the columns mean, and what is said of broken rules."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from broken_json import variants

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.store import PopulationError

ZHANG = Path(__file__).with_name('regnetx_400mf.csv')  # see regnetx_400mf.LICENSE


def table(folder, text, name='mine.csv'):
    path = folder / name
    path.write_text(text)
    return path


def read(folder, text, name='mine.csv'):
    return read_records(table(folder, text, name))[0]


def lines(*rows):
    return ''.join(json.dumps(row) + '\n' for row in rows)


def test_an_unknown_number_hides_none_of_those_after_it(tmp_path):
    records = read(tmp_path, 'error,lr,flops\n5,nan,3e8\n6,0.1,4e8\n')
    assert records.columns['flops'].tolist() == [3e8, 4e8]


def test_the_32_networks_trained_by_others():
    (records,) = read_records(ZHANG)
    assert (records.name, len(records.networks), records.status.tolist()) == (
        'regnetx_400mf',
        32,
        ['done'] * 32,
    )
    assert records.last_error.min() == 34.984 and records.last_error.max() == 41.068
    assert records.last_error.mean() == pytest.approx(37.106875, abs=1e-12)
    assert [records.networks[i] for i in records.last_error.argsort()[:5]] == [
        '1',
        '14',
        '12',
        '4',
        '16',
    ]
    of_stages = {f'{letter}_{stage}' for letter in 'dwbg' for stage in range(1, 6)}
    assert set(records.columns) == {
        *of_stages,
        'depth',
        'b',
        'g',
        'w_0',
        'w_a',
        'w_m',
        'flops',
        'parameters',
        'activations',
    }
    assert (
        np.isnan(records.columns['w_5']).sum() == 19 and np.isnan(records.columns['w_4']).sum() == 3
    )
    assert records.rated().all() and records.rated('best').all()


def test_their_backbones_are_what_their_counts_are_of():
    (records,) = read_records(ZHANG)
    for row, backbone in enumerate(records.backbones):
        counts = complexity(Architecture.from_dict(backbone))
        for name in ('flops', 'parameters', 'activations'):
            assert records.columns[name][row] == getattr(counts, name)


def test_a_regnet_is_made_and_counted_from_its_parameters(tmp_path):
    records = read(tmp_path, 'error,depth,w_0,w_a,w_m,group_width\n25.0,22,24,24.48,2.54,16.0\n')
    expected = architecture_of('regnetx_400mf')
    assert Architecture.from_dict(records.backbones[0]) == expected
    assert {
        name: records.columns[name].tolist()
        for name in ('flops', 'parameters', 'activations', 'g', 'w_4')
    } == {
        'flops': [397678568],
        'parameters': [5157512],
        'activations': [3142272],
        'g': [16],
        'w_4': [384],
    }
    assert 'group_width' not in records.columns


def test_resolution_and_classes_that_a_network_is_counted_at(tmp_path):
    row = dict(
        error=5,
        depth=22,
        w_0=24,
        w_a=24.48,
        w_m=2.54,
        g=16,
        strides=[1, 1, 2, 2],
        stem='cifar',
        stem_width=16,
    )
    text = lines(
        dict(row, resolution=32, num_classes=10), dict(row, resolution=64, num_classes=100)
    )
    small, large = read(tmp_path, text, 'mine.jsonl').columns['flops']
    network = architecture_of('regnetx_400mf', strides=(1, 1, 2, 2), stem='cifar', stem_width=16)
    assert (small, large) == (complexity(network, 32, 10).flops, complexity(network, 64, 100).flops)


@pytest.mark.parametrize(
    'text',
    [
        '\ufefferror;flops;network\r\n7;3e8;a\r\n8;;b\r\n',  # Excel's
        'error\tflops\tnetwork\n7\t3e8\ta\n\n8\t\tb\n',
        # pandas'
        ',network,error,flops,note\n0,a,7.0,300000000.0,"first, and best"\n1,b,8.0,nan,\n',
        ' error , flops , network\n 7 , 3e8 , a \n 8 , , b \n',
        'network,error,flops\na,7,300000000\nb,8,',  # no end of the last line
    ],
)
def test_cells_as_programs_write_them(tmp_path, text):
    records = read(tmp_path, text)
    assert records.networks == ('a', 'b') and records.last_error.tolist() == [7, 8]
    assert list(records.columns) == ['flops']
    assert records.columns['flops'][0] == 3e8 and math.isnan(records.columns['flops'][1])


def test_json_lines(tmp_path):
    text = lines(
        dict(
            network=7,
            error=8,
            depths=[1, 2],
            widths=[16, 32],
            temperature=-3.5,
            tags=['x'],
            good=True,
        ),
        dict(
            network='b',
            status='failed',
            reason='diverged',
            depths=[3],
            widths=[64],
            temperature=None,
        ),
    )
    records = read(tmp_path, text, 'mine.jsonl')
    assert records.networks == ('7', 'b') and records.reasons == (None, 'diverged')
    assert records.status.tolist() == ['done', 'failed'] and records.seeds.tolist() == [1, 0]
    assert records.backbones == (None, None), 'bottleneck ratios and group widths are not known'
    assert {
        name: np.nan_to_num(values, nan=-1).tolist() for name, values in records.columns.items()
    } == dict(
        temperature=[-3.5, -1], depth=[3, 3], d_1=[1, 3], d_2=[2, -1], w_1=[16, 64], w_2=[32, -1]
    )


def test_status_where_none_is_given(tmp_path):
    records = read(tmp_path, 'error,reason,flops\n5,,1\n,killed,1\n,,1\n')
    assert records.status.tolist() == ['done', 'failed', 'waiting']
    assert np.isnan(records.last_error).tolist() == [False, True, True]


def test_last_and_best_error(tmp_path):
    both = read(tmp_path, 'last_error,best_error,deviation,seeds\n5,4,0.5,3\n')
    assert (both.last_error[0], both.best_error[0], both.deviation[0], both.seeds[0]) == (
        5,
        4,
        0.5,
        3,
    )
    one = read(tmp_path, 'best_error\n4\n')
    assert math.isnan(one.last_error[0]) and not one.rated().any() and one.rated('best').all()


def test_settings_are_columns_where_they_vary(tmp_path):
    varied = read(tmp_path, 'error,lr,weight_decay,resolution\n5,0.1,1e-4,224\n5,0.2,5e-5,224\n')
    assert set(varied.columns) == {'lr', 'weight_decay', 'lr_weight_decay'}
    assert varied.columns['lr_weight_decay'] == pytest.approx([1e-5, 1e-5])
    assert read(tmp_path, 'error,lr,weight_decay\n5,0.1,1e-4\n5,0.1,1e-4\n').columns == {}


def test_stages_that_share_a_ratio_by_chance_make_no_column(tmp_path):
    text = (
        'error,depths,widths,bottleneck_ratios,group_widths\n'
        '5,1 1,16 32,2 2,8 8\n6,1 1,16 32,2 2,8 4\n'
    )
    columns = read(tmp_path, text).columns
    assert (
        columns['b'].tolist() == [2, 2] and 'g' not in columns and columns['g_2'].tolist() == [8, 4]
    )
    given = read(tmp_path, 'error,g\n5,8\n6,\n').columns
    assert given['g'][0] == 8 and math.isnan(given['g'][1])


def test_a_trained_network_that_the_rules_of_regnet_reject_keeps_its_parameters(tmp_path):
    records = read(tmp_path, 'error,flops,depth,w_0,w_a,w_m,g\n35,389740584,18,42,27.2,2.16,8\n')
    assert records.backbones == (None,) and records.columns['w_0'].tolist() == [42]


def test_what_is_known_of_the_training(tmp_path):
    text = lines(
        dict(
            error=5,
            metric='accuracy/top1',
            data='mine',
            epochs=10,
            versions=['b 2', 'a 1'],
            num_classes=10,
            resolution=32,
            failed_seeds=2,
        ),
        dict(error=6, recipe='short'),
    )
    records = read(tmp_path, text, 'mine.jsonl')
    assert records.conditions == (
        dict(
            metric=('accuracy/top1',),
            data=('mine',),
            epochs=('10',),
            num_classes=('10',),
            versions=('a 1', 'b 2'),
            resolution=('32',),
        ),
        dict(recipe=('short',)),
    )
    assert records.metric == 'accuracy/top1' and records.failed_seeds.tolist() == [2, 0]


def test_what_is_known_of_the_space_is_a_number_above_0(tmp_path):
    space = dict(
        name='A', size=0, paper_size='many', dimension=6, low=1, high=-1, description=[], x=1
    )
    records = read(tmp_path, lines(dict(error=5, design_space=space)), 'mine.jsonl')
    assert records.space == dict(name='mine', dimension=6, low=1)
    assert read(tmp_path, 'error,design_space\n5,AnyNetX\n').space == dict(name='AnyNetX')


def test_networks_of_blocks_of_ones_own_are_not_counted(tmp_path):
    records = read(tmp_path, 'error,depths,widths,block\n5,1 1,16 32,MyBlock\n')
    assert records.backbones[0]['block'] == 'MyBlock' and 'flops' not in records.columns


@pytest.mark.parametrize(
    'text, message',
    [
        ('', 'must have a column error, last_error or best_error, but it has none'),
        ('network,flops\na,1\n', 'must have a column error, .* but it has network, flops'),
        ('error,flops\n', 'must have a line for each network, but there is none'),
        (
            'error\n5\n-1\n',
            r'csv:3: an error must be a number from 0 to 100, in percent, but it is -1',
        ),
        ('error\n101\n', 'csv:2: an error must be a number from 0 to 100'),
        (
            'error\nnan\n',
            'csv:2: an error must be .* but it is nan; a network that diverged has none, and '
            'failed',
        ),
        ('error\ninf\n', 'csv:2: an error must be'),
        ('error\n12%\n', "csv:2: an error must be .* but it is '12%'"),
        ('error;x\n"3,5";1\n', "csv:2: an error must be .* but it is '3,5'"),
        ('error,x\n5,1\n5\n', 'csv:3: there must be 2 cells as in line 1, but there are 1'),
        ('error,x\n5,1\n5,oops\n', "csv:3: x must be a number, at most 1e100, but it is 'oops'"),
        ('error,x\n5,inf\n', 'csv:2: x must be a number, at most 1e100, but it is inf'),
        ('error,x\n5,-2e100\n', r'csv:2: x must be a number, at most 1e100, but it is -2'),
        ('error,latency\n5,1e200\n', 'csv:2: latency must be a number, at most 1e100, but it is 1'),
        ('error,flops\n5,-1\n', 'csv:2: flops must be a number from 0 to 1e100, but it is -1'),
        ('error,x,x\n5,1,1\n', 'csv:1: each column must be there once, but x is there twice'),
        (
            'error,network\n5,a\n5,b\n5,a\n',
            'csv:4: each network must be there once, but a is in line 2, too',
        ),
        (
            'error,status\n5,good\n',
            "csv:2: status must be one of done, failed, running, waiting, but it is 'good'",
        ),
        (
            'error,status\n5,failed\n',
            'csv:2: a network that is done, and no other, has an error, but .* is failed',
        ),
        (
            'error,status\n,done\n',
            'csv:2: a network that is done, and no other, has an error, .* and it has none',
        ),
        ('error,reason\n5,killed\n', 'csv:2: a network that failed, and no other, has a reason'),
        ('error,seeds\n5,0\n', 'csv:2: seeds must be a whole number from 1 to .*, but it is 0'),
        ('error,deviation\n5,-1\n', 'csv:2: deviation must be a number from 0 to 1e100'),
        (
            'error,depths,widths\n5,1 x,16 32\n',
            'csv:2: depths must be a list of positive numbers, one per stage',
        ),
        (
            'error,depths,widths,b,g\n5,1 1,16,1,8\n',
            'csv:2: there must be one entry per stage in each list',
        ),
        (
            'error,depths,widths,b,g\n5,1 1,20 32,1,8\n',
            'csv:2: group_width must divide .* but stage 1 has width=20',
        ),
        (
            'error,depth,depths,widths\n5,4,1 2,16 32\n',
            r'csv:2: depth must be the sum of depths, but depth=4 and .*1, 2',
        ),
        (
            'error,depth,w_0,w_a,w_m,g\n5,18,42,27.2,2.16,8\n',
            'csv:2: w_0 must be a positive multiple of 8',
        ),
        ('error,network\n5,"a\n', 'csv:2: unexpected end of data'),
        (
            'network,accuracy\na,60\n',
            '; if accuracy is an accuracy in percent, error is 100 - accuracy$',
        ),
        (
            'network,test_acc\na,60\n',
            'must have a column error, .* but it has network, test_acc; if test_acc is an accuracy',
        ),
        ('error,FLOPs\n5,1\n', 'a known column must have its name, flops, but it is called FLOPs'),
        (
            'error,Last Error\n5,1\n',
            'a known column must have its name, last_error, but it is called Last Error',
        ),
        (
            'error,flops\n5,400M\n',
            "csv:2: flops must be a number, .* but it is '400M'; numbers have no unit: 400000000$",
        ),
        (
            'error,latency\n5,1.5 ms\n',
            "latency must be a number, .* but it is '1.5 ms'; numbers have no unit: 0.0015$",
        ),
        (
            'error,flops\n5,"1,000,000"\n',
            "'1,000,000'; numbers have no thousands separators and a decimal point: 1000000$",
        ),
        (
            "error,flops\n5,1'000'000\n",
            'flops must be a number, .*; numbers have no thousands separators .*: 1000000$',
        ),
        (
            'error,flops\n5,N/A\n5,1\n',
            "csv:2: flops must be .* 'N/A'; a cell of what is unknown is left empty, or is nan$",
        ),
        (
            'error;w_a\n5;24,48\n',
            "csv:2: w_a must be a number, .* '24,48'; numbers have a decimal point: 24.48$",
        ),
        (
            'error,depth\n5,oops\n',
            "csv:2: depth must be a number, at most 1e100, but it is 'oops'$",
        ),
        ('error,d_1\n5,x\n', 'csv:2: d_1 must be a number'),
        ('error,lr\n5,\n5,low\n', "csv:3: lr must be a number, at most 1e100, but it is 'low'$"),
        (
            'error\n3_7.2\n',
            "csv:2: an error must be .* but it is '3_7.2'; .*; numbers have no underscores: 37.2$",
        ),
        (
            'error,flops\n5,1_000\n',
            "flops must be .* but it is '1_000'; numbers have no underscores: 1000$",
        ),
        ('error\n12%\n', '; numbers have no unit: 12$'),
        (
            'error,flops\n7,1,000,000\n',
            'must be 2 cells .* there are 4; numbers have a decimal point and no thousands sep',
        ),
        (
            'error,seeds\n5,N/A\n',
            "seeds must be a whole number .* but it is 'N/A'; a cell of what is unknown",
        ),
        (
            'error,num_classes\n5,ten\n',
            "csv:2: num_classes must be a positive whole number, but it is 'ten'",
        ),
        (
            'error,g,group_width\n5,8,16\n',
            "csv:2: group_width and g are one column, but both are given: '16' and '8'",
        ),
        (
            'error,depths,widths,d_1\n5,1 2,16 32,3\n',
            'csv:2: d_1 must be what the stages say, 1.0, but it is 3',
        ),
        (
            'error,depths,widths,w_3\n5,1 2,16 32,64\n',
            'csv:2: w_3 must be what the stages say, None, but it is 64',
        ),
        (
            'error,depths,widths,b,bottleneck_ratios\n5,1,16,2,1\n',
            'csv:2: b must be what the stages say, 1.0, but it is 2',
        ),
        (
            'error,depths,widths,g,group_widths,b\n5,1,16,4,8,1\n',
            'csv:2: g must be the nominal group width, of which none is',
        ),
        (
            'error,depth,w_0,w_a,w_m,g,d_1\n5,22,24,24.48,2.54,16,2\n',
            'csv:2: d_1 must be what the stages say, 1.0, but',
        ),
        (
            'error,last_error,best_error\n5,7,6\n',
            'csv:2: error must be last_error or best_error where these are given',
        ),
    ],
)
def test_what_is_said_of_a_broken_table(tmp_path, text, message):
    with pytest.raises(PopulationError, match=message) as caught:
        read(tmp_path, text)
    assert '\n' not in str(caught.value) and str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    'text, message',
    [
        ('{"error": 5}\n{"error": 5\n', 'jsonl:2 cannot be read'),
        ('[5]\n', r'jsonl:1: a line must be an object, but it is \[5\]'),
        (
            '{"error": true}\n',
            'jsonl:1: an error must be a number from 0 to 100, in percent, but it is True',
        ),
        ('{"error": "low"}\n', 'jsonl:1: an error must be'),
        ('{"error": NaN}\n', 'jsonl:1: an error must be'),
        ('{"error": 5, "depths": 3, "widths": [1]}\n', 'jsonl:1: depths must be a list'),
        ('{"error": 5, "depths": [[1]], "widths": [1]}\n', 'jsonl:1: depths must be a list'),
        (
            '{"error": 5, "x": 1}\n\n{"error": 5, "x": [2]}\n',
            r'jsonl:3: x must be a number, at most 1e100, but it is \[2\]',
        ),
        ('{"error": 5, "x": ' + '9' * 400 + '}\n', 'jsonl:1: x must be a number'),
        ('[' * 100_000 + '\n', 'jsonl:1 cannot be read'),
        (
            '{"error": 5, "error": 7}\n',
            "jsonl:1 cannot be read: each key must be there once, but 'error' is there twice",
        ),
        ('{"error": 5, "x": {"a": 1, "a": 1}}\n', "but 'a' is there twice"),
        (
            '{"error": 5, "b": 1, "bottleneck_ratio": 1}\n',
            'jsonl:1: bottleneck_ratio and b are one column, but both are given',
        ),
        ('{"error": 5, "metric": {}}\n', 'jsonl:1: metric must be a text, but it is {}'),
        (
            '{"error": 5, "versions": ["torch 2.9.0", null]}\n',
            'jsonl:1: versions must be a text, but it is None',
        ),
        ('{"error": 5, "device": [1]}\n', r'jsonl:1: device must be a text, but it is \[1\]'),
        (
            '{"error": 5, "design_space": 7}\n',
            'jsonl:1: design_space must be an object, but it is 7',
        ),
        (
            '{"error": 5, "num_classes": 10, "design_space": {"description": {"num_classes": '
            '100}}}\n',
            'num_classes must be that of design_space, 100, but it is 10',
        ),
        (
            '{"error": 5, "unit": "points"}\n',
            "jsonl:1: unit must be '%', or 'metric' where .*, but it is 'points'",
        ),
        (
            '{"error": 5, "unit": "metric"}\n{"error": 5}\n',
            'all errors must have one unit, but there are %, metric',
        ),
        (
            '{"error": 1e101, "unit": "metric"}\n',
            'jsonl:1: an error must be a number, at most 1e100, but it is 1e',
        ),
        (
            '{"status": "failed", "failed_seeds": 0, "error": null}\n',
            'jsonl:1: failed_seeds must be a whole number from 1',
        ),
    ],
)
def test_what_is_said_of_broken_json_lines(tmp_path, text, message):
    with pytest.raises(PopulationError, match=message) as caught:
        read(tmp_path, text, 'mine.jsonl')
    assert '\n' not in str(caught.value)


def test_no_value_of_the_wrong_kind_gets_further_than_its_line(tmp_path):
    good = dict(
        network='a',
        status='done',
        error=5,
        last_error=5,
        best_error=4,
        deviation=0.1,
        seeds=2,
        flops=1e9,
        x=3,
        depths=[1, 2],
        widths=[16, 32],
        bottleneck_ratios=[1, 1],
        group_widths=[8, 8],
        strides=[2, 2],
        block='X',
        stem='simple',
        stem_width=32,
        se_ratio=0.25,
        resolution=32,
        num_classes=10,
    )
    regnet = dict(
        error=5,
        depth=13,
        w_0=24,
        w_a=36.44,
        w_m=2.49,
        g=8,
        b=1,
        se_ratio=0.25,
        resolution=32,
        lr=0.1,
    )
    for first in (good, regnet):
        for broken in variants(first):
            text = lines(dict(first, network='first'), broken)
            try:
                assert len(read(tmp_path, text, 'mine.jsonl').networks) == 2
            except PopulationError as error:
                assert 'mine.jsonl:2: ' in str(error) and '\n' not in str(error), broken
