"""Gradients that were accumulated over iterations, and that no step of the optimizer used yet."""

from mmengine.dist import all_reduce
from mmengine.optim import OptimWrapper, OptimWrapperDict
from mmengine.runner import Runner
from torch import Tensor

from regnet_plugin.training.built_models import unwrapped


def accumulated_gradients(runner: Runner) -> dict[str, Tensor]:
    """Return the gradients of this process by the names of their parameters.

    Returns:
        an empty dict if the last iteration used them up.
    """
    if not any(_is_waiting(wrapper) for wrapper in _wrappers(runner)):
        return {}
    return {
        name: parameter.grad
        for name, parameter in unwrapped(runner.model).named_parameters()
        if parameter.grad is not None
    }


def mean_accumulated_gradients(runner: Runner) -> dict[str, Tensor]:
    """Return the means of the gradients over all processes, each of which accumulates its own.

    When gradients are used their mean over the processes is taken: the mean of means is the same.
    """
    gradients = accumulated_gradients(runner)
    means = {name: gradient.clone() for name, gradient in gradients.items()}
    for gradient in means.values():
        all_reduce(gradient, 'mean')
    return means


def restore_gradients(runner: Runner, gradients: dict[str, Tensor]) -> None:
    """Give the parameters of a runner's model these gradients, by their names."""
    parameters = dict(unwrapped(runner.model).named_parameters())
    for name, gradient in gradients.items():
        parameters[name].grad = gradient.to(parameters[name])


def _is_waiting(wrapper: OptimWrapper) -> bool:
    """Whether an optimizer has gradients that wait for those of further iterations."""
    return wrapper.inner_count % wrapper._accumulative_counts != 0


def _wrappers(runner: Runner) -> list[OptimWrapper]:
    wrapper = runner.optim_wrapper
    return list(wrapper.values()) if isinstance(wrapper, OptimWrapperDict) else [wrapper]
