"""Which classes and labels datasets have, through whatever wraps them, and whether two of them mean
the same by a label.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

_SHOWN = 5  # names in a message


def parts_of(dataset: Any) -> Iterator[Any]:
    """A dataset and those that it wraps: concatenated, repeated, balanced, folds."""
    yield dataset
    for part in _inner(dataset):
        yield from parts_of(part)


def classes_of(part: Any) -> tuple[str, ...]:
    """The names of the classes that a dataset says it has; none where it does not say."""
    return tuple((getattr(part, 'metainfo', None) or {}).get('classes') or ())


def check_same_classes(datasets: Mapping[str, Any]) -> None:
    """Compare the classes of datasets, whose labels are positions among them.

    Args:
        datasets: by the name of their loader; the first one's classes are what is expected of the
            others.

    Raises:
        ValueError: which loader has others, or has them in another order.
    """
    # what names the classes: whose, and their names
    first: dict[str, tuple[str, tuple[str, ...]]] = {}
    for loader, dataset in datasets.items():
        for part in parts_of(dataset):
            _check_order_of_folders(part, loader)
            for kind, names in (
                ('classes', classes_of(part)),
                ('folders of classes', _folders(part)),
            ):
                owner, expected = (
                    first.setdefault(kind, (loader, names)) if names else (loader, names)
                )
                if names != expected:
                    raise ValueError(
                        f'{loader} must have the {kind} of {owner}, in the same order, since '
                        'labels are their '
                        f'positions, but it {_difference(expected, names)} '
                        '(dataset.metainfo.classes names '
                        'them)'
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
    for part in parts_of(dataset):
        classes = classes_of(part) if task is None else ()
        if (
            len(classes) > number
            or classes
            and len(classes) < number
            and loader == 'train_dataloader'
        ):
            raise ValueError(
                f"{key}.num_classes must be the number of {loader}'s classes, {len(classes)} "
                f'({_listed(classes)}), but it is {number}'
            )
        if _folders(part) or any(True for _ in _inner(part)):
            # labels are positions of folders; or those of what is wrapped, which comes next
            continue
        for index, record in _records(part):
            _check_record(
                record,
                f'{loader}, {record.get("img_path", f"image {index}")}',
                key,
                number,
                single,
                task,
            )


def _check_record(
    record: dict, image: str, key: str, number: int, single: bool, task: str | None
) -> None:
    label, scores = record.get('gt_label'), record.get('gt_score')
    if task is not None:
        label, scores = (label or {}).get(task), None
    if scores is not None and np.size(scores) != number:
        raise ValueError(
            f'{key}.num_classes must be the number of scores of an image, {np.size(scores)}, but '
            'it is '
            f'{number} ({image})'
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
            'each image '
            f'have one, but there is one with {labels.tolist()} ({image})'
        )
    if ((labels < 0) | (labels >= number)).any():
        wrong = labels[(labels < 0) | (labels >= number)].flat[0]
        raise ValueError(
            f'labels must be from 0 to {number - 1}, since {key}.num_classes={number}, but one is '
            f'{wrong} '
            f'({image})'
        )


def _inner(dataset: Any) -> Iterator[Any]:
    for part in getattr(dataset, 'datasets', None) or [getattr(dataset, 'dataset', None)]:
        if part is not None:
            yield part


def _folders(part: Any) -> tuple[str, ...]:
    """The folders whose positions are the labels, of a dataset of class folders."""
    return tuple(getattr(part, 'folder_to_idx', None) or ())


def _records(part: Any) -> Iterator[tuple[int, dict]]:
    if not hasattr(part, 'get_data_info'):
        records = getattr(part, 'data_list', None)  # of a dataset with several tasks
        yield from enumerate(records if isinstance(records, list) else ())
        return
    for index in range(len(part)):
        yield index, part.get_data_info(index)


def _check_order_of_folders(part: Any, loader: str) -> None:
    """Folders are sorted by name; classes that name them must be so, too, or each label has another
    one's name.
    """
    folders, classes = _folders(part), classes_of(part)
    for position, folder in enumerate(folders):
        if folder in classes and classes.index(folder) != position:
            raise ValueError(
                f"{loader}'s metainfo.classes must be in the order of its folders, "
                f'{_listed(folders)}, since '
                f'labels are their positions, but they are {_listed(classes)}'
            )


def _difference(expected: tuple[str, ...], found: tuple[str, ...]) -> str:
    """What distinguishes two lists of names, as the end of a sentence."""
    missing = [name for name in expected if name not in found]
    beside = [name for name in found if name not in expected]
    said = [
        f'{verb} {_listed(names)}' for verb, names in (('lacks', missing), ('has', beside)) if names
    ]
    if said:
        return ' and '.join(said)
    if len(expected) != len(found):
        return f'has {len(found)} instead of {len(expected)}'
    position = next(
        number for number, pair in enumerate(zip(expected, found)) if len(set(pair)) > 1
    )
    return f'has {found[position]} as number {position}, where {expected[position]} is expected'


def _listed(names: Any) -> str:
    return ', '.join(map(str, list(names)[:_SHOWN])) + (', …' if len(names) > _SHOWN else '')
