"""A script that prints how many GPUs PyTorch finds; `gpus.visible_gpus` runs it.

It is a process of its own, because the answer takes seconds and starts CUDA in whoever asks.
"""

import torch

if __name__ == '__main__':
    print(torch.cuda.device_count())
