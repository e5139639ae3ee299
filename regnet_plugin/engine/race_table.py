"""The table of tools/benchmark.py."""
import torch

from regnet_plugin.benchmark import inference_step, race, training_step
from regnet_plugin.engine.errors import blame
from regnet_plugin.models.peers import contestants

_STEPS = {'inference': inference_step, 'training': training_step}


def print_races(names, batch, resolution, rounds):
    """Time every network of every library and print a row for each as it is known."""
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    where = torch.cuda.get_device_name() if device == 'cuda' else f'CPU, {torch.get_num_threads()} threads'
    print(f'{where}; torch {torch.__version__}; eager, float32, {batch} images of {resolution}x{resolution}, {rounds} '
          'rounds\n')
    print(f'{"network":<15}{"step":<11}{"library":<13}{"median":>10}  ratio to ours')
    for name in names:
        with blame(name):
            networks = contestants(name)
        networks = {'ours': networks['ours'], 'ours again': contestants(name, ['ours'])['ours'], **networks}
        images = torch.randn(batch, 3, resolution, resolution, device=device)
        for kind, make_step in _STEPS.items():
            steps = {library: make_step(network.to(device), images) for library, network in networks.items()}
            ours, *others = race(steps, rounds)
            for timing in (ours, *others):
                print(f'{name:<15}{kind:<11}{timing.name:<13}{1000 * timing.median:>7.1f} ms'
                      f'{timing.ratio_to(ours):>8.3f}', flush=True)
