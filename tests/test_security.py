"""A population that somebody else has made: nothing of it runs, nothing of it reaches the terminal,
no link is followed.
"""

import json
import os
import subprocess
import sys

import pytest
import torch
from killing import ROOT
from mmengine.config import Config
from mmpretrain.registry import MODELS
from rated_populations import rated_population
from small_population import python_path

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import printable
from regnet_plugin.population.runs.attempts import begin_attempt
from regnet_plugin.population.runs.removal import remove_checkpoints
from regnet_plugin.population.runs.results import Result
from regnet_plugin.population.runs.run import RunFolder
from regnet_plugin.population.store import Population
from regnet_plugin.report.report import report, write_report
from regnet_plugin.training.populations.run_planning import prepare_runs
from regnet_plugin.training.populations.supervision import make_ready

ESC = '\x1b]0;mine\x07\x9b31m'
READERS = [
    ('population_status.py', ()),
    ('report_population.py', ('--out', 'page.html')),
    ('draw_networks.py', ()),
    ('export_table.py', ()),
    ('export_optuna.py', ()),
]


@pytest.fixture(scope='module')
def received(tmp_path_factory):
    """Each text that somebody can choose has control characters, and each file that could run would
    leave a trace.
    """
    folder = rated_population(
        tmp_path_factory.mktemp('received') / f'theirs{ESC}',
        'regnetx_digits',
        6,
        failed=1,
        waiting=2,
        recipe=f'short{ESC}',
    )
    trace = folder.parent / 'trace'
    harm = f'open({str(trace)!r}, "w").close()\n'
    (recipe,) = (folder / 'runs').iterdir()
    for path in (recipe / 'recipe.py', *recipe.glob('*/config.py'), folder / 'theirs.py'):
        path.write_text(harm)
    manifest = json.loads((folder / 'population.json').read_text())
    (folder / 'population.json').write_text(json.dumps({**manifest, 'custom_imports': ['theirs']}))
    attempt = begin_attempt(recipe / '000004-0', None, 'token')
    attempt.path.write_text(json.dumps({**attempt.values, 'host': ESC, 'program': ESC}))
    (recipe / '000000-0/result.json').unlink()
    Result('000000', 0, 'short', 'failed', reason='error', message=f'said {ESC}').write(
        recipe / '000000-0'
    )
    return folder


@pytest.mark.parametrize('tool, flags', READERS)
def test_what_reads_a_population_runs_nothing_of_it_and_shows_no_control_characters(
    received, run_tool, tool, flags
):
    done = run_tool(tool, received, *flags, cwd=received.parent)
    said = done.stdout + done.stderr
    assert not (received.parent / 'trace').exists()
    assert all(one.isprintable() for one in said.replace('\n', '').replace('\t', '')), repr(said)
    assert done.returncode == 0, said
    assert '\\x1b]0;mine\\x07\\x9b31m' in said


def test_errors_and_wrong_arguments_show_none_either(received, run_tool):
    for flags in (
        [received / f'no{ESC}'],
        [received, '--recipe', f'no{ESC}'],
        [received, f'--no{ESC}'],
    ):
        done = run_tool('population_status.py', *flags)
        assert (
            done.returncode == 2
            and '\\x1b' in done.stderr
            and '\x1b' not in done.stderr
            and '\x9b' not in done.stderr
        )


def test_what_is_printable_stays_as_it_is():
    assert printable('w₀ = 24 · größer\nΔ') == 'w₀ = 24 · größer\nΔ'
    assert printable('a\tb\r\u202ec\udcff') == 'a\\tb\\r\\u202ec\\udcff'


def test_modules_of_a_population_do_not_come_from_its_folder(received, monkeypatch):
    monkeypatch.setattr(sys, 'path', [str(received), *sys.path])
    with pytest.raises(UserError, match='theirs lies in'):
        prepare_runs(Population.open(received), str(ROOT / 'configs/recipes/dds_10e_digits.py'))
    assert not (received.parent / 'trace').exists()


