"""Wrong models that run without a complaint, written in the styles in which people post them.

`MUTANTS` holds them all, in the order of the mistakes:

 1. `batch_first` forgotten                    9. target (N,) against output (N, 1)
 2. `view` where `transpose` was needed       10. a 2-D batch read as one unbatched sequence
 3. `h_n.view(batch, -1)`                     11. `h_n[0]` for `h_n[-1]` with two layers
 4. `out[-1]` for `out[:, -1]`                12. statistics over the batch in eval mode
 5. two directions in a per-step forecaster   13. the last step of padded sequences
 6. `Linear(hidden*seq, seq)`, one output a step   14. a hidden state kept between calls
 7. a head that decodes the last states       15. dropout that is active in eval mode
 8. `out[:, -1]` with two directions          16. an output that ignores its input
"""

from . import data_ends, eval_mode, layout, look_ahead, many_to_many, states
from .registry import MUTANTS, Mutant

MUTANTS.sort(key=lambda mutant: mutant.mistake)

__all__ = [
    "MUTANTS",
    "Mutant",
    "data_ends",
    "eval_mode",
    "layout",
    "look_ahead",
    "many_to_many",
    "states",
]
