"""Which classes and labels datasets have, and whether two of them mean the same by a label.

Datasets are built ones here, whatever wraps them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

_SHOWN = 5  # names in a message, to recognize a list by


def wrapped_datasets(dataset: Any) -> Iterator[Any]:
    """Yield a dataset and those that it wraps: concatenated, repeated, balanced, folds."""
    yield dataset
    for inner in _directly_wrapped(dataset):
        yield from wrapped_datasets(inner)


def metainfo_of(dataset: Any) -> Mapping[str, Any]:
    """Return what a dataset says of itself; an empty one where it says nothing."""
    return getattr(dataset, 'metainfo', None) or {}


def classes_of(dataset: Any) -> tuple[str, ...]:
    """Return the names of the classes that a dataset has; none where it does not say."""
    return tuple(metainfo_of(dataset).get('classes') or ())


def listed(names: Sequence[Any], shown: int = _SHOWN) -> str:
    """List the first names, for a message."""
    return ', '.join(map(str, names[:shown])) + (', …' if len(names) > shown else '')


def check_same_classes(datasets: Mapping[str, Any]) -> None:
    """Compare the classes of datasets, whose labels are positions among them.

    Args:
        datasets: by the name of their loader; the first one's classes are what is expected of the
            others.

    Raises:
        ValueError: which loader has others, or has them in another order.
    """
    # The first names of each kind, and the loader that has them.
    first: dict[str, tuple[str, tuple[str, ...]]] = {}
    for loader, dataset in datasets.items():
        for part in wrapped_datasets(dataset):
            _check_order_of_folders(part, loader)
            named = {'classes': classes_of(part), 'folders of classes': _folders_of(part)}
            for kind, names in named.items():
                if not names:
                    continue
                owner, expected = first.setdefault(kind, (loader, names))
                if names != expected:
                    raise ValueError(
                        f'{loader} must have the {kind} of {owner}, in the same order, since '
                        f'labels are their positions, but it {_difference(expected, names)} '
                        '(dataset.metainfo.classes names them)'
                    )


def check_labels_within(
    dataset: Any, loader: str, key: str, number: int, *, single: bool, task: str | None = None
) -> None:
    """Compare the classes and labels of a dataset with the number of classes that a head has.

    A network is trained on all of its classes; evaluated it may be on some, the first of them.

    Args:
        dataset: perhaps around others.
        loader: what the message calls it.
        key: of the head, such as 'model.head'.
        number: of the head's classes.
        single: the head takes one label per image.
        task: of which labels are looked at, where an image has those of several. Default: None,
            there is one.

    Raises:
        ValueError: the first label that there is no class for, and its image.
    """
    for part in wrapped_datasets(dataset):
        if task is None:
            _check_number_of_classes(classes_of(part), loader, key, number)
        if _folders_of(part):  # whose positions are the labels
            continue
        if _directly_wrapped(part):  # whose labels come next
            continue
        for index, record in _records_of(part):
            path = record.get('img_path', f'image {index}')
            _check_record(record, f'{loader}, {path}', key, number, single, task)


def _check_number_of_classes(classes: tuple[str, ...], loader: str, key: str, number: int) -> None:
    too_many = len(classes) > number
    too_few = 0 < len(classes) < number and loader == 'train_dataloader'
    if too_many or too_few:
        raise ValueError(
            f"{key}.num_classes must be the number of {loader}'s classes, {len(classes)} "
            f'({listed(classes)}), but it is {number}'
        )


def _check_record(
    record: Mapping[str, Any], image: str, key: str, number: int, single: bool, task: str | None
) -> None:
    """Check the labels of an image, or its scores, of which there is one for each class.

    Args:
        record: of the dataset, with ``gt_label`` or ``gt_score``.
        image: what the message calls it.
        key, number, single, task: as in `check_labels_within`.
    """
    label = record.get('gt_label')
    scores = record.get('gt_score')
    if task is not None:
        label = (label or {}).get(task)
        scores = None
    if scores is not None and np.size(scores) != number:
        raise ValueError(
            f'{key}.num_classes must be the number of scores of an image, {np.size(scores)}, but '
            f'it is {number} ({image})'
        )
    if label is None or scores is not None:
        return
    labels = np.asarray(label)
    if labels.dtype.kind not in 'iu' and labels.size:
        raise ValueError(
            f'labels must be whole numbers from 0 to {number - 1}, but one is {label!r} ({image})'
        )
    if single and labels.size != 1:
        raise ValueError(
            f'{key} must be made for several labels per image, such as MultiLabelLinearClsHead, or '
            f'each image have one, but there is one with {labels.tolist()} ({image})'
        )
    wrong = labels[(labels < 0) | (labels >= number)]
    if wrong.size:
        raise ValueError(
            f'labels must be from 0 to {number - 1}, since {key}.num_classes={number}, but one is '
            f'{wrong.flat[0]} ({image})'
        )


def _directly_wrapped(dataset: Any) -> list[Any]:
    """The datasets that one wraps, without those that they wrap in turn."""
    several = getattr(dataset, 'datasets', None)
    inner = list(several) if several else [getattr(dataset, 'dataset', None)]
    return [part for part in inner if part is not None]


def _folders_of(dataset: Any) -> tuple[str, ...]:
    """The folders whose positions are the labels, of a dataset of class folders."""
    return tuple(getattr(dataset, 'folder_to_idx', None) or ())


def _records_of(dataset: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """What a dataset knows of its images, without reading them."""
    if hasattr(dataset, 'get_data_info'):
        for index in range(len(dataset)):
            yield index, dataset.get_data_info(index)
    else:
        records = getattr(dataset, 'data_list', None)  # of a dataset with several tasks
        yield from enumerate(records if isinstance(records, list) else ())


def _check_order_of_folders(dataset: Any, loader: str) -> None:
    """Check that classes that name folders are in the order of these, which is that of names.

    Else each label would have another one's name.
    """
    folders, classes = _folders_of(dataset), classes_of(dataset)
    for position, folder in enumerate(folders):
        if folder in classes and classes.index(folder) != position:
            raise ValueError(
                f"{loader}'s metainfo.classes must be in the order of its folders, "
                f'{listed(folders)}, since labels are their positions, but they are '
                f'{listed(classes)}'
            )


def _difference(expected: tuple[str, ...], found: tuple[str, ...]) -> str:
    """What distinguishes two lists of names that differ, as the end of a sentence."""
    missing = [name for name in expected if name not in found]
    beside = [name for name in found if name not in expected]
    said = []
    if missing:
        said.append(f'lacks {listed(missing)}')
    if beside:
        said.append(f'has {listed(beside)}')
    if said:
        return ' and '.join(said)
    if len(expected) != len(found):
        return f'has {len(found)} instead of {len(expected)}'
    differing = [number for number, name in enumerate(expected) if name != found[number]]
    first = differing[0]
    return f'has {found[first]} as number {first}, where {expected[first]} is expected'
