"""Plans of studies: what is refused, and which commands a plan becomes."""
import re

import pytest
from killing import ROOT

from regnet_plugin.study.plan import commands_of, read_plan, selection_of

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
    assert all(sizes[key] >= 100 for key in ('anynetx_a', 'anynetx_b', 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx'))
    assert len(sizes) == 15 and min(sizes.values()) >= 50
    assert len({part.seed for part in plan.parts if not part.of}) == sum(not part.of for part in plan.parts)
    regime = plan.part('regnetx').flops
    others = {plan.part(key).flops for key in ('regnetx_half', 'regnetx_double')}
    assert {part.flops for part in plan.parts} == {regime, *others} and len(others) == 2
    assert (plan.selection.among, len(plan.selection.seeds)) == (25, 5)
    assert regime[0] <= plan.selection.flops <= regime[1]


@pytest.mark.parametrize('folder, factor', [(STUDY.parent, 4), (FIRST, 2)])
def test_ranges_are_the_papers_divided_by_one_factor(folder, factor):
    from regnet_plugin.population.configuration import design_space_of

    for name, upper in (('anynetx_a', ('depth', 'width')), ('regnetx', ('depth', 'w_0', 'w_a'))):
        _, ours, _ = design_space_of(folder / f'{name}.py')
        _, papers, _ = design_space_of(ROOT / f'configs/design_spaces/{name}.py')
        for parameter in upper:
            end, = {'high', 'below'} & {key for key, value in papers[parameter].items() if value is not None}
            assert factor * ours[parameter][end] == papers[parameter][end]
        assert factor * max(ours['group_width']) == max(papers['group_width'])
        assert ours['bottleneck_ratio'] == papers['bottleneck_ratio']


@pytest.mark.parametrize('recipe', ['short', 'enhanced', 'long', 'first/short'])
def test_a_recipe_trains_and_tests_on_all_images_once(recipe):
    from mmengine.config import Config
    from mmengine.registry import DATASETS, DefaultScope

    config = Config.fromfile(STUDY.parent / f'{recipe}.py')
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        trained, tested = (DATASETS.build(config[f'{name}_dataloader'].dataset) for name in ('train', 'val'))
    images = [sample['inputs'].numpy().tobytes() for dataset in (trained, tested) for sample in dataset]
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
        trained, tested = (part.settings[f'{name}'] for name in ('train_dataloader.dataset.indices',
                                                                 'val_dataloader.dataset.datasets.1.indices'))
        assert trained - tested == 1437  # all images of the split, none in both parts


def test_commands_of_a_part(tmp_path):
    plan = read_plan(plan_of(tmp_path, f"parts = [{PART}, dict({PART}, key='b', of='a', size=1, latency=True, seeds=(3, 4),"
                                       "settings={'train_cfg.max_epochs': 2})]\n"
                                       "selection = dict(of='a', among=2, recipe='recipe.py', baselines=('resnet50',),"
                                       "flops=1.5e6, seeds=(0, 1))"))
    folder, results = tmp_path / 'work', tmp_path / 'results'
    first, second = ([' '.join(map(str, command)) for command in commands_of(plan, part, folder, results, 2)]
                     for part in plan.parts)
    sampled, trained = 'sample_population.py', 'train_population.py'
    assert [command.split()[0] for command in first] == [sampled, trained, 'export_table.py']
    assert [command.split()[0] for command in second] == [sampled, trained, 'measure_latency.py', 'export_table.py']
    assert first[0] == second[0]  # the networks of the first part
    assert '--networks 0 --cfg-options train_cfg.max_epochs=2' in second[1] and '--seed 3 4' in second[1]
    assert f'{folder}/a {tmp_path}/recipe.py --name b' in second[1]  # with another recipe
    assert second[3].endswith(f'--recipe b --out {results}/b.jsonl')
    command, table = selection_of(plan, folder, 2)
    assert table == folder / 'a/runs/recipe/best.csv'
    assert '--ranked-by recipe --among 2 --seed 0 1 --baselines resnet50' in ' '.join(map(str, command))


@pytest.mark.parametrize('text, message', [
    ('parts = []', 'a study has parts, a list of dicts, but there are none'),
    (f'parts = [{PART}, {PART}]', 'each part must have a key of its own, but they are a, a'),
    (f"parts = [dict({PART}, of='z')]", r'of must name a part \(a\), but it is z'),
    (f"parts = [dict({PART}, recipe='none.py')]", 'recipe must be the path of a config.*none.py'),
    (f"parts = [dict({PART}, networks=3)]", "Part of a: .*unexpected keyword argument 'networks'"),
    ("parts = [dict(key='a', name='A')]", 'Part of a: .*missing')])
def test_refusals(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read_plan(plan_of(tmp_path, text))


def test_a_part_whose_table_is_whole_is_left_alone(run_tool, tmp_path):
    part = read_plan(STUDY).parts[0]
    for lines, left in ((part.size - 1, False), (part.size, True)):
        (tmp_path / f'{part.key}.jsonl').write_text('{}\n' * lines)
        done = run_tool('run_study.py', STUDY, '--results', tmp_path, '--only', part.key, '--dry-run')
        assert done.returncode == 0 and (done.stdout == '') == left


def test_the_tool_shows_its_commands_and_refuses_unknown_parts(run_tool, tmp_path):
    done = run_tool('run_study.py', STUDY, '--work-dir', tmp_path, '--dry-run')
    assert done.returncode == 0 and not list(tmp_path.iterdir())
    tools = re.findall(r'^\$ tools/(\S+)', done.stdout, re.MULTILINE)
    assert tools.count('train_population.py') == 16 and tools[-1] == 'select_best.py'
    done = run_tool('run_study.py', STUDY, '--only', 'regnetz', '--dry-run')
    assert done.returncode == 2 and 'but it names regnetz' in done.stderr
