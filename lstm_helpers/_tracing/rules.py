"""Which rule holds for which function of torch, by its name."""

from lstm_helpers._running.calls import CELLS, RECURRENT, VIEWS
from lstm_helpers._tracing import layers, operations

KEEP = """
    dropout feature_alpha_dropout alpha_dropout layer_norm rms_norm group_norm instance_norm
    max_pool1d avg_pool1d adaptive_max_pool1d adaptive_avg_pool1d lp_pool1d index_select flip roll
    contiguous clone to detach data requires_grad_ sort argsort softmax log_softmax
    cumsum
"""
MOVE = """
    permute transpose swapaxes swapdims movedim moveaxis t T mT H mH adjoint squeeze select
    narrow split split_with_sizes chunk tensor_split unbind expand expand_as broadcast_to
"""
CONVOLUTIONS = "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d"

RULES = {
    **dict.fromkeys(RECURRENT, layers.recurrent),
    **dict.fromkeys(CELLS, layers.cell),
    **dict.fromkeys(VIEWS, operations.view),
    **dict.fromkeys(["cat", "concat", "concatenate"], operations.cat),
    **dict.fromkeys(["matmul", "bmm", "mm", "mv", "__matmul__", "__rmatmul__"], operations.matmul),
    **dict.fromkeys(["gather", "take_along_dim"], operations.gather),
    **dict.fromkeys(KEEP.split(), operations.keep),
    **dict.fromkeys(MOVE.split(), operations.move),
    "linear": layers.linear,
    "embedding": layers.embedding,
    **dict.fromkeys(CONVOLUTIONS.split(), layers.convolution),
    "batch_norm": layers.batch_norm,
    "multi_head_attention_forward": layers.attention,
    "scaled_dot_product_attention": layers.dot_product_attention,
    "_pack_padded_sequence": layers.pack,
    "_pad_packed_sequence": layers.pad,
    "pad_sequence": layers.pad_sequence,
    "flatten": operations.flatten,
    "unflatten": operations.unflatten,
    "unsqueeze": operations.unsqueeze,
    "stack": operations.stack,
    "pad": operations.pad,
    "constant_pad_nd": operations.pad,
    "repeat": operations.repeat,
    "repeat_interleave": operations.repeat_interleave,
    "unfold": operations.unfold,
    "einsum": operations.einsum,
    "__getitem__": operations.getitem,
    "__setitem__": operations.setitem,
}


def rule_for(name):
    """The rule for a function of this name; in-place variants follow the same rule."""
    return RULES.get(name) or RULES.get(name.removesuffix("_"), operations.other)
