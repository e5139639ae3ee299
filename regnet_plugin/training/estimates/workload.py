"""How many images a recipe shows to a network."""

from dataclasses import dataclass

from mmengine.config import Config
from mmengine.registry import DefaultScope

from regnet_plugin.cli.errors import blame
from regnet_plugin.training.config.loaders import import_datasets
from regnet_plugin.training.sharing.shared_runner import SharingRunner


@dataclass(frozen=True)
class Workload:
    """Images that a recipe shows a network, those of an epoch counted again in the next.

    Attributes:
        trained: in all epochs.
        evaluated: in all evaluations.
    """

    trained: int
    evaluated: int


def workload(recipe: Config) -> Workload:
    """Count the images of one training with a recipe, for which its datasets are built.

    Raises:
        UserError: if a dataset cannot be built.
    """
    scope = recipe.get('default_scope')
    import_datasets(scope)
    with (
        blame('the recipe'),
        DefaultScope.overwrite_default_scope(scope or 'mmengine'),
    ):
        training_images = _images_in(recipe, 'train_dataloader')
        evaluation_images = _images_in(recipe, 'val_dataloader')
        settings = recipe.train_cfg
        epochs = settings.get('max_epochs')
        if epochs:
            length = epochs  # in the unit of val_interval
            trained = epochs * training_images
        else:
            length = settings.max_iters
            trained = length * recipe.train_dataloader.batch_size
        evaluations = length // settings.get('val_interval', 1)
        return Workload(trained, evaluations * evaluation_images)


def _images_in(recipe: Config, loader: str) -> int:
    """The images of the dataset of a loader; none where there is no such loader."""
    if not recipe.get(loader):
        return 0
    dataset = SharingRunner.build_dataloader(recipe[loader], seed=0).dataset
    return len(dataset)  # type: ignore[arg-type]  # those of MMEngine have a length
