"""Do annotations, classes and heads of a detector fit? mmdet drops labels, or dies of them in the first batch."""
import re

from mmengine.hooks import Hook

_HEAD = re.compile(r'(.*\.)?(bbox|mask)_head(\.\d+)?')  # others count stuff or background, too


class LabelHook(Hook):
    """Checks the datasets and the heads before the first batch."""

    def before_train(self, runner):
        check_labels(runner.train_dataloader.dataset)
        check_heads(getattr(runner.model, 'module', runner.model), runner.train_dataloader.dataset)

    def before_test(self, runner):
        check_labels(runner.test_dataloader.dataset)


def check_labels(dataset):
    """Look for each class among the categories of a file of COCO's kind.

    Args:
        dataset (Dataset): with the ``cat_ids`` that were found, or around such; others are left alone.

    Raises:
        ValueError: which file it is, and how many classes it has.
    """
    for part in _parts(dataset):
        expected = (getattr(part, 'metainfo', None) or {}).get('classes')
        if not hasattr(part, 'cat_ids') or not expected:
            continue
        if isinstance(expected, str):
            raise ValueError(f'metainfo.classes must be a list or tuple of names, such as ({expected!r}, ), but it is '
                             f'{expected!r}')
        if len(part.cat_ids) != len(expected):
            names = ', '.join(expected[:3]) + (', …' if len(expected) > 3 else '')
            raise ValueError(f'{part.ann_file} must have a category named like each of the classes, but it has '
                             f'{len(part.cat_ids)} of the {len(expected)} ({names}); name yours: dataset.metainfo.classes')


def check_heads(model, dataset):
    """Compare the number of classes of a detector's heads with the number that the labels have.

    Raises:
        ValueError: which head has another one. Of too few mmdet dies in training, of too many in the evaluation.
    """
    number = max(map(_number_of_labels, _parts(dataset)))
    if not number or hasattr(model, 'language_model'):  # whose head counts words
        return
    for name, module in model.named_modules():
        classes = getattr(module, 'num_classes', number)
        if _HEAD.fullmatch(name) and classes != number:
            raise ValueError(f"model.{name}.num_classes must be the number of the dataset's classes, {number}, but it is "
                             f'{classes}')


def _number_of_labels(dataset):
    """0 for what is not labelled with categories; of a panoptic set only things are."""
    metainfo = getattr(dataset, 'metainfo', None) or {}
    return len(metainfo.get('thing_classes') or metainfo.get('classes') or ()) if hasattr(dataset, 'cat_ids') else 0


def _parts(dataset):
    """A dataset and those that it wraps."""
    yield dataset
    for part in getattr(dataset, 'datasets', None) or [getattr(dataset, 'dataset', None)]:
        if part is not None:
            yield from _parts(part)
