"""Plans of studies: what is refused, and which commands a plan becomes."""

import re
from pathlib import Path

import pytest
from killing import ROOT

from regnet_plugin.cli.errors import UserError
from regnet_plugin.study.plan_file import commands_of, read_plan, selection_of
from regnet_plugin.study.rehearsal import rehearse_plan

STUDY = ROOT / 'configs/study/study.py'
FIRST = ROOT / 'configs/study/first'
PART = "dict(key='a', name='A', space='space.py', recipe='recipe.py', flops=(1e6, 2e6), size=2)"


def plan_of(folder, text):
    for name in ('space', 'recipe'):
        (folder / f'{name}.py').write_text('')
    path = folder / 'plan.py'
    path.write_text(text)
    return path


def test_the_study_has_the_populations_that_it_promises():
    plan = read_plan(STUDY)
    sizes = {part.key: part.size for part in plan.parts}
    assert all(
        sizes[key] >= 100
        for key in ('anynetx_a', 'anynetx_b', 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx')
    )
    assert len(sizes) == 15 and min(sizes.values()) >= 50
    assert len({part.seed for part in plan.parts if not part.of}) == sum(
        not part.of for part in plan.parts
    )
    regime = plan.part('regnetx').flops
    others = {plan.part(key).flops for key in ('regnetx_half', 'regnetx_double')}
    assert {part.flops for part in plan.parts} == {regime, *others} and len(others) == 2
    assert (plan.selection.among, len(plan.selection.seeds)) == (25, 5)
    assert regime[0] <= plan.selection.flops <= regime[1]


@pytest.mark.parametrize(
    'folder, factor', [(STUDY.parent, 4), (FIRST, 2), (STUDY.with_name('fashion'), 2)]
)
def test_ranges_are_the_papers_divided_by_one_factor(folder, factor):
    from regnet_plugin.design_spaces.configuration import design_space_of

    for name, upper in (('anynetx_a', ('depth', 'width')), ('regnetx', ('depth', 'w_0', 'w_a'))):
        _, ours, _ = design_space_of(folder / f'{name}.py')
        _, papers, _ = design_space_of(ROOT / f'configs/design_spaces/{name}.py')
        for parameter in upper:
            (end,) = {'high', 'below'} & {
                key for key, value in papers[parameter].items() if value is not None
            }
            assert factor * ours[parameter][end] == papers[parameter][end]
        assert factor * max(ours['group_width']) == max(papers['group_width'])
        assert ours['bottleneck_ratio'] == papers['bottleneck_ratio']


@pytest.mark.parametrize('recipe', ['short', 'enhanced', 'long', 'first/short'])
def test_a_recipe_trains_and_tests_on_all_images_once(recipe):
    from mmengine.config import Config
    from mmengine.registry import DATASETS, DefaultScope

    config = Config.fromfile(STUDY.parent / f'{recipe}.py')
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        trained, tested = (
            DATASETS.build(config[f'{name}_dataloader'].dataset) for name in ('train', 'val')
        )
    images = [
        sample['inputs'].numpy().tobytes() for dataset in (trained, tested) for sample in dataset
    ]
    assert len(images) == 1797 and len(set(images)) > 1790  # a few digits are the same
    assert config.train_cfg.val_interval == config.train_cfg.max_epochs  # once, at the end


@pytest.mark.parametrize('folder', [STUDY.parent, FIRST])
def test_the_pilot_looks_at_one_space_only(folder):
    parts = read_plan(folder / 'pilot.py').parts
    assert {part.space for part in parts} == {str(folder / 'anynetx_a.py')}
    assert {len(part.seeds) for part in parts} == {3} and len(parts) > 4
    used = {part.seed for part in read_plan(folder / 'study.py').parts}
    assert not used & {part.seed for part in parts}  # other networks than the study's
    for part in parts:
        trained, tested = (
            part.settings[f'{name}']
            for name in (
                'train_dataloader.dataset.indices',
                'val_dataloader.dataset.datasets.1.indices',
            )
        )
        assert trained - tested == 1437  # all images of the split, none in both parts


@pytest.mark.parametrize('name', ['pilot', 'schedule'])
def test_the_pilot_on_garments_looks_at_one_space_only(name):
    """At other sizes of the images and with other numbers of classes it is the same law."""
    from mmengine.config import Config

    laws = []
    for part in read_plan(STUDY.with_name('fashion') / f'{name}.py').parts:
        space = Config.fromfile(part.space).design_space
        laws.append({**space, 'resolution': None, 'num_classes': None})
    assert all(law == laws[0] for law in laws)
    assert not laws[0].get('widths') and not laws[0].get('shared_bottleneck_ratio')


@pytest.mark.parametrize(
    'schedules, message',
    [
        ("short='a', long='a', again='x'", 'schedules must name parts .*but one is x'),
        ("short='a', long='b', again='a'", 'three parts with the same networks'),
        ("short='a', long='b', again='c'", 'three parts with the same networks'),
    ],
)
def test_schedules_that_cannot_be_compared(tmp_path, schedules, message):
    others = f"dict({PART}, key='b', of='a', settings={{'x': 1}}), dict({PART}, key='c')"
    with pytest.raises(ValueError, match=message):
        read_plan(plan_of(tmp_path, f'parts = [{PART}, {others}]\nschedules = [dict({schedules})]'))


def test_commands_of_a_part(tmp_path):
    plan = read_plan(
        plan_of(
            tmp_path,
            f"parts = [{PART}, dict({PART}, key='b', of='a', size=1, latency=True, seeds=(3, 4),"
            "settings={'train_cfg.max_epochs': 2})]\n"
            "selection = dict(of='a', among=2, recipe='recipe.py', baselines=('resnet50',),"
            'flops=1.5e6, seeds=(0, 1))',
        )
    )
    folder, results = tmp_path / 'work', tmp_path / 'results'
    first, second = (
        [' '.join(map(str, command)) for command in commands_of(plan, part, folder, results, 2)]
        for part in plan.parts
    )
    sampled, trained = 'sample_population.py', 'train_population.py'
    assert [command.split()[0] for command in first] == [sampled, trained, 'export_table.py']
    assert [command.split()[0] for command in second] == [
        sampled,
        trained,
        'measure_latency.py',
        'export_table.py',
    ]
    assert first[0] == second[0]  # the networks of the first part
    assert (
        '--networks 0 --cfg-options train_cfg.max_epochs=2' in second[1]
        and '--seed 3 4' in second[1]
    )
    assert f'{folder}/a {tmp_path}/recipe.py --name b' in second[1]  # with another recipe
    assert second[3].endswith(f'--recipe b --out {results}/b.jsonl')
    command, table = selection_of(plan, folder, 2)
    assert table == folder / 'a/runs/recipe/best.csv'
    assert '--ranked-by recipe --among 2 --seed 0 1 --baselines resnet50' in ' '.join(
        map(str, command)
    )


@pytest.mark.parametrize(
    'text, message',
    [
        ('parts = []', 'a study has parts, a list of dicts, but there are none'),
        (f'parts = [{PART}, {PART}]', 'each part must have a key of its own, but they are a, a'),
        (f"parts = [dict({PART}, of='z')]", r'of must name a part \(a\), but it is z'),
        (
            f"parts = [dict({PART}, recipe='none.py')]",
            'recipe must be the path of a config.*none.py',
        ),
        (
            f'parts = [dict({PART}, networks=3)]',
            "Part of a: .*unexpected keyword argument 'networks'",
        ),
        ("parts = [dict(key='a', name='A')]", 'Part of a: .*missing'),
    ],
)
def test_refusals(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read_plan(plan_of(tmp_path, text))


def test_a_part_whose_table_is_whole_is_left_alone(run_tool, tmp_path):
    part = read_plan(STUDY).parts[0]
    for lines, left in ((part.size - 1, False), (part.size, True)):
        (tmp_path / f'{part.key}.jsonl').write_text('{}\n' * lines)
        done = run_tool(
            'run_study.py', STUDY, '--results', tmp_path, '--only', part.key, '--dry-run'
        )
        assert done.returncode == 0 and (done.stdout == '') == left


def test_the_tool_shows_its_commands_and_refuses_unknown_parts(run_tool, tmp_path):
    done = run_tool('run_study.py', STUDY, '--work-dir', tmp_path, '--dry-run')
    assert done.returncode == 0 and not list(tmp_path.iterdir())
    tools = re.findall(r'^\$ tools/(\S+)', done.stdout, re.MULTILINE)
    assert tools.count('train_population.py') == 16 and tools[-1] == 'select_best.py'
    done = run_tool('run_study.py', STUDY, '--only', 'regnetz', '--dry-run')
    assert done.returncode == 2 and 'but it names regnetz' in done.stderr


def test_paths_begin_in_the_folder_of_the_plan_or_else_of_its_base(tmp_path, monkeypatch):
    (tmp_path / 'base').mkdir()
    plan_of(tmp_path / 'base', f'parts = [{PART}]')
    (tmp_path / 'mine').mkdir()
    (tmp_path / 'mine/recipe.py').write_text('')
    (tmp_path / 'mine/plan.py').write_text("_base_ = '../base/plan.py'\n")
    monkeypatch.chdir(tmp_path / 'mine')
    (part,) = read_plan('plan.py').parts
    # its own recipe comes before the base's
    assert (part.space, part.recipe) == ('../base/space.py', 'recipe.py')


@pytest.mark.parametrize(
    'text, message',
    [
        (
            f'parts = [dict({PART}, size=0)]',
            'size must be a positive whole number, but that of a is 0',
        ),
        (
            f'parts = [dict({PART}, flops=(2e6, 1e6))]',
            r'flops must be two positive numbers.* those of a are \(2000000.0, ',
        ),
        (
            f'parts = [dict({PART}, seeds=())]',
            r'seeds must be .* at least one and each once, but those of a are \(\)',
        ),
        (f"parts = [dict({PART}, key='a/b')]", "a name is that of one folder, but it is 'a/b'"),
        (
            f"parts = [{PART}, dict({PART}, key='b', of='a', size=3, recipe='other.py')]",
            'size must be at most that of the part whose networks are trained again, 2 of a, but '
            'that of b is 3',
        ),
        (
            f"parts = [{PART}, dict({PART}, key='b', of='a', flops=(1, 2), recipe='other.py')]",
            'flops must be that of the part',
        ),
        (
            f"parts = [{PART}, dict({PART}, key='b', of='a', recipe='other.py'), dict({PART}, "
            "key='c', of='b')]",
            'of must name a part that is sampled, but b, which c names, has of=a',
        ),
        (
            f"parts = [{PART}, dict({PART}, key='b', of='a')]",
            'parts with the same networks must have recipes of',
        ),
        (
            f'parts = [{PART}]\nselection = dict(among=3, {{}})',
            'among must be from 1 to the size of a, 2, but it is 3',
        ),
        (
            f'parts = [{PART}]\nselection = dict(among=2, flops=0, {{}})',
            'flops of the selection must be a positive number',
        ),
    ],
)
def test_what_could_not_be_carried_out_is_refused_when_the_plan_is_read(tmp_path, text, message):
    (tmp_path / 'other.py').write_text('')
    selection = "**dict(dict(of='a', recipe='other.py', baselines=(), flops=1.5e6, seeds=(0, )), "
    text = text.replace('selection = dict(', f'selection = dict({selection}').replace(', {}', ')')
    with pytest.raises(ValueError, match=message):
        read_plan(plan_of(tmp_path, text))


@pytest.mark.parametrize(
    'values, message',
    [
        (
            "baselines=('resnet5', )",
            "the selection: resnet5 .* no published RegNet called 'resnet5'",
        ),
        ('flops=95e12', 'the selection: resnet50 .* must reach the flops wanted'),
        (
            "recipe='short.py'",
            'networks must be chosen by other results than those that are reported',
        ),
        ("recipe='../regnetx_120mf_cifar10.py'", 'data/cifar10'),
    ],
)
def test_a_selection_that_cannot_work_is_refused(tmp_path, monkeypatch, values, message):
    monkeypatch.chdir(tmp_path)
    Path('plan.py').write_text(f'_base_ = {str(STUDY)!r}\nselection = dict({values})\n')
    with pytest.raises(UserError, match=message):
        rehearse_plan(read_plan('plan.py'), (), selection=True)


def test_that_is_said_before_anything_is_sampled_or_trained(run_tool, tmp_path):
    (tmp_path / 'plan.py').write_text(
        f'_base_ = {str(STUDY)!r}\nparts = [dict(_base_.parts[0], size=2), '
        "dict(_base_.parts[0], key='b', name='B', "
        "recipe='../recipes/dds_10e_imagenet.py')]\nselection = None\n"
    )
    done = run_tool('run_study.py', 'plan.py')
    assert done.returncode == 2 and done.stdout == ''
    assert re.search('error: part b.*data/imagenet|error: .*data/imagenet', done.stderr)
    assert sorted(path.name for path in tmp_path.iterdir()) == ['plan.py']
