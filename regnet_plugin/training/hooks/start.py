"""A hook that knows whether the work has begun."""

from mmengine.hooks import Hook
from mmengine.runner import Runner


class StartHook(Hook):
    """Knows whether the work has begun: errors before that are the config's."""

    started = False

    def before_train(self, runner: Runner) -> None:
        self.started = True

    before_test = before_train
