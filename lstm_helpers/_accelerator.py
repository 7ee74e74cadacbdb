"""The argument `accelerator` of `fit` and `predict`: nothing is imported unless there is one."""

import os
import sys

from torch.nn.parallel import DistributedDataParallel

from lstm_helpers._arguments import shown
from lstm_helpers._sharing import Alone, Shared


def check_accelerator(accelerator, device="auto", *others) -> Alone | Shared:
    """How the work is shared.

    Args:
        device: what was asked for; the accelerator's own stands for "auto".
        others: the model, the optimizer and the batches, which have to be as their maker left them.

    Raises:
        TypeError: it is no Accelerator.
        ValueError: it works in a way that can't be used, or others were prepared by one.
    """
    if accelerator is None:
        return Alone()
    known = getattr(sys.modules.get("accelerate"), "Accelerator", None)
    if isinstance(accelerator, type) and accelerator is known:
        raise TypeError(
            f"accelerator is {shown(accelerator)}, but one made of it is needed: "
            "accelerate.Accelerator()."
        )
    if known is None or not isinstance(accelerator, known):
        raise TypeError(
            f"accelerator is {shown(accelerator)}, but accelerate.Accelerator() is "
            "needed: pip install accelerate."
        )
    _check_kind(accelerator)
    if not (isinstance(device, str) and device == "auto"):
        raise ValueError(
            f"device is {shown(device)}, but the accelerator has chosen {accelerator.device}: "
            "drop device, or make it with accelerate.Accelerator(cpu=True) for the CPU."
        )
    for other in others:
        if isinstance(other, DistributedDataParallel) or _is_of_accelerate(other):
            raise ValueError(
                f"a {type(other).__name__} was passed, but the work is shared without it: pass the "
                "model, the optimizer and the loader as you made them, without "
                "accelerator.prepare."
            )
    return Shared(accelerator)


def _is_of_accelerate(thing) -> bool:
    return type(thing).__module__.partition(".")[0] == "accelerate"


def _check_kind(accelerator) -> None:
    kind = accelerator.distributed_type.value
    if kind != "NO" and not kind.startswith("MULTI_"):
        raise ValueError(
            f"accelerator is of the kind {kind}, which splits a model, but here each process "
            "holds all of it: use accelerate.Accelerator() without such a plugin."
        )
    if accelerator.mixed_precision not in ("no", "fp16", "bf16"):
        raise ValueError(
            f"accelerator has mixed_precision {accelerator.mixed_precision!r}, but 'no', 'fp16' or "
            "'bf16' is needed: accelerate.Accelerator(mixed_precision='bf16')."
        )
    if accelerator.gradient_accumulation_steps != 1:
        raise ValueError(
            f"accelerator has gradient_accumulation_steps {accelerator.gradient_accumulation_steps}"
            ", but fit takes a step for each batch: drop it, and use larger batches."
        )
    started = os.environ.get("WORLD_SIZE", "1")
    if accelerator.num_processes == 1 and started not in ("", "1"):
        raise ValueError(
            f"{started} processes were started, but the accelerator knows of 1, so each would "
            "work alone: make it with accelerate.Accelerator(cpu=True), or set the environment "
            "variable ACCELERATE_USE_CPU=1."
        )
