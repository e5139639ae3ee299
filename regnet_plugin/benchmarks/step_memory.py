"""How much memory a step takes at its worst moment."""

import gc
import json
import os
import tempfile
from itertools import accumulate
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

from regnet_plugin.benchmarks.device import wait_for_device
from regnet_plugin.benchmarks.steps import Step
from regnet_plugin.training.memory import memory_peak, reset_memory_peak, resident_memory


def peak_memory(step: Step) -> int:
    """Measure the memory at the worst moment of a step that has run before.

    Returns:
        Bytes, without the batch itself: allocated by PyTorch on a GPU; resident memory of the
        process on a CPU, whose allocator keeps some of what it frees, so that small differences
        mean nothing.
    """
    reset_memory_peak()
    if torch.cuda.is_available():
        before = torch.cuda.memory_allocated()
    else:
        before = resident_memory('VmRSS')
    step.run()
    wait_for_device()
    return step.held_bytes + max(0, memory_peak() - before)


def peak_allocation(step: Step) -> int:
    """Measure what PyTorch has allocated at the worst moment of a step, to the byte.

    The step must have run before. Unlike `peak_memory` this does not see what other libraries take
    for a moment, nor what an allocator keeps.

    Returns:
        Bytes, without the batch itself.
    """
    if torch.cuda.is_available():
        return peak_memory(step)
    # the profiler's: it takes it for an error that there is no GPU
    os.environ.setdefault('KINETO_LOG_LEVEL', '5')
    gc.collect()  # what is freed in the step should be its own
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True, acc_events=True) as seen:
        step.run()
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, 'trace.json')
        seen.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text())['traceEvents']
    changes = [event for event in events if event.get('name') == '[memory]']
    changes.sort(key=lambda event: (event['ts'], event['args']['Ev Idx']))
    return step.held_bytes + max(accumulate(event['args']['Bytes'] for event in changes))
