"""What a benchmark runs on: the first GPU, or the CPU."""

import torch


def torch_device() -> str:
    """The device on which everything is measured, as PyTorch names it."""
    return 'cuda' if torch.cuda.is_available() else 'cpu'


def wait_for_device() -> None:
    """Wait until the GPU, where there is one, has done what it was told."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def described_device() -> str:
    """The device and the version of PyTorch, for the head of a table."""
    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
    else:
        name = f'CPU, {torch.get_num_threads()} threads'
    return f'{name}; torch {torch.__version__}'
