"""Tables that are read column by column say what they say line by line."""

import numpy as np
import pytest

from regnet_plugin.population.readers import read_records, table, table_columns, table_row
from regnet_plugin.population.store import PopulationError

TABLES = {
    'numbers': 'error,flops,lr\n30.5,3e8,0.1\n 31 ,,.2\n3.2e1,4E8,nan\n',
    'names': 'network,error,mine,note\nb,30,,first\na,31,-3,\n\n,,,\nc,32,4,last\n',
    'numbered among named': 'network,error\n,30\na,31\n,32\n',
    'ends of training': (
        'error,status,reason,seeds,failed_seeds,deviation\n30,,,3,1,0.5\n,failed,diverged,,2,0.1\n'
        ',running,,,,\n31,done,,,,\n,,killed,,,\n,,,,,\n'
    ),
    'both errors': 'last_error,best_error\n30,29\n31,\n,28\n',
    'three errors': 'error,last_error,best_error\n30,30,29\n29,30,29\n28,,\n27,27,\n',
    'conditions': (
        'error,recipe,epochs,num_classes,resolution,device,design_space\n'
        '30,a,10,1000,224,cpu,AnyNetX\n31,b,10,1000,224,,\n32,a,10,1000,256,cpu,AnyNetX\n'
    ),
    'other names': 'error,group_width,bottleneck_ratio,w_1\n30,8,1,16\n31,16,,24\n',
    'late columns': 'error,flops,y,x\n30,,,\n31,1,,2\n32,2,3,4\n',
    'a half of a RegNet': 'error,depth,w_0,w_a,w_m\n30,20,24,30,2.5\n31,2,7,0,0.5\n',
}


def contents(records):
    """All that is in records, comparable; columns in their order."""
    return [
        (name, value.tolist() if isinstance(value, np.ndarray) else value)
        for name, value in vars(records).items()
        if name != 'columns'
    ] + [(name, column.tolist()) for name, column in records.columns.items()]


def line_by_line(path, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(table, 'read_columns', lambda *arguments: None)
        return read_records(path)[0]


@pytest.fixture
def lines_read(monkeypatch):
    """The lines that are read one by one, as a list that grows."""
    read = []

    def row_of_line(*given):
        read.append(given)
        return table_row.row_of_line(*given)

    for module in (table, table_columns):
        monkeypatch.setattr(module, 'row_of_line', row_of_line)
    return read


@pytest.mark.parametrize('name', TABLES)
def test_it_is_the_same(tmp_path, monkeypatch, name):
    path = tmp_path / 'mine.csv'
    path.write_text(TABLES[name])
    by_columns = read_records(path)[0]
    assert repr(contents(by_columns)) == repr(contents(line_by_line(path, monkeypatch)))


@pytest.mark.parametrize('name', TABLES)
def test_it_is_the_same_in_blocks_of_one_line(tmp_path, monkeypatch, name):
    path = tmp_path / 'mine.csv'
    path.write_text(TABLES[name])
    whole = line_by_line(path, monkeypatch)
    monkeypatch.setattr('regnet_plugin.population.readers.table_lines._TOGETHER', 1)
    assert repr(contents(read_records(path)[0])) == repr(contents(whole))


def test_lines_that_differ_in_numbers_only_are_read_once(tmp_path, lines_read):
    path = tmp_path / 'mine.csv'
    draw = np.random.default_rng(0)
    rows = [f'{error:.3f},{flops},done' for error, flops in 50 + draw.normal(0, 3, (25_000, 2))]
    path.write_text('error,flops,status\n' + '\n'.join(rows))
    (records,) = read_records(path)
    assert len(records.networks) == 25_000 and records.networks[-1] == '024999'
    assert len(lines_read) == 3, 'a line of each block'


@pytest.mark.parametrize(
    'line, message',
    [
        ('oops,1,', 'an error must be a number from 0 to 100'),
        ('nan,1,', 'an error must be a number from 0 to 100'),
        ('30,1_000,', "flops must be a number, at most 1e100, but it is '1_000'"),
        ('30,-1,', 'flops must be a number from 0'),
        ('30,1e101,', 'flops must be a number, at most 1e100'),
        ('30,1,failed', 'a network that is done, and no other, has an error'),
        ('30,1', 'there must be 3 cells as in line 1'),
        ('30,1,"', 'unexpected end of data'),
    ],
)
def test_a_fault_far_below_is_found(tmp_path, line, message):
    path = tmp_path / 'mine.csv'
    path.write_text('error,flops,status\n' + 20_000 * '30,1,\n' + line + '\n')
    with pytest.raises(PopulationError, match=f'mine.csv:20002: {message}'):
        read_records(path)


def test_a_name_that_is_there_twice_is_found_in_another_block(tmp_path):
    path = tmp_path / 'mine.csv'
    names = [f'a{number}' for number in range(20_000)] + ['a7']
    path.write_text('network,error\n' + ''.join(f'{name},30\n' for name in names))
    with pytest.raises(PopulationError, match=r'mine.csv:20002: .* but a7 is in line 9, too'):
        read_records(path)


def test_a_byte_that_is_no_text_is_found_far_below(tmp_path):
    path = tmp_path / 'mine.csv'
    path.write_bytes(b'error\n' + 20_000 * b'30\n' + b'\xff\n')
    with pytest.raises(PopulationError, match='must be a text in UTF-8, but its byte 60006 is'):
        read_records(path)
