"""What is said of a table that is broken: one line that names the file and the line."""

import pytest
from broken_json import variants
from written_table import lines, read

from regnet_plugin.population.store import PopulationError


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
            "status must be one of done, failed, running, waiting, sampled, but it is 'good'",
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
            'error,random_part\n5,yes\n6,true\n',
            'csv: random_part must be true or false, the same in all lines, but it is true, yes',
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
