"""What may be written as --cfg-options."""

import argparse

import pytest

from regnet_plugin.training.config.options import Options


def read(*words):
    parser = argparse.ArgumentParser()
    parser.add_argument('--cfg-options', nargs='+', action=Options)
    return parser.parse_args(['--cfg-options', *words]).cfg_options


@pytest.mark.parametrize(
    'text, value',
    [
        ('dict(bfloat16=False)', dict(bfloat16=False)),
        ('dict()', {}),
        ('{"a": 1, "b": (1, 2)}', dict(a=1, b=(1, 2))),
        (
            'dict(type=SGD,lr=1e-3,betas=(0.9,0.99),nested=dict(a=[None]))',
            dict(type='SGD', lr=1e-3, betas=(0.9, 0.99), nested=dict(a=[None])),
        ),
        (
            '[dict(type="LinearLR",end=-1),dict(type=mmdet.X,by_epoch=true)]',
            [dict(type='LinearLR', end=-1), dict(type='mmdet.X', by_epoch=True)],
        ),
        ('0.1', 0.1),
        ('[a,b]', ['a', 'b']),
        ('1,2', [1, 2]),
        ('epoch_{}.pth', 'epoch_{}.pth'),
        ('a=b', 'a=b'),
        ('dict', 'dict'),
    ],
)
def test_values_are_read_as_what_they_are(text, value):
    assert read(f'key.name={text}', 'other=1') == {'key.name': value, 'other': 1}


@pytest.mark.parametrize(
    'text',
    [
        'f(1,2)',
        'dict(1)',
        'dict(**x)',
        'dict(a=',
        'dict(a=open("x"))',
        'dict(a=1 if b else 2)',
        '{"a": 1',
        'dict(1,2),3',
    ],
)
def test_what_is_no_value_is_told_and_never_run(text):
    with pytest.raises(
        ValueError, match='a value is a number, True, False, None, a text, .* but this one is '
    ):
        read(f'key={text}')
