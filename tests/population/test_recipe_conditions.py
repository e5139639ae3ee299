"""Under what conditions a recipe trains, read from its text and from the results."""

import pytest
from read_population import write

from regnet_plugin.population.readers import read_records
from regnet_plugin.population.runs.results import digest_of

RECIPE = """train_cfg = dict(by_epoch=True, max_epochs=25)
train_dataloader = dict(
    batch_size=2 * 32,
    dataset=dict(
        type='RepeatDataset', times=2,
        dataset=dict(type='CIFAR10', data_root='data/cifar10', pipeline=[dict(type='X')])))
val_dataloader = dict(dataset=dict(type='CIFAR10', data_root='data/cifar10', split='test'))
open('written', 'w').write('by a recipe that was run')
"""


def test_conditions_are_those_of_the_recipe_as_text_and_of_the_results(
    population, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    write(population, '000000', error=3.0, versions=dict(torch='2.9.0'))
    write(
        population,
        '000000',
        seed=1,
        error=3.0,
        versions=dict(torch='2.8.0'),
        metric='accuracy/top5',
    )
    write(population, '000001', status='failed', reason='killed', versions=dict(torch='2.9.0'))
    (population.directory / 'runs/short/recipe.py').write_text(RECIPE)
    (records,) = read_records(population.directory)
    shared = dict(
        recipe=('short',),
        recipe_digest=(digest_of(RECIPE),),
        epochs=('25',),
        num_classes=('10',),
        resolution=('32',),
        data=('CIFAR10(data_root=data/cifar10) / CIFAR10(data_root=data/cifar10, split=test)',),
    )
    assert records.conditions[0] == dict(
        shared, versions=('torch 2.8.0', 'torch 2.9.0'), metric=('accuracy/top1', 'accuracy/top5')
    )
    assert records.conditions[1] == dict(shared, versions=('torch 2.9.0',))
    assert records.conditions[2] == dict(num_classes=('10',), resolution=('32',))
    assert records.seeds.tolist() == [2, 0, 0, 0] and records.failed_seeds.tolist() == [0, 1, 0, 0]
    assert not (tmp_path / 'written').exists()


@pytest.mark.parametrize(
    'text',
    [
        'def',
        '\0',
        '(' * 10_000,
        'train_cfg = 3',
        'train_cfg = dict(max_epochs="x", **y)',
        'train_dataloader = dict(dataset=[1])',
        'a.b = 1',
        'a = b = 1',
        'x = {**y, 1: 2, z: 3}',
        'x = {[1]}',
    ],
)
def test_a_recipe_of_any_text_is_data(population, text):
    write(population, '000000', error=3.0)
    (population.directory / 'runs/short/recipe.py').write_text(text)
    assert set(read_records(population.directory)[0].conditions[0]) == {
        'recipe',
        'recipe_digest',
        'metric',
        'num_classes',
        'resolution',
    }
