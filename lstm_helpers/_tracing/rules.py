"""Which rule holds for which function of torch, by its name."""

from lstm_helpers._running.calls import CELLS, RECURRENT, VIEWS
from lstm_helpers._tracing import layers, operations
from lstm_helpers._tracing.stand_ins import other

KEEP = """
    dropout feature_alpha_dropout alpha_dropout layer_norm rms_norm group_norm instance_norm
    index_select flip roll contiguous clone to detach data requires_grad_ sort argsort softmax
    log_softmax cumsum cross linalg_cross glu channel_shuffle native_channel_shuffle
    index_add index_copy index_fill index_put index_reduce scatter scatter_add scatter_reduce
    select_scatter slice_scatter diagonal_scatter as_strided_scatter
    narrow_copy slice_copy hsplit vsplit dsplit split_copy split_with_sizes_copy
    unsafe_chunk unsafe_split unsafe_split_with_sizes to_sparse to_dense
"""
POOLS = [
    f"{kind}{dims}d{more}"
    for kind in ("max_pool", "avg_pool", "lp_pool", "adaptive_max_pool", "adaptive_avg_pool")
    for dims in (1, 2, 3)
    for more in ("", "_with_indices")
]
MOVE = """
    permute transpose swapaxes swapdims movedim moveaxis t T mT H mH adjoint squeeze select
    narrow split split_with_sizes chunk tensor_split unbind expand broadcast_to
"""
CONVOLUTIONS = """
    conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d convolution
"""
DECOMPOSED = """
    qr svd lu lu_factor lu_factor_ex ldl_factor ldl_factor_ex eig eigh eigvals eigvalsh svdvals
    cholesky cholesky_ex householder_product tensorinv tensorsolve lobpcg lu_unpack geqrf orgqr
"""
SOLVED = "solve solve_ex solve_triangular lu_solve ldl_solve cholesky_solve triangular_solve ormqr"
BLOCKS = """
    fold pixel_shuffle pixel_unshuffle affine_grid affine_grid_generator
    grid_sample grid_sampler grid_sampler_2d grid_sampler_3d
"""


def _linear_algebra(names):
    return [prefix + name for name in names.split() for prefix in ("", "linalg_")]


RULES = {
    **dict.fromkeys(RECURRENT, layers.recurrent),
    **dict.fromkeys(CELLS, layers.cell),
    **dict.fromkeys(VIEWS, operations.view),
    **dict.fromkeys(["cat", "concat", "concatenate"], operations.cat),
    **dict.fromkeys(["matmul", "bmm", "mm", "mv", "__matmul__", "__rmatmul__"], operations.matmul),
    **dict.fromkeys(["gather", "take_along_dim"], operations.gather),
    **dict.fromkeys(["addmm", "baddbmm", "addbmm", "addmv"], operations.add_product),
    **dict.fromkeys([*KEEP.split(), *POOLS], operations.keep),
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
    **dict.fromkeys(BLOCKS.split(), operations.keep_first),
    **dict.fromkeys(["expand_as", "binomial"], operations.line_up_all),
    **dict.fromkeys(_linear_algebra(DECOMPOSED), operations.decomposed),
    **dict.fromkeys(_linear_algebra(SOLVED), operations.solved),
    **dict.fromkeys(["tensordot", "inner"], operations.tensordot),
    "view_as_complex": operations.drop_last,
    "sum_to_size": operations.sum_to_size,
    "einsum": operations.einsum,
    "__getitem__": operations.getitem,
    "__setitem__": operations.setitem,
}


def rule_for(name):
    """The rule for a function of this name; in-place variants follow the same rule."""
    return RULES.get(name) or RULES.get(name.removesuffix("_"), other)