def small_report(tmp_path):
    table = tmp_path / 'mine.csv'
    table.write_text(
        'network,error,flops\n'
        + ''.join(f'{number},{30 + number},{10 + number}\n' for number in range(4))
    )
    from regnet_plugin.population.readers import read_records

    return report(read_records(table))


def test_the_folder_of_a_page_is_no_link_and_what_a_user_put_there_stays(tmp_path):
    theirs = tmp_path / 'theirs'
    theirs.mkdir()
    for name in ('a.csv', 'b.pdf', 'c.png'):
        (theirs / name).write_text('mine')
    (tmp_path / 'page_files').symlink_to(theirs)
    document = small_report(tmp_path)
    with pytest.raises(
        ValueError, match='in a folder of their own, which is no link, but .*page_files is one'
    ):
        write_report(document, tmp_path / 'page.html')
    (tmp_path / 'page_files').unlink()
    (tmp_path / 'page_files').mkdir()
    (tmp_path / 'page_files/notes.csv').write_text('mine')
    (tmp_path / 'page_files/networks.csv').symlink_to(theirs / 'a.csv')
    (tmp_path / 'page.html').write_text(
        '<a href="./page_files/networks.csv"> <a href="./page_files/..%2Ftheirs%2Fb.pdf">'
    )
    write_report(document, tmp_path / 'page.html')
    assert (tmp_path / 'page_files/notes.csv').read_text() == 'mine'
    assert not (tmp_path / 'page_files/networks.csv').is_symlink()
    assert [path.read_text() for path in sorted(theirs.iterdir())] == 3 * ['mine']


CHECKPOINTS = (
    'epoch_3.pth',
    'iter_100.pth',
    'best_accuracy_top1_epoch_3.pth',
    'best_coco_bbox_mAP_iter_9.pth',
    'last_checkpoint',
)
OTHERS = ('mine.pth', 'epoch_3.pth.bak', 'epoch_x.pth', 'my_epoch_3.pth')


def filled(folder):
    folder.mkdir(parents=True)
    for name in (*CHECKPOINTS, *OTHERS):
        (folder / name).write_text('weights')
    return folder


def test_only_checkpoints_that_the_training_wrote_are_deleted(tmp_path):
    run, elsewhere = filled(tmp_path / 'runs/short/000000-0'), filled(tmp_path / 'elsewhere')
    (run / 'epoch_1.pth').symlink_to(elsewhere / 'epoch_3.pth')
    (run / 'epoch_2.pth').mkdir()
    remove_checkpoints(run)
    assert sorted(os.listdir(run)) == sorted([*OTHERS, 'epoch_1.pth', 'epoch_2.pth'])
    assert sorted(os.listdir(elsewhere)) == sorted([*CHECKPOINTS, *OTHERS])


@pytest.mark.parametrize('link', ['runs', 'runs/short', 'runs/short/000000-0'])
def test_of_a_linked_run_nothing_is_deleted(tmp_path, link):
    theirs, mine = tmp_path / 'theirs', tmp_path / 'mine'
    run = filled(theirs / 'runs/short/000000-0')
    Result('000000', 0, 'short', 'failed', reason='error').write(run)
    before = {path: path.read_bytes() for path in run.iterdir()}
    (mine / link).parent.mkdir(parents=True)
    (mine / link).symlink_to(theirs / link)
    linked = RunFolder(mine / 'runs/short/000000-0')
    remove_checkpoints(linked.folder)
    with pytest.raises(ValueError, match='nothing is removed through a link'):
        linked.forget_failure()
    (run / 'result.json').write_text('{')
    with pytest.raises(ValueError, match='nothing is removed through a link'):
        linked.forget_broken_result()
    assert {path: path.read_bytes() for path in run.iterdir()} == {
        **before,
        run / 'result.json': b'{',
    }


