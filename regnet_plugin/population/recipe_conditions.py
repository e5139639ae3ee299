"""What the recipe of a population's runs says, read as text: it is Python of somebody's, which is
never run here.
"""

import ast

from regnet_plugin.population.results import digest_of

# what tells data of one type apart
_DATA = ('data_root', 'data_prefix', 'ann_file', 'split', 'indices')
_LENGTHS = dict(max_epochs='{:,}', max_iters='{:,} iterations')


def conditions_of(name, text):
    """Say under what conditions a recipe trains, as `Records.conditions` names them.

    Args:
        name (str): of the recipe.
        text (str): of it, as `keep_recipe` has written it.

    Returns:
        dict[str, tuple[str]]: ``recipe`` and ``recipe_digest``; ``data`` (of training and
        evaluation) and ``epochs`` where these are literal in the text.
    """
    settings = _settings(text)
    datasets = [_dataset(settings.get(f'{part}_dataloader')) for part in ('train', 'val')]
    known = dict(
        recipe=name,
        recipe_digest=digest_of(text),
        epochs=_length(settings.get('train_cfg')),
        data=' / '.join(dict.fromkeys(filter(None, datasets))),
    )
    return {name: (value,) for name, value in known.items() if value}


def _settings(text):
    """Top-level assignments of literals; calls of ``dict`` are such. None where something else is
    written.
    """
    try:
        lines = ast.parse(text).body
        return {
            line.targets[0].id: _literal(line.value)
            for line in lines
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name)
        }
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def _literal(node):
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == 'dict'
        and not node.args
    ):
        return {keyword.arg: _literal(keyword.value) for keyword in node.keywords if keyword.arg}
    if isinstance(node, ast.List):
        return [_literal(entry) for entry in node.elts]
    if isinstance(node, ast.Dict):
        return {
            _literal(key): _literal(value)
            for key, value in zip(node.keys, node.values)
            if isinstance(key, ast.Constant)
        }
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _length(train_cfg):
    for name, text in _LENGTHS.items():
        if isinstance(train_cfg, dict) and isinstance(train_cfg.get(name), int):
            return text.format(train_cfg[name])
    return ''


def _dataset(loader):
    """The innermost dataset of a loader: its type and where it is,
    'ImageNet(data_root=data/imagenet, split=train)'.
    """
    dataset = loader.get('dataset') if isinstance(loader, dict) else None
    while isinstance(dataset, dict) and isinstance(dataset.get('dataset'), dict):
        dataset = dataset['dataset']
    if not isinstance(dataset, dict) or not isinstance(dataset.get('type'), str):
        return ''
    places = ', '.join(f'{name}={dataset[name]}' for name in _DATA if dataset.get(name))
    return f'{dataset["type"]}({places})' if places else dataset['type']
