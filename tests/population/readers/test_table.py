"""Tables of one's own: what the columns mean."""

import math
from pathlib import Path

import numpy as np
import pytest
from written_table import lines, read

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import complexity
from regnet_plugin.population.readers import read_records

ZHANG = Path(__file__).with_name('regnetx_400mf.csv')  # see regnetx_400mf.LICENSE


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