def test_writing_goes_through_no_link_to_a_part_of_a_file(tmp_path):
    population = Population.create(tmp_path / 'population', dict(format=1))
    (tmp_path / 'mine').write_text('mine')
    for name in ('population.part', '.population.json.part'):
        (population.directory / name).symlink_to(tmp_path / 'mine')
    population.note(size=1)
    assert (tmp_path / 'mine').read_text() == 'mine' and Population.open(
        population.directory
    ).manifest['size'] == 1


def test_nothing_is_cut_off_through_a_link(tmp_path):
    population = Population.create(tmp_path / 'population', dict(format=1))
    (tmp_path / 'mine').write_text('mine, without an end')
    population.path.symlink_to(tmp_path / 'mine')
    with pytest.raises(ValueError, match='is a link, through which nothing is cut off'):
        population.drop_broken_end()
    assert (tmp_path / 'mine').read_text() == 'mine, without an end'


def test_in_a_linked_run_nothing_is_trained(tmp_path):
    theirs, mine = filled(tmp_path / 'theirs'), tmp_path / 'mine/runs/short'
    mine.mkdir(parents=True)
    (mine / '000000-0').symlink_to(theirs)
    run = RunFolder(mine / '000000-0')
    with pytest.raises(UserError, match='in a folder of its own, but .*000000-0 is a link'):
        make_ready([run])


CLASSIFIER = ROOT / 'configs/regnetx_6.5mf_digits.py'


def foreign_checkpoint(path, tensor, classes):
    """The config's whole network, with one tensor more, as MMEngine writes it."""
    weights = MODELS.build(Config.fromfile(CLASSIFIER).model).state_dict()
    checkpoint = dict(
        state_dict={**weights, tensor: torch.zeros(1)},
        meta=dict(dataset_meta=dict(classes=classes), seed=0, epoch=1, iter=1),
    )
    torch.save(checkpoint, path)
    return path


@pytest.mark.parametrize('tool', ['train', 'resume', 'test'])
def test_names_of_tensors_do_not_reach_the_terminal(run_tool, tmp_path, tool):
    """PyTorch's and MMEngine's loaders print the names that a network does not have."""
    path = foreign_checkpoint(tmp_path / 'theirs.pth', f'backbone.{ESC}', ())
    command = {
        'train': ('train.py', CLASSIFIER, '--cfg-options', f'load_from={path}'),
        'resume': ('train.py', CLASSIFIER, '--resume', path),
        'test': ('test.py', CLASSIFIER, path),
    }[tool]
    done = run_tool(*command, cwd=tmp_path)
    said = done.stdout + done.stderr
    assert done.returncode == 2 and 'must have names of printable characters' in said
    assert all(one.isprintable() for one in said.replace('\n', '').replace('\t', '')), repr(said)


def test_what_libraries_log_and_warn_of_is_printable_too(tmp_path):
    """MMEngine's colours, which its formatter adds, are not what is looked for."""
    program = f"""
from regnet_plugin.cli.errors import exit_on_user_error

def main():
    import logging, warnings
    from mmengine.logging import MMLogger, print_log
    logger = MMLogger.get_instance('one', log_file='one.log')
    logger.warning('its class is %s', {ESC!r})
    print_log({ESC!r}, logger='current')
    logging.getLogger('another').error({ESC!r})
    warnings.warn({ESC!r})
    raise AssertionError({ESC!r})

exit_on_user_error(main)
"""
    done = subprocess.run(
        [sys.executable, '-c', program],
        cwd=tmp_path,
        env={**os.environ, 'PYTHONPATH': python_path(ROOT)},
        capture_output=True,
        text=True,
    )
    said = done.stdout + done.stderr + (tmp_path / 'one.log').read_text()
    assert done.returncode == 1
    assert said.count(printable(ESC)) >= 7 and '\x1b]' not in said and '\x9b' not in said
