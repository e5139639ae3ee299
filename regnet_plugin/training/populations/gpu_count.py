"""How many GPUs PyTorch finds, on standard output: asked in a process of its own, for the answer
takes seconds and CUDA.
"""

import torch

if __name__ == '__main__':
    print(torch.cuda.device_count())
