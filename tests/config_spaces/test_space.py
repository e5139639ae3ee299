"""A space over a config: what it draws, what follows, what it refuses."""

import json
import pickle
import re
from itertools import islice

import pytest
from killing import ROOT

from regnet_plugin.config_spaces.space import ConfigSpace
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.design_spaces.sampler import NoSuchNetworks, Sampler

BASE = f'{ROOT}/configs/_base_/varied/convnext_digits.py'
TRANSFORMER = f'{ROOT}/configs/_base_/varied/vision_transformer_digits.py'
ARCH = 'model.backbone.arch'
LAWS = {
    f'{ARCH}.depths.2': dict(law='log_uniform', low=1, high=6),
    'width': dict(law='log_uniform', low=8, high=32, step=8),
    'optim_wrapper.optimizer.lr': dict(law='log_uniform', low=1e-3, high=1e-2, step=None),
}
WIDTHS = {f'{ARCH}.channels': 'width * (1, 2, 4, 8)'}


def space_over(base=BASE, parameters=LAWS, derived=WIDTHS, **others):
    return ConfigSpace(base=base, parameters=parameters, derived=derived, **others)


def drawn(space, size, seed=0, **constraints):
    return list(islice(Sampler(space, Constraints(**constraints), seed), size))


def test_a_sample_has_its_parameters_and_the_settings_that_follow():
    for _, sample in drawn(space_over(), 5):
        width, depth = sample.parameters['width'], sample.parameters['depths_2']
        assert sample.config[f'{ARCH}.channels'] == [width, 2 * width, 4 * width, 8 * width]
        assert sample.config[f'{ARCH}.depths.2'] == depth
        assert sample.config['optim_wrapper.optimizer.lr'] == sample.lr
        assert sample.config.get('model.head.in_channels', 128) == 8 * width  # the base has 128
        assert (sample.resolution, sample.num_classes, sample.architecture) == (32, 10, None)
        assert Sample.from_dict(json.loads(json.dumps(sample.to_dict()))) == sample


def test_a_longer_population_begins_with_the_shorter_and_any_process_draws_the_same():
    space = space_over()
    short, long = drawn(space, 4, flops=(2e6, 4e6)), drawn(space_over(), 9, flops=(2e6, 4e6))
    assert long[:4] == short
    assert all(2e6 <= sample.complexity.flops <= 4e6 for _, sample in long)
    assert drawn(pickle.loads(pickle.dumps(space)), 4, flops=(2e6, 4e6)) == short
    assert drawn(space, 4, seed=1, flops=(2e6, 4e6)) != short


def test_none_is_lost_that_the_interval_has():
    """The model of the cost only spares counting: who counts all candidates finds the same."""
    space = space_over()
    found = drawn(space, 8, flops=(2.9e6, 3.6e6))
    space.proposed = lambda networks, values, constraints: networks
    assert drawn(space, 8, flops=(2.9e6, 3.6e6)) == found


def test_settings_that_cost_nothing_are_not_counted_again():
    laws = {
        **LAWS,
        f'{ARCH}.depths.2': 2,
        'width': [8, 16],
        'model.backbone.drop_path_rate': [0.0, 0.1, 0.2],
    }
    space = space_over(parameters=laws)
    assert len(drawn(space, 40)) == 40
    assert len(space._known) == 2


def test_a_condition_leaves_the_base_as_it_is():
    laws = {**LAWS, f'{ARCH}.depths.0': dict(values=[3], when='width > 8')}
    for _, sample in drawn(space_over(parameters=laws), 20):
        assert ('depths_0' in sample.parameters) == (sample.parameters['width'] > 8)
        assert (f'{ARCH}.depths.0' in sample.config) == (sample.parameters['width'] > 8)


def test_several_settings_follow_one_parameter():
    derived = {
        'optim_wrapper.optimizer.lr': 'base_lr',
        'param_scheduler.0.eta_min': 'base_lr * 0.01',
    }
    law = dict(law='log_uniform', low=1e-3, high=1e-2, step=None)
    for _, sample in drawn(space_over(parameters=dict(base_lr=law), derived=derived), 3):
        rate = sample.parameters['base_lr']
        assert sample.config == {
            'optim_wrapper.optimizer.lr': rate,
            'param_scheduler.0.eta_min': rate * 0.01,
        }


def test_a_rule_is_kept():
    laws = {
        'width': dict(law='uniform', low=16, high=64, step=8),
        f'{ARCH}.num_heads': [1, 2, 3, 4],
    }
    derived = {
        f'{ARCH}.embed_dims': 'width',
        f'{ARCH}.feedforward_channels': '4 * width',
    }
    space = space_over(TRANSFORMER, laws, derived, where='width % num_heads == 0')
    for _, sample in drawn(space, 10):
        assert sample.parameters['width'] % sample.parameters['num_heads'] == 0
        assert sample.config.get('model.head.in_channels', 64) == sample.parameters['width']


