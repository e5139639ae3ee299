"""ImageNetV2, the second test set of the paper's appendix A (tables 5 and 6)."""

from pathlib import Path
from typing import Any

from mmengine.dataset import BaseDataset

from regnet_plugin.registry import DATASETS

_NUM_CLASSES = 1000  # those of ImageNet


@DATASETS.register_module()
class ImageNetV2(BaseDataset):
    """Images in folders whose names are their labels, 0 to 999, as ImageNetV2 is published.

    A dataset of folders sorts them by name, 0, 1, 10, 100, …, and gives nearly every image the
    label of another class.

    Args:
        data_root (str): with the folders.
        split (str): only 'val', so that the type alone is exchanged in a config for ImageNet.
            Default: 'val'.
        **kwargs: arguments of MMEngine's BaseDataset, such as ``pipeline``.

    Raises:
        ValueError: if the split is another one, a folder's name is no label, or there are no
            images.
    """

    def __init__(self, data_root: str, split: str = 'val', **kwargs: Any) -> None:
        if split != 'val':
            raise ValueError(
                f"split must be 'val', the only one of ImageNetV2, but split={split!r}"
            )
        super().__init__(data_root=data_root, **kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        """Load the records of all images, ordered by label: ``img_path`` and ``gt_label``."""
        folders = [folder for folder in Path(self.data_root).iterdir() if folder.is_dir()]
        labels = {str(label) for label in range(_NUM_CLASSES)}
        wrong = sorted(folder.name for folder in folders if folder.name not in labels)
        if wrong:
            raise ValueError(
                f'the folders of ImageNetV2 must be named 0 to {_NUM_CLASSES - 1}, but '
                f'{self.data_root} has {wrong[0]!r}'
            )
        images = [
            dict(img_path=str(path), gt_label=int(folder.name))
            for folder in sorted(folders, key=lambda folder: int(folder.name))
            for path in sorted(folder.glob('*.jpeg'))
        ]
        if not images:
            raise ValueError(
                f'the folders of ImageNetV2 must hold *.jpeg, but those of {self.data_root} hold '
                'none'
            )
        return images
