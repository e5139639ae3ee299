"""Under what conditions a recipe trains, read from its text.

A recipe is Python of somebody's, which is never run here.
"""

import ast
from typing import Any

from regnet_plugin.population.runs.results import digest_of

# What tells data of one type apart: arguments of a dataset.
_DATA = ('data_root', 'data_prefix', 'ann_file', 'split', 'indices')
# Entries of train_cfg that say how long a training is, and how that is written.
_LENGTHS = dict(max_epochs='{:,}', max_iters='{:,} iterations')


def conditions_of(name: str, text: str) -> dict[str, tuple[str, ...]]:
    """Say under what conditions a recipe trains, as `Records.conditions` names them.

    Args:
        name: of the recipe.
        text: of it, as `keep_recipe` has written it.

    Returns:
        ``recipe`` and ``recipe_digest``; ``data`` (of training and evaluation) and ``epochs`` where
        these are literal in the text.
    """
    settings = _settings(text)
    of_training = _dataset(settings.get('train_dataloader'))
    of_evaluation = _dataset(settings.get('val_dataloader'))
    datasets = [of_training] if of_training == of_evaluation else [of_training, of_evaluation]
    known = dict(
        recipe=name,
        recipe_digest=digest_of(text),
        epochs=_length(settings.get('train_cfg')),
        data=' / '.join(dataset for dataset in datasets if dataset),
    )
    return {condition: (value,) for condition, value in known.items() if value}


def _settings(text: str) -> dict[str, Any]:
    """Top-level assignments of literals; calls of ``dict`` are such.

    None where something else is written; nothing at all of a text that is no Python.
    """
    try:
        lines = ast.parse(text).body
        settings = {}
        for line in lines:
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                settings[line.targets[0].id] = _literal(line.value)
        return settings
    # what Python's parser raises of texts that are wrong, nested deeply, or huge
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def _literal(node: ast.expr) -> Any:
    """The value of an expression; None of one, or of a part of one, that is no literal."""
    if isinstance(node, ast.Call) and _is_dict(node):
        return {keyword.arg: _literal(keyword.value) for keyword in node.keywords if keyword.arg}
    if isinstance(node, ast.List):
        return [_literal(entry) for entry in node.elts]
    if isinstance(node, ast.Dict):
        return {
            _literal(key): _literal(value)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        }
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):  # no literal, or one that Python refuses, such as {[1]}
        return None


def _is_dict(call: ast.Call) -> bool:
    """Whether a call is that of ``dict`` with keywords only."""
    return isinstance(call.func, ast.Name) and call.func.id == 'dict' and not call.args


def _length(train_cfg: Any) -> str:
    """How long a training is, in epochs or iterations; '' where that is not literal."""
    if isinstance(train_cfg, dict):
        for name, wording in _LENGTHS.items():
            if isinstance(train_cfg.get(name), int):
                return wording.format(train_cfg[name])
    return ''


def _dataset(loader: Any) -> str:
    """The innermost dataset of a loader: its type and where it is.

    Such as 'ImageNet(data_root=data/imagenet, split=train)'; '' where that is not literal.
    """
    dataset = loader.get('dataset') if isinstance(loader, dict) else None
    while isinstance(dataset, dict) and isinstance(dataset.get('dataset'), dict):
        dataset = dataset['dataset']
    if not isinstance(dataset, dict) or not isinstance(dataset.get('type'), str):
        return ''
    kind: str = dataset['type']
    places = ', '.join(f'{name}={dataset[name]}' for name in _DATA if dataset.get(name))
    return f'{kind}({places})' if places else kind