@pytest.mark.parametrize(
    'changes, message',
    [
        (
            dict(parameters={f'{ARCH}.depth.2': [1, 2]}),
            'a key must be one that the base has, but it has no model.backbone.arch.depth.2; the '
            'nearest are model.backbone.arch.depths',
        ),
        (dict(parameters={f'{ARCH}.depths.4': [1, 2]}), 'it has no model.backbone.arch.depths.4'),
        (dict(parameters={'optim_wrapper.optimiser.lr': [1, 2]}), 'optim_wrapper.optimizer.lr'),
        (dict(parameters={'width': []}), 'a law is a value, a list of values'),
        (dict(parameters={'width': dict(law='uniform', low=9, high=8)}), 'low must not be above'),
        (dict(parameters={'width': dict(law='normal', low=1, high=8)}), 'law must be one of'),
        (dict(parameters={}), 'parameters must be a dict of laws by key, at least one'),
        (
            dict(derived={'a': 'b + 1', 'b': 'a - 1'}),
            r"must not need each other in a circle, but a='b \+ 1', b='a - 1'",
        ),
        (dict(derived={'a': 'height'}), r"but that of a, 'height', has height"),
        (dict(derived={'a': 'width.real'}), 'a: a formula has names'),
        (dict(derived={f'{ARCH}.depths.2': 'width'}), 'is drawn or derived, but .* is both'),
        (dict(derived={f'{ARCH}.channel': 'width'}), 'it has no model.backbone.arch.channel; the'),
        (dict(where='width > heads'), "has the names depths_2, width, lr.* but 'heads'"),
        (dict(base='nowhere.py'), "there is no file 'nowhere.py'"),
        (dict(base='mmpretrain::convnext/none.py'), "'mmpretrain::convnext/none.py' cannot be"),
        (dict(parameters={'width': dict(values=[8], when='heads > 1')}), 'a condition has the'),
        (dict(parameters={'width': [8, 16], 'heads': [1, 2]}), 'but heads is neither'),
        (dict(parameters={'width': [[8, 16]]}), r'a list of values \(numbers or names\)'),
        (dict(base=f'{ROOT}/pyproject.toml'), 'base must be a config that can be read, but'),
    ],
)
def test_bad_input_is_one_line_that_names_the_key(changes, message):
    with pytest.raises(ValueError, match=message) as error:
        space_over(**changes)
    assert '\n' not in str(error.value)


def test_a_network_that_cannot_be_built_is_named_with_its_values():
    space = space_over(TRANSFORMER, {f'{ARCH}.num_heads': [3]}, {})
    with pytest.raises(ValueError, match='take an image, but RuntimeError: .*num_heads=3'):
        drawn(space, 1)
    space = space_over(parameters={f'{ARCH}.depths.2': [2]}, derived={'a': '1 / (depths_2 - 2)'})
    with pytest.raises(ValueError, match="a: '1 / .* with depths_2=2 ZeroDivisionError"):
        drawn(space, 1)


@pytest.mark.parametrize(
    'name, value', [('resolution', 'big'), ('lr', -1.0), ('lr', 'fast'), ('weight_decay', 0)]
)
def test_a_setting_that_is_none_is_refused_before_anything_is_trained(name, value):
    space = space_over(parameters={f'{ARCH}.depths.2': 2, 'width': 8, name: [value]})
    with pytest.raises(ValueError, match=f'values of {name} must be .*; with depths_2='):
        drawn(space, 1)


def test_an_interval_that_nothing_is_in_ends_soon_with_the_nearest():
    space = space_over(parameters={f'{ARCH}.depths.2': [1, 2], 'width': [8, 16, 24, 32]})
    with pytest.raises(ValueError, match='the space has 8 draws; flops: nearest .* to 1 … 2'):
        drawn(space, 1, flops=(1, 2))


def test_every_draw_is_in_the_population_or_in_what_is_said_of_it():
    """Of 1,000 draws each makes a network, or the error says which one does not."""
    laws = {f'{ARCH}.depths.2': dict(law='uniform', low=1, high=4), 'width': [8, 16, 24]}
    space = space_over(parameters=laws, where='width > 8 or depths_2 > 1')
    with pytest.raises(NoSuchNetworks) as error:
        drawn(space, 1000)
    # 4 x 3 draws without the one that breaks the rule
    assert '(11 found in ' in str(error.value) and 'draws' in str(error.value)
    attempts, duplicates = (
        int(re.search(text, str(error.value))[1].replace(',', ''))
        for text in (r'found in ([\d,]+)', r'([\d,]+) duplicates')
    )
    kept = int(re.search(r'([\d,]+) of these kept', str(error.value))[1].replace(',', ''))
    assert attempts >= 1000 and kept == duplicates + 11


def test_what_is_counted_first_is_told():
    told = []
    space_over().prepare(Constraints(), lambda *done: told.append(done))
    assert not told
    space_over().prepare(Constraints(flops=(1e6, 2e6)), lambda *done: told.append(done))
    assert told == [(number, len(told)) for number in range(len(told))] and len(told) > 100


def test_widths_that_are_given_and_do_not_fit_are_refused():
    space = space_over(derived={**WIDTHS, 'model.head.in_channels': '7 * width'})
    with pytest.raises(ValueError, match='must take an image, but RuntimeError.*; with depths_2='):
        drawn(space, 1)


def test_named_architectures_have_keys():
    space = space_over(
        'mmpretrain::convnext/convnext-tiny_32xb128_in1k.py', {f'{ARCH}.depths.2': [9]}, {}
    )
    ((_, sample),) = drawn(space, 1)
    assert round(sample.complexity.flops / 1e9, 2) == 4.47 and sample.num_classes == 1000
    assert sample.resolution == 224
