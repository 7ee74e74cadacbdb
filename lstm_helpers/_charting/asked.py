"""A model that is asked for charts: which questions, of which samples, and for what price."""

from dataclasses import replace

import torch
from torch import Tensor

from lstm_helpers._charting.asking import NotApartError, SideBySide, Whole
from lstm_helpers._charting.bounds import CHEAP, DRAWS, Bounds, Search, price_of, samples_apart
from lstm_helpers._checking.fewer import few_samples
from lstm_helpers._checking.layout import find_layout
from lstm_helpers._running.branches import decides_by_values
from lstm_helpers._running.probe import Probe
from lstm_helpers._running.runner import ROUNDING
from lstm_helpers._running.tensors import first_tensor


class Asked:
    """A model that is asked for charts: steps of a few samples, side by side where it can be."""

    def __init__(self, model, inputs, kwargs, names, step):
        self.names, self.step = names, step
        self.batch = names.index("batch") if "batch" in names else None
        self.all = model, inputs, kwargs
        self.few = few_samples(model, inputs, kwargs, self.batch)
        if self.few:
            inputs, kwargs = self.few.inputs, self.few.kwargs
        feature = names.index("feature") if "feature" in names else None
        self.probe = Probe(model, inputs, feature=feature, kwargs=kwargs)
        self.layout = find_layout(self.probe, names, self.probe.draw(0))
        self.gradients = _has_gradient(self.probe)
        self.branches = decides_by_values(self.probe)
        self.apart = False
        x = inputs[0]
        self.samples = x.shape[self.batch] if self.batch is not None else 1
        self.price = price_of(x, self.samples, x.shape[names.index("seq")])
        self.plain = self._in_own_dtype(model, inputs, kwargs) or self.probe

    def _in_own_dtype(self, model, inputs, kwargs) -> Probe | None:
        """A copy that is faster than the float64 one, where both can be had."""
        if not self.probe.exact:
            return None
        try:
            plain = Probe(model, inputs, kwargs=kwargs, double=False)
        except Exception:  # this model runs in float64 only
            return None
        return plain if plain.copied else None

    def settle(self) -> tuple[Bounds, Bounds | None]:
        """Of the output's steps by those of x, and of samples where x has these."""
        layout = self.layout
        batch = self._of_samples() if self.batch is not None else None
        if batch is not None and layout.batch is not None:
            between = (batch.seen | batch.unsettled) & ~torch.eye(
                *batch.seen.shape, dtype=torch.bool
            )
            self.apart = not between.any()
        out = layout.names[layout.steps] if layout.steps is not None else None
        return self.between(out, "seq"), batch

    def between(self, output_axis: str | None, input_axis: str) -> Bounds:
        """(places out, places in) of two axes."""
        if input_axis == "batch" and output_axis in ("batch", None):
            return self._of_samples()
        out = self.layout.names.index(output_axis) if output_axis else None
        into = self.names.index(input_axis)
        among_samples = self.batch in (into,) or (out is not None and out == self.layout.batch)
        if self.apart and not among_samples:
            try:
                asker = SideBySide(
                    self.probe, self.layout, out, into, batch=self.batch, chosen=self._chosen(out)
                )
                return self._search(asker, self.price * asker.samples)
            except NotApartError:
                pass
        asker = Whole(self.probe, self.layout, out, into)
        return self._search(asker, self.price * self.samples)

    def _search(self, asker, price, *, plain=None, gradients=None, tolerance=None) -> Bounds:
        exact = 64 * torch.finfo(torch.float64).eps if self.probe.exact else 0.0
        return Search(
            asker,
            plain or self.plain,
            gradients=self.gradients if gradients is None else gradients,
            tolerance=exact if tolerance is None else tolerance,
            price=price,
            branches=self.branches,
            step=self.step,
        ).result()

    def _chosen(self, out) -> Tensor:
        """All samples of a small batch; of a larger one, that in which most steps are seen."""
        rows = self.layout.shape[out] if out is not None else 1
        if self.price * self.samples * rows <= CHEAP / 4:
            return torch.arange(self.samples)
        if not self.gradients:
            return torch.arange(self.samples if len(self.all[1]) > 1 or self.all[2] else 1)
        draw = self.probe.draw(0)
        x = draw.x.clone().requires_grad_()
        y = first_tensor(self.probe.run(x, weights=draw.weights, grad="through"))
        gradient = torch.autograd.grad(y.sum(), x)[0].movedim(self.batch, 0)
        return (gradient != 0).flatten(1).sum(1).argmax().cpu().reshape(1)

    def _of_samples(self) -> Bounds:
        """(samples out, samples in), or one row."""
        into, layout = self.batch, self.layout
        if self.few is None:
            asker = Whole(self.probe, layout, layout.batch, into)
            cheap = self.price * self.samples**2 <= CHEAP
            return self._search(
                asker,
                self.price * self.samples,
                gradients=self.gradients and cheap,
                tolerance=ROUNDING,
            )
        model, inputs, kwargs = self.all
        probe = Probe(model, inputs, kwargs=kwargs, double=False, feature=self.probe.feature)
        samples = inputs[0].shape[into]
        layout = layout.of(samples)
        if (found := samples_apart(probe, layout, into, self.step)) is not None:
            alive, tight = found
            itself = torch.eye(samples, dtype=torch.bool)
            return Bounds(itself & alive, ~itself & (not tight) | itself & ~alive)
        shape = tuple(layout(first_tensor(probe.run())).shape)
        asker = Whole(probe, replace(layout, shape=shape), layout.batch, into)
        return self._search(
            asker, self.price * samples, plain=probe, gradients=False, tolerance=ROUNDING
        )


def _has_gradient(probe):
    """Whether gradients tell: a rounded answer has zeros, and depends on x all the same."""
    if not (probe.exact and probe.inputs[0].is_floating_point()):
        return False
    try:
        return all(_tells(probe, d) for d in map(probe.draw, range(DRAWS)) if d is not None)
    except Exception:  # `.numpy()`, `inference_mode`, integer results: there is no gradient
        return False


def _tells(probe, draw):
    x = draw.x.clone().requires_grad_()
    y = first_tensor(probe.run(x, weights=draw.weights, grad="through"))
    gradient = torch.autograd.grad(y.sum(), x)[0]
    if gradient.any():
        return gradient.isfinite().all()
    return not probe.changed(draw, torch.ones_like(x, dtype=torch.bool)).any()
