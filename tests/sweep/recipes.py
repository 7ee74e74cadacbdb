"""How each overridable function of torch is called in the sweep, and what becomes of the axes.

A recipe is `arguments -> axes of the result`, made of the tensors of `tensors()` below. All are
given by position, but for those behind `|`, which PyTorch takes by keyword only; then those with a
name are given by keyword. One without a name has no keyword form. The axes are initials: `B S F`
is (batch, seq, feature), `.` an axis whose name nobody promises, `;` parts results, and `~` says
that no tensor is returned. `Tensor.where` is the method only, `functional.unfold` that of
`torch.nn.functional`; in-place variants and other functions of a name share a recipe.
"""

import torch

AXES = {
    "B": "batch",
    "S": "seq",
    "F": "feature",
    "C": "channel",
    "D": "depth",
    "H": "height",
    "W": "width",
    "R": "row",
    "Q": "column",
}


def tensors() -> dict[str, tuple[torch.Tensor, str]]:
    """The tensors that recipes are made of, and the initials of their axes; all sizes differ."""
    torch.manual_seed(0)
    x, square = torch.rand(5, 7, 3) * 0.8 + 0.1, torch.rand(5, 4, 4)
    symmetric = square @ square.mT + torch.eye(4)
    return {
        "x": (x, "B S F"),
        "y": (torch.rand(5, 7, 3) * 0.8 + 0.1, "B S F"),
        "z": (torch.rand(5, 7, 3) * 0.8 + 0.1, "B S F"),
        "mask": (x > 0.5, "B S F"),
        "whole": (torch.randint(1, 9, (5, 7, 3)), "B S F"),
        "whole2": (torch.randint(1, 4, (5, 7, 3)), "B S F"),
        "waves": (torch.complex(x, x.flip(0)), "B S F"),
        "pairs": (torch.rand(5, 7, 2), "B S ."),
        "table": (torch.rand(7, 3) * 0.8 + 0.1, "S F"),
        "rows": (torch.rand(5, 7) * 0.8 + 0.1, "B S"),
        "columns": (torch.rand(3, 7), "F S"),
        "series": (torch.rand(7) * 0.8 + 0.1, "S"),
        "features": (torch.rand(3) * 0.8 + 0.1, "F"),
        "numbers": (torch.randint(0, 3, (7,)), "S"),
        "words": (torch.randint(0, 6, (5, 7)), "B S"),
        "labels": (torch.randint(0, 3, (5,)), "B"),
        "channels": (torch.rand(5, 3, 7), "B F S"),
        "image": (torch.rand(5, 4, 9, 11), "B C H W"),
        "volume": (torch.rand(5, 4, 6, 9, 11), "B C D H W"),
        "square": (square, "B R Q"),
        "symmetric": (symmetric, "B R R"),
        "lower": (torch.linalg.cholesky(symmetric), "B R Q"),
        "right": (torch.rand(5, 4, 3), "B R F"),
        "w": (torch.rand(6, 3), ". ."),
        "bias": (torch.rand(6), "."),
    }


RECIPES = [
    # Element by element
    (
        "input=x -> B S F",
        """
            abs absolute acos acosh alias_copy angle arccos arccosh arcsin arcsinh arctan
            arctanh asin asinh atan atanh bernoulli ceil celu clone conj conj_physical cos cosh
            deg2rad detach detach_copy digamma elu erf erfc erfinv exp exp2 expm1 fix floor frac
            gelu hardtanh hardshrink i0 isfinite isinf isnan isneginf isposinf isreal leaky_relu
            lgamma log log10 log1p log2 log_sigmoid logical_not logit mish msort nan_to_num neg
            negative positive rad2deg rand_like randn_like reciprocal relu relu6 resolve_conj
            resolve_neg round rrelu rsqrt selu sgn sigmoid sign signbit silu sin sinc sinh
            softplus softshrink softsign sqrt square tan tanh tanhshrink trunc zeros_like
            ones_like empty_like special_bessel_j0 special_bessel_j1 special_bessel_y0
            special_bessel_y1 special_digamma special_entr special_erf special_erfc
            special_erfcx special_erfinv special_exp2 special_expit special_expm1
            special_gammaln special_i0 special_i0e special_i1 special_i1e special_log1p
            special_log_ndtr special_logit special_modified_bessel_i0 special_modified_bessel_i1
            special_modified_bessel_k0 special_modified_bessel_k1 special_ndtr special_ndtri
            special_psi special_round special_sinc dropout1d fft_fftshift fft_ifftshift poisson
            tril triu
        """,
    ),
    (
        "x -> B S F",
        """
            __abs__ __pos__ bfloat16 bool byte cdouble cfloat char contiguous cpu double float
            half int long short data requires_grad_ to_dense real __neg__ cauchy exponential
            log_normal random uniform zero
        """,
    ),
    ("waves -> B S F", "imag chalf"),
    (
        "x=x -> B S F",
        """
            special_airy_ai special_scaled_modified_bessel_k0 special_scaled_modified_bessel_k1
            special_spherical_bessel_j0
        """,
    ),
    ("input=whole -> B S F", "bitwise_not"),
    ("whole -> B S F", "__invert__"),
    (
        "input=x, other=y -> B S F",
        """
            add arctan2 atan2 copysign div divide eq floor_divide fmax fmin fmod ge greater
            greater_equal gt hypot igamma igammac isclose ldexp le less less_equal logaddexp
            logaddexp2 logical_and logical_or logical_xor lt maximum minimum mul multiply ne
            nextafter not_equal remainder rsub sub subtract true_divide xlogy special_gammainc
            special_gammaincc special_xlog1py special_xlogy special_zeta
        """,
    ),
    (
        "whole, whole2 -> B S F",
        """
            __and__ __iand__ __or__ __ior__ __xor__ __ixor__ __lshift__ __ilshift__ __rshift__
            __irshift__ __rand__ __ror__ __rxor__ __rlshift__ __rrshift__
        """,
    ),
    (
        "input=whole, other=whole2 -> B S F",
        "bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor gcd lcm",
    ),
    (
        "x, y -> B S F",
        """
            __add__ __radd__ __iadd__ __sub__ __rsub__ __isub__ __mul__ __rmul__ __imul__
            __div__ __rdiv__ __idiv__ __truediv__ __floordiv__ __rfloordiv__ __ifloordiv__
            __mod__ __rmod__ __imod__ __pow__ __rpow__ __eq__ __ne__ __ge__ __gt__ __le__ __lt__
        """,
    ),
    ("x, features -> B S F", "type_as"),
    ("input=x, exponent=y -> B S F", "torch.float_power Tensor.float_power pow"),
    ("input=x.double(), exponent=y.double() -> B S F", "Tensor.float_power_"),
    ("input=x, values=y -> B S F", "heaviside"),
    (
        "x, n=y -> B S F",
        """
            special_chebyshev_polynomial_t special_chebyshev_polynomial_u
            special_chebyshev_polynomial_v special_chebyshev_polynomial_w
            special_hermite_polynomial_h special_hermite_polynomial_he
            special_laguerre_polynomial_l special_legendre_polynomial_p
            special_shifted_chebyshev_polynomial_t special_shifted_chebyshev_polynomial_u
            special_shifted_chebyshev_polynomial_v special_shifted_chebyshev_polynomial_w
        """,
    ),
    ("real=x, imag=y -> B S F", "torch.complex"),
    ("abs=x, angle=y -> B S F", "polar"),
    ("input=x, tensor1=y, tensor2=z -> B S F", "addcdiv addcmul"),
    ("input=x, end=y, weight=0.3 -> B S F", "lerp"),
    ("condition=mask, input=x, other=y -> B S F", "torch.where"),
    ("x, condition=mask, other=y -> B S F", "Tensor.where"),
    ("input=x, mask=mask, value=0.0 -> B S F", "masked_fill"),
    ("input=x, mask=mask, source=y -> B S F", "masked_scatter"),
    ("input=x, min=0.2, max=0.7 -> B S F", "clamp clip"),
    ("input=x, min=0.2 -> B S F", "clamp_min"),
    ("input=x, max=0.7 -> B S F", "clamp_max"),
    ("input=x, threshold=0.5, value=0.0 -> B S F", "threshold"),
    ("input=x, value=2.0 -> B S F", "fill"),
    ("input=x, fill_value=2.0 -> B S F", "full_like"),
    ("n=2, input=x -> B S F", "torch.polygamma special_polygamma"),
    ("x, n=2 -> B S F", "Tensor.polygamma"),
    ("input=x, p=2 -> B S F", "mvlgamma special_multigammaln"),
    ("mean=x, std=y -> B S F", "torch.normal"),
    ("x, mean=0.0, std=1.0 -> B S F", "Tensor.normal"),
    ("x, y -> B S F", "copy"),
    ("x, lambda a: a + 1 -> B S F", "apply"),
    ("x, y, lambda a, b: a + b -> B S F", "map"),
    ("x, 0.5 -> B S F", "geometric"),
    ("x -> B S F", "to_sparse"),
    ("input=x, weight=features[:1] -> B S F", "prelu"),
    ("x, dtype=torch.float64 -> B S F", "to type"),
    ("input=x -> B S F; B S F", "frexp"),
    ("x -> B S F", "share_memory"),
    # Along one axis, which stays
    (
        "input=x, dim=1 -> B S F",
        """
            cumsum cumprod logcumsumexp softmax log_softmax softmin special_softmax
            special_log_softmax argsort
        """,
    ),
    ("input=x, dim=1 -> B S F; B S F", "cummax cummin sort"),
    ("input=x, p=2.0, dim=1 -> B S F", "normalize"),
    ("input=x, p=2, dim=1, maxnorm=1.0 -> B S F", "renorm"),
    ("logits=x, tau=1.0 -> B S F", "gumbel_softmax"),
    ("input=x, dims=(1,) -> B S F", "flip"),
    ("input=x -> B S F", "fliplr flipud"),
    ("input=x, shifts=1, dims=1 -> B S F", "roll"),
    ("input=x, k=2, dim=1 -> B . F; B . F", "topk"),
    ("input=x, k=2, dim=1 -> B F; B F", "kthvalue"),
    ("input=x, n=1, dim=1 -> B . F", "diff"),
    ("y=x | dim=1 -> B . F", "cumulative_trapezoid"),
    # One axis goes
    (
        "input=x, dim=1 -> B F",
        """
            all amax amin any argmax argmin count_nonzero logsumexp mean nanmean nansum prod sum
            special_logsumexp std var
        """,
    ),
    ("input=x, dim=1 -> B F; B F", "max median min mode nanmedian std_mean var_mean"),
    ("input=x | dim=1 -> B F; B F", "aminmax"),
    ("input=x, q=0.5, dim=1 -> B F", "quantile nanquantile"),
    ("y=x | dim=1 -> B F", "trapezoid trapz"),
    ("input=x, p=2, dim=1 -> B F", "norm"),
    ("x, p=2, dim=1 -> B F", "Tensor.norm"),
    ("input=x, other=y -> ", "dist"),
    ("x=x, ord=2, dim=1 -> B F", "linalg_vector_norm"),
    ("input=x, ord=2, dim=1 -> B F", "linalg_norm"),
    ("x=x, y=y | dim=1 -> B F", "linalg_vecdot"),
    ("x1=x, x2=y, dim=1 -> B F", "cosine_similarity"),
    ("x1=x, x2=y -> B S", "pairwise_distance"),
    ("input=x -> B", "linalg_matrix_norm"),
    # Views, and what moves axes
    ("input=x, dim0=1, dim1=2 -> B F S", "transpose transpose_copy swapdims"),
    ("input=x, axis0=1, axis1=2 -> B F S", "swapaxes"),
    ("input=x, dims=(0, 2, 1) -> B F S", "torch.permute permute_copy"),
    ("x, (0, 2, 1) -> B F S", "Tensor.permute"),
    ("input=x, source=1, destination=0 -> S B F", "moveaxis movedim"),
    ("input=table -> F S", "t t_copy adjoint"),
    ("table -> F S", "T H"),
    ("x -> B F S", "mT mH"),
    ("input=x, dim=1 -> B . S F", "unsqueeze unsqueeze_copy"),
    ("input=x[:, :1], dim=1 -> B F", "squeeze squeeze_copy"),
    ("input=x, dim=1, index=2 -> B F", "select select_copy"),
    ("input=x, dim=1, start=2, length=3 -> B S F", "narrow narrow_copy"),
    ("input=x, dim=1, start=2, end=5 -> B S F", "slice_copy"),
    ("input=x, dim=1 -> B F; B F; B F; B F; B F; B F; B F", "unbind"),
    ("input=x, dim=1 -> . .; . .; . .; . .; . .; . .; . .", "unbind_copy"),
    ("input=x, chunks=3, dim=1 -> B S F; B S F; B S F", "chunk unsafe_chunk"),
    ("x, split_size=4, dim=1 -> B S F; B S F", "Tensor.split"),
    ("tensor=x, split_size_or_sections=4, dim=1 -> B S F; B S F", "functional.split"),
    ("input=x, split_size=4, dim=1 -> B S F; B S F", "unsafe_split split_copy"),
    (
        "input=x, split_sizes=(4, 3), dim=1 -> B S F; B S F",
        "split_with_sizes split_with_sizes_copy unsafe_split_with_sizes",
    ),
    ("input=x, indices=(4,), dim=1 -> B S F; B S F", "tensor_split"),
    ("input=x, indices=(2,) -> B S F; B S F", "hsplit vsplit"),
    ("input=x, indices=(2,) -> B S F; B S F", "dsplit"),
    ("input=x, size=(4, 5, 7, 3) -> . B S F", "torch.broadcast_to"),
    ("input=x, size=(4, 5, 7, 3) -> . . . .", "expand_copy"),
    ("x, (4, 5, 7, 3) -> . B S F", "expand Tensor.broadcast_to"),
    ("x[:1], y -> B S F", "expand_as"),
    ("input=x, start_dim=1, end_dim=2 -> B S*F", "torch.flatten"),
    ("x, start_dim=1, end_dim=2 -> B S*F", "Tensor.flatten"),
    ("input=x, dim=1, sizes=(7, 1) -> B S . F", "unflatten"),
    ("input=x -> B*S*F", "ravel"),
    ("input=x, shape=(5, 21) -> B S*F", "reshape"),
    ("x, (5, 21) -> B S*F", "view Tensor.reshape"),
    ("input=x, size=(5, 21) -> . .", "view_copy"),
    ("x, y -> B S F", "view_as reshape_as"),
    ("x, dimension=1, size=4, step=1 -> B . F .", "Tensor.unfold"),
    ("input=x, dimension=1, size=4, step=1 -> B . F .", "unfold_copy"),
    ("input=image, kernel_size=3 -> B . .", "functional.unfold"),
    (
        "input=x.mT.reshape(5, 3, 7), output_size=(9, 1), kernel_size=(3, 1) -> B . . .",
        "functional.fold",
    ),
    ("x -> B S F", "atleast_1d atleast_2d atleast_3d"),
    ("x, (1, 2, 1) -> B . F", "Tensor.repeat Tensor.tile"),
    ("input=x, dims=(1, 2, 1) -> B . F", "torch.tile"),
    ("input=x, repeats=2, dim=1 -> B . F", "repeat_interleave"),
    ("input=x, k=1, dims=(1, 2) -> B F S", "rot90"),
    ("input=x, offset=0, dim1=1, dim2=2 -> B .", "diagonal diagonal_copy"),
    ("A=x | offset=0, dim1=1, dim2=2 -> B .", "linalg_diagonal"),
    ("input=rows -> B . .", "diag_embed"),
    ("input=series -> . .", "diag diagflat"),
    ("input=x, size=(5, 7), stride=(21, 3) -> . .", "as_strided as_strided_copy"),
    ("input=waves -> B S F .", "view_as_real view_as_real_copy"),
    ("input=pairs -> B S", "view_as_complex"),
    ("input=pairs -> . .", "view_as_complex_copy"),
    # Put together and picked
    ("tensors=(x, y), dim=1 -> B . F", "cat concat concatenate"),
    ("tensors=(x, y), dim=1 -> B . S F", "stack"),
    ("tensors=(rows, rows + 1) -> . S", "row_stack vstack"),
    ("tensors=(rows, rows + 1) -> B .", "column_stack hstack"),
    ("tensors=(rows, rows + 1) -> B S .", "dstack"),
    ("series, features -> . .", "block_diag"),
    ("x, features -> B S F; B S F", "broadcast_tensors"),
    ("series, features -> . .", "cartesian_prod"),
    ("input=series, r=2 -> . .", "combinations"),
    ("series, features | indexing='ij' -> S F; S F", "meshgrid"),
    ("input=x, dim=1, index=whole % 7 -> B S F", "gather"),
    ("input=x, indices=whole % 7, dim=1 -> B S F", "take_along_dim"),
    ("input=x, index=whole -> B S F", "take"),
    ("input=x, dim=1, index=numbers -> B S F", "index_select"),
    ("input=x, mask=mask -> .", "masked_select"),
    ("input=x -> . .", "argwhere torch.nonzero Tensor.nonzero"),
    ("input=x | size=9 -> . .", "nonzero_static"),
    ("x, (slice(None), 2) -> B F", "__getitem__"),
    ("x, (slice(None), 2), rows[:, :3] -> ~", "__setitem__"),
    ("input=x, dim=1, index=numbers, source=y -> B S F", "index_add index_copy"),
    ("input=x, dim=1, index=numbers, value=0.0 -> B S F", "index_fill"),
    ("input=x, dim=1, index=numbers, source=y, reduce='amax' -> B S F", "index_reduce"),
    ("input=x, indices=(numbers[:5],), values=y -> B S F", "index_put"),
    ("input=x, dim=1, index=whole % 7, src=y -> B S F", "scatter scatter_add"),
    ("input=x, dim=1, index=whole % 7, src=y, reduce='sum' -> B S F", "scatter_reduce"),
    ("input=x, src=y[:, 0], dim=1, index=2 -> B S F", "select_scatter"),
    ("input=x, src=y[:, 2:5], dim=1, start=2, end=5 -> B S F", "slice_scatter"),
    ("input=x, src=y[:, :3, 0], offset=0, dim1=1, dim2=2 -> B S F", "diagonal_scatter"),
    ("input=x, src=rows, size=(5, 7), stride=(21, 3) -> B S F", "as_strided_scatter"),
    ("input=whole, index=whole2, source=whole2 -> B S F", "put"),
    ("table, fill_value=0.5 -> S F", "fill_diagonal"),
    ("x, y -> B S F", "set resize_as"),
    ("x, 5, 7, 3 -> . . .", "Tensor.resize"),
    ("x, (5, 7, 4) -> . . .", "Tensor.resize_"),
    ("x, (5, 1, 3) -> B . F", "sum_to_size"),
    ("words, 6 -> B S .", "one_hot"),
    # Products
    ("input=x, other=columns.mT.mT.new_ones(3, 4) -> B S .", "matmul"),
    ("x, w.mT -> B S .", "__matmul__"),
    ("x, rows -> B B F", "__rmatmul__"),
    ("input=table, mat2=w.mT -> S .", "mm"),
    ("input=x, mat2=y.mT -> B S S", "bmm"),
    ("input=table, vec=features -> S", "mv"),
    ("input=bias.expand(7, 6).clone(), mat1=table, mat2=w.mT -> S .", "Tensor.addmm_"),
    ("input=bias, mat1=table, mat2=w.mT -> S .", "addmm"),
    ("input=series, mat=table, vec=features -> S", "addmv"),
    (
        "input=bias.expand(5, 7, 6).clone(), batch1=x, batch2=w.mT.expand(5, 3, 6) -> B S .",
        "Tensor.baddbmm_",
    ),
    ("input=bias, batch1=x, batch2=w.mT.expand(5, 3, 6) -> B S .", "baddbmm"),
    ("input=bias, batch1=x, batch2=w.mT.expand(5, 3, 6) -> S .", "addbmm"),
    ("input=table, vec1=series, vec2=features -> S F", "addr"),
    ("input=series, vec2=features -> S F", "ger outer"),
    ("input=x, other=w -> B S .", "inner"),
    ("a=x, b=w, dims=((2,), (1,)) -> B S .", "tensordot"),
    ("input=table, other=w -> . .", "kron"),
    ("table, w.mT -> S .", "chain_matmul"),
    ("tensors=(table, w.mT) -> S .", "linalg_multi_dot"),
    ("input=x, other=w.mT -> B S .", "linalg_matmul"),
    ("'bsf,gf->bsg', x, w -> B S .", "einsum"),
    ("input=x, weight=w, bias=bias -> B S .", "linear"),
    (
        "input1=x, input2=y, weight=w[:, :, None].expand(6, 3, 3), bias=bias -> B S .",
        "bilinear",
    ),
    ("input=x, other=y, dim=2 -> B S F", "cross"),
    ("input=x, other=y | dim=2 -> B S F", "linalg_cross"),
    ("x1=x, x2=right[:, :, :3] -> B S R", "cdist"),
    ("input=table -> .", "pdist"),
    ("query=x, key=y, value=z -> B S F", "scaled_dot_product_attention"),
    # Layers
    ("input=channels, weight=w[:, :, None].expand(6, 3, 2) -> B . S", "conv1d"),
    ("input=channels, weight=w.mT[:, :, None].expand(3, 6, 2) -> B . S", "conv_transpose1d"),
    ("input=image, weight=w[:, :1, None, None].expand(6, 4, 3, 2) -> B . H W", "conv2d"),
    (
        "input=image, weight=w[:4, :1, None, None].expand(4, 6, 3, 2)[:, :2] -> B . H W",
        "conv_transpose2d",
    ),
    (
        "input=volume, weight=w[:, :1, None, None, None].expand(6, 4, 2, 3, 2) -> B . D H W",
        "conv3d",
    ),
    (
        "input=volume, weight=w[:4, :2, None, None, None].expand(4, 2, 2, 3, 2) -> B . D H W",
        "conv_transpose3d",
    ),
    ("input=x, weight=w.mT.expand(2, 3, 6), bias=bias -> . S .", "conv_tbc"),
    ("input=channels, kernel_size=2 -> B F S", "avg_pool1d max_pool1d"),
    ("input=channels, kernel_size=2 -> B F S; B F S", "max_pool1d_with_indices"),
    ("input=image, kernel_size=2 -> B C H W", "avg_pool2d max_pool2d"),
    ("input=image, kernel_size=2 -> B C H W; B C H W", "max_pool2d_with_indices"),
    ("input=volume, kernel_size=2 -> B C D H W", "avg_pool3d max_pool3d"),
    ("input=volume, kernel_size=2 -> B C D H W; B C D H W", "max_pool3d_with_indices"),
    ("input=channels, norm_type=2.0, kernel_size=2 -> B F S", "lp_pool1d"),
    ("input=image, norm_type=2.0, kernel_size=2 -> B C H W", "lp_pool2d"),
    ("input=volume, norm_type=2.0, kernel_size=2 -> B C D H W", "lp_pool3d"),
    (
        "input=channels, output_size=2 -> B F S",
        "adaptive_avg_pool1d functional.adaptive_max_pool1d",
    ),
    (
        "input=channels, output_size=2 -> B F S; B F S",
        "adaptive_max_pool1d_with_indices torch.adaptive_max_pool1d",
    ),
    ("input=image, output_size=2 -> B C H W", "adaptive_avg_pool2d adaptive_max_pool2d"),
    ("input=image, output_size=2 -> B C H W; B C H W", "adaptive_max_pool2d_with_indices"),
    ("input=volume, output_size=2 -> B C D H W", "adaptive_avg_pool3d adaptive_max_pool3d"),
    ("input=volume, output_size=2 -> B C D H W; B C D H W", "adaptive_max_pool3d_with_indices"),
    ("input=image, kernel_size=2, output_size=4 -> B C . .", "fractional_max_pool2d"),
    (
        "input=image, kernel_size=2, output_size=4 -> B C . .; B C . .",
        "fractional_max_pool2d_with_indices",
    ),
    ("input=volume, kernel_size=2, output_size=3 -> B C . . .", "fractional_max_pool3d"),
    (
        "input=volume, kernel_size=2, output_size=3 -> B C . . .; B C . . .",
        "fractional_max_pool3d_with_indices",
    ),
    (
        "input=channels, indices=(channels * 0).long() + torch.arange(0, 14, 2), kernel_size=2 ->"
        " B F .",
        "max_unpool1d",
    ),
    ("input=image, indices=(image * 0).long(), kernel_size=2 -> B C . .", "max_unpool2d"),
    ("input=volume, indices=(volume * 0).long(), kernel_size=2 -> B C . . .", "max_unpool3d"),
    ("input=channels, size=None, scale_factor=2.0 -> B F .", "interpolate"),
    ("input=channels, pad=(1, 2) -> B F S", "pad constant_pad_nd"),
    ("input=image, groups=2 -> B C H W", "channel_shuffle native_channel_shuffle"),
    ("input=image, upscale_factor=2 -> B . . .", "pixel_shuffle"),
    ("input=image[:, :, 1:, 1:], downscale_factor=2 -> B . . .", "pixel_unshuffle"),
    ("input=image, grid=pairs[:, None].expand(5, 6, 7, 2) -> B C . .", "grid_sample"),
    (
        "input=image, grid=pairs[:, None].expand(5, 6, 7, 2), interpolation_mode=0, "
        "padding_mode=0, align_corners=False -> B C . .",
        "grid_sampler grid_sampler_2d",
    ),
    (
        "input=volume, grid=x[:, None, None].expand(5, 2, 6, 7, 3), interpolation_mode=0, "
        "padding_mode=0, align_corners=False -> B C . . .",
        "grid_sampler_3d",
    ),
    ("theta=x[:, :2], size=(5, 4, 9, 11) -> B . . .", "affine_grid"),
    (
        "theta=x[:, :2], size=(5, 4, 9, 11), align_corners=False -> B . . .",
        "affine_grid_generator",
    ),
    (
        "input=x, p=0.5, training=True -> B S F",
        "functional.alpha_dropout functional.dropout functional.feature_alpha_dropout",
    ),
    (
        "input=x, p=0.5, train=True -> B S F",
        "torch.alpha_dropout torch.dropout torch.feature_alpha_dropout feature_dropout",
    ),
    ("input=x, p=0.5, train=True -> B S F; B S F", "native_dropout"),
    ("input=x, p=0.5, training=False -> B S F", "dropout1d"),
    ("input=image, p=0.5, training=True -> B C H W", "dropout2d"),
    ("input=volume, p=0.5, training=True -> B C D H W", "dropout3d"),
    ("input=image, dim=1 -> B . H W", "glu"),
    ("input=x, normalized_shape=(3,) -> B S F", "layer_norm rms_norm"),
    (
        "input=x, normalized_shape=(3,), weight=None, bias=None, eps=1e-5 -> . . .; . . .; . . .",
        "native_layer_norm",
    ),
    ("input=image, num_groups=2 -> B C H W", "group_norm"),
    (
        "input=image, weight=None, bias=None, N=5, C=4, HxW=99, group=2, eps=1e-5 -> . . . .; . "
        ".; . .",
        "native_group_norm",
    ),
    ("input=image -> B C H W", "functional.instance_norm"),
    (
        "input=image, weight=None, bias=None, running_mean=None, running_var=None, "
        "use_input_stats=True, momentum=0.1, eps=1e-5, cudnn_enabled=False -> B C H W",
        "torch.instance_norm",
    ),
    (
        "input=channels, running_mean=None, running_var=None, weight=None, bias=None, "
        "training=True -> B F S",
        "functional.batch_norm",
    ),
    (
        "input=channels, weight=None, bias=None, running_mean=None, running_var=None, "
        "training=True, momentum=0.1, eps=1e-5, cudnn_enabled=False -> B F S",
        "torch.batch_norm",
    ),
    (
        "input=channels, weight=None, bias=None, running_mean=None, running_var=None, "
        "training=True, momentum=0.1, eps=1e-5 -> B F S; .; .",
        "native_batch_norm",
    ),
    ("input=image, size=2 -> B C H W", "local_response_norm"),
    ("input=words, weight=w -> B S .", "functional.embedding"),
    ("weight=w, indices=words -> B S .", "torch.embedding"),
    ("input=words, weight=w -> B .", "functional.embedding_bag"),
    (
        "input=x, hx=x.new_zeros(1, 7, 4), params=(w.new_ones(4, 3), w.new_ones(4, 4)), "
        "has_biases=False, num_layers=1, dropout=0.0, train=False, bidirectional=False, "
        "batch_first=False -> B S .; . S .",
        "rnn_tanh rnn_relu",
    ),
    (
        "input=x, hx=x.new_zeros(1, 7, 4), params=(w.new_ones(12, 3), w.new_ones(12, 4)), "
        "has_biases=False, num_layers=1, dropout=0.0, train=False, bidirectional=False, "
        "batch_first=False -> B S .; . S .",
        "gru",
    ),
    (
        "input=x, hx=(x.new_zeros(1, 7, 4), x.new_zeros(1, 7, 4)), params=(w.new_ones(16, 3), "
        "w.new_ones(16, 4)), has_biases=False, num_layers=1, dropout=0.0, train=False, "
        "bidirectional=False, batch_first=False -> B S .; . S .; . S .",
        "lstm",
    ),
    (
        "input=x[:, 0], hx=x.new_zeros(5, 4), w_ih=w.new_ones(4, 3), w_hh=w.new_ones(4, 4) -> B .",
        "rnn_tanh_cell rnn_relu_cell",
    ),
    (
        "input=x[:, 0], hx=x.new_zeros(5, 4), w_ih=w.new_ones(12, 3), w_hh=w.new_ones(12, 4) -> B"
        " .",
        "gru_cell",
    ),
    (
        "input=x[:, 0], hx=(x.new_zeros(5, 4), x.new_zeros(5, 4)), w_ih=w.new_ones(16, 3), "
        "w_hh=w.new_ones(16, 4) -> B .; B .",
        "lstm_cell",
    ),
    (
        "query=x, key=y, value=z, embed_dim_to_check=3, num_heads=1, in_proj_weight=w.new_ones(9,"
        " 3), in_proj_bias=None, bias_k=None, bias_v=None, add_zero_attn=False, dropout_p=0.0, "
        "out_proj_weight=w.new_ones(3, 3), out_proj_bias=None -> B S F; S B B",
        "multi_head_attention_forward",
    ),
    # Losses
    (
        "input=x, target=y -> ",
        """
            binary_cross_entropy functional.binary_cross_entropy_with_logits huber_loss
            functional.kl_div l1_loss mse_loss functional.poisson_nll_loss smooth_l1_loss
            soft_margin_loss functional.hinge_embedding_loss
        """,
    ),
    ("input=x, target=y, reduction=0 -> B S F", "torch.kl_div"),
    ("x, y, None, None, 0 -> B S F", "torch.binary_cross_entropy_with_logits"),
    ("input=x, target=y, margin=1.0, reduction=0 -> B S F", "torch.hinge_embedding_loss"),
    ("x, y, True, False, 1e-8, 0 -> B S F", "torch.poisson_nll_loss"),
    (
        "input1=x, input2=y, target=z, margin=0.0, reduction=0 -> B S F",
        "torch.margin_ranking_loss",
    ),
    (
        "input1=x[:, 0], input2=y[:, 0], target=labels, margin=0.0, reduction=0 -> B",
        "torch.cosine_embedding_loss",
    ),
    (
        "anchor=x, positive=y, negative=z, margin=1.0, p=2, eps=1e-6, swap=False, reduction=0 -> "
        "B S",
        "torch.triplet_margin_loss",
    ),
    ("input=x[:, 0], target=y[:, 0] -> ", "multilabel_soft_margin_loss"),
    ("input=x[:, 0], target=labels -> ", "cross_entropy multi_margin_loss nll_loss"),
    ("input=x[:, 0], target=whole[:, 0] % 3 -> ", "multilabel_margin_loss"),
    ("input=x, target=y, var=z -> ", "gaussian_nll_loss"),
    ("input1=x[:, 0], input2=y[:, 0], target=labels -> ", "functional.cosine_embedding_loss"),
    ("input1=x, input2=y, target=z -> ", "functional.margin_ranking_loss"),
    (
        "anchor=x, positive=y, negative=z -> ",
        "functional.triplet_margin_loss triplet_margin_with_distance_loss",
    ),
    (
        "log_probs=x.log_softmax(2), targets=words[:7, :2].new_ones(7, 2), input_lengths=(5,) * "
        "7, target_lengths=(2,) * 7 -> ",
        "functional.ctc_loss",
    ),
    # Linear algebra and transforms
    ("input=symmetric -> B R R", " inverse matrix_exp"),
    ("input=symmetric -> B R R", "linalg_matrix_exp"),
    ("A=symmetric -> B R R", "linalg_inv"),
    ("A=symmetric -> B R R; B", "linalg_inv_ex"),
    ("input=lower -> B . .", "cholesky_inverse"),
    ("input=right, input2=lower -> B . F", "cholesky_solve"),
    ("input=square, n=2 -> B . .", "matrix_power"),
    ("input=square, n=2 -> B . .", "linalg_matrix_power"),
    ("A=square -> B", "linalg_det"),
    ("input=square -> B", "det logdet linalg_cond linalg_matrix_rank"),
    ("input=symmetric -> B; B", "slogdet"),
    ("A=symmetric -> B; B", "linalg_slogdet"),
    ("input=symmetric -> B .; B . .", "linalg_eig linalg_eigh"),
    ("input=symmetric -> B .", "linalg_eigvals linalg_eigvalsh"),
    ("A=symmetric -> B .", "linalg_svdvals"),
    ("A=symmetric, B=right -> B . F", "linalg_solve"),
    ("A=symmetric, B=right -> B . F; B", "linalg_solve_ex"),
    ("input=lower, B=right | upper=False -> B . F", "linalg_solve_triangular"),
    ("input=right, A=lower -> B . F; B . .", "triangular_solve"),
    ("input=symmetric, b=right -> . . .; .; .; .", "linalg_lstsq"),
    ("A=square -> B . .; B . .; B . .", "linalg_lu"),
    ("A=square -> B . .; B .; B", "linalg_lu_factor_ex"),
    ("input=symmetric -> B . .; B .", "linalg_ldl_factor"),
    ("input=symmetric -> B . .; B .; B", "linalg_ldl_factor_ex"),
    ("A=square -> B . .; B . .", "linalg_qr"),
    ("A=square -> B . .; B .; B . .", "linalg_svd"),
    ("input=square -> B . .; B . .", "qr"),
    ("input=square -> B . .; B .; B . .", "svd"),
    ("input=square -> . . .; . .", "geqrf"),
    ("A=square -> B . .; B .", "lu linalg_lu_factor"),
    ("input=square, tau=right[:, :, 0] -> B . .", "linalg_householder_product"),
    ("input=square, input2=right[:, :, 0] -> B . .", "orgqr"),
    ("input=square, input2=right[:, :, 0], input3=right -> B . F", "ormqr"),
    ("x=series -> . .", "linalg_vander"),
    ("input=table | correction=0 -> . .", "cov"),
    ("input=table -> . .", "corrcoef"),
    ("input=x, dim=1 -> B . F", "fft_fft fft_ifft fft_rfft fft_irfft fft_hfft"),
    ("input=x, n=7, dim=1 -> B . F", "fft_fft fft_ifft fft_hfft fft_ihfft fft_irfft fft_rfft"),
    (
        "input=x, s=(7, 3), dim=(1, 2) -> B . .",
        """
            fft_fft2 fft_fftn fft_ifft2 fft_ifftn fft_hfft2 fft_hfftn fft_ihfft2 fft_ihfftn
            fft_irfft2 fft_irfftn fft_rfft2 fft_rfftn
        """,
    ),
    ("input=x[:, :, 0], n_fft=4 | return_complex=True -> B . .", "stft"),
    ("input=series, other=series * 2 -> ", "vdot"),
    ("input=features, tensor=features * 2 -> ", "dot"),
    ("input=table[:3] -> ", "trace"),
    ("input=x[0] -> ", "nuclear_norm"),
    ("input=x, dim=1 -> B F", "frobenius_norm"),
    ("v=w, pow=2, dim=0 -> . .", "norm_except_dim"),
    (
        "LD=symmetric, pivots=torch.tensor([1, 2, 3, 4]).int().expand(5, 4), B=right -> . . F",
        "linalg_ldl_solve",
    ),
    (
        "LU=symmetric, pivots=torch.tensor([1, 2, 3, 4]).int().expand(5, 4), B=right -> . . F",
        "linalg_lu_solve",
    ),
    (
        "right, LU_data=symmetric, LU_pivots=torch.tensor([1, 2, 3, 4]).int().expand(5, 4) -> . ."
        " F",
        "lu_solve",
    ),
    (
        "symmetric, torch.tensor([1, 2, 3, 4]).int().expand(5, 4) -> B . .; B . .; B . .",
        "lu_unpack",
    ),
    ("input=symmetric[0], ind=1 -> . .", "linalg_tensorinv"),
    ("input=symmetric[0], other=right[0, :, 0] -> .", "linalg_tensorsolve"),
    ("A=x, q=2 -> B S .; B .; B . .", "pca_lowrank svd_lowrank"),
    ("A=symmetric[0], k=1 -> .; R .", "lobpcg"),
    ("input=torch.stft(rows, 4, return_complex=True), n_fft=4 -> . .", "istft"),
    (
        "log_probs=x.log_softmax(2), targets=words[:, :2].new_ones(7, 2), input_lengths=(5,) * 7,"
        " target_lengths=(2,) * 7, blank=0, reduction=1 -> ",
        "torch.ctc_loss",
    ),
    (
        "weight=w, indices=numbers, offsets=torch.tensor([0, 3]) -> . .; .; .; .",
        "torch.embedding_bag",
    ),
    (
        "input=channels, weight=w[:, :, None].expand(6, 3, 2), bias=None, stride=(1,), "
        "padding=(0,), dilation=(1,), transposed=False, output_padding=(0,), groups=1 -> B . S",
        "convolution",
    ),
    ("x, y, z, lambda a, b, c: a + b -> B S F", "map2"),
    ("input=square -> B Q R", "linalg_pinv pinverse"),
    ("input=symmetric -> B . .", "cholesky linalg_cholesky"),
    ("input=symmetric -> B . .; B", "linalg_cholesky_ex"),
    # Counting, searching, randomness
    ("input=x, boundaries=features -> B S F", "bucketize"),
    ("sorted_sequence=features, input=x -> B S F", "searchsorted"),
    ("elements=x, test_elements=features -> B S F", "isin"),
    ("input=numbers -> .", "bincount"),
    ("input=x, bins=4, min=0, max=1 -> .", "histc"),
    ("input=series, bins=4 -> .; .", "histogram"),
    ("input=table, bins=4 -> . . .; .; .; .", "histogramdd"),
    ("input=x -> .", "unique unique_consecutive"),
    ("input=rows, num_samples=2 -> B .", "multinomial"),
    ("count=whole.float(), prob=x -> B S F", "binomial"),
    ("indices=words, shape=(3, 3) -> B S; B S", "unravel_index"),
    ("input=x | dim=1 -> B S F", "gradient"),
    # Everything else that a tensor is asked
    (
        "x -> ~",
        """
            __array__ __len__ __repr__ __reversed__ _is_view dim dim_order data_ptr
            const_data_ptr element_size get_device is_complex is_conj is_contiguous
            is_distributed is_floating_point is_inference is_neg is_shared is_signed itemsize
            layout name nbytes ndim ndimension nelement numel numpy output_nr requires_grad
            retains_grad shape size stride storage_offset storage_type tolist type device dtype
            grad grad_fn is_cpu is_cuda is_leaf is_meta is_mkldnn is_mps is_nested is_quantized
            is_sparse is_sparse_csr is_vulkan is_xla is_xpu is_ipu is_maia is_mtia volatile
            _backward_hooks _base _cdata _grad _grad_fn _post_accumulate_grad_hooks _version
            untyped_storage storage grad_dtype
        """,
    ),
    ("x, y -> ~", "is_same_size is_set_to"),
    ("input=x, other=y -> ~", "allclose equal"),
    (
        "x[0, 0, 0], -> ~",
        "__bool__ __complex__ __float__ __int__ __long__ __nonzero__ item is_nonzero",
    ),
    ("numbers[0], -> ~", "__index__"),
    ("x, 0.5 -> ~", "__contains__"),
]

LEFT_OUT = {
    "quantized tensors, which no model of this course has": """
        choose_qparams_optimized dequantize fake_quantize_per_channel_affine
        fake_quantize_per_tensor_affine fbgemm_linear_fp16_weight
        fbgemm_linear_fp16_weight_fp32_activation fbgemm_linear_int8_weight
        fbgemm_linear_int8_weight_fp32_activation fbgemm_linear_quantize_weight
        fbgemm_pack_gemm_matrix_fp16 fbgemm_pack_quantized_matrix fused_moving_avg_obs_fake_quant
        int_repr q_per_channel_axis q_per_channel_scales q_per_channel_zero_points q_scale
        q_zero_point qscheme quantize_per_channel quantize_per_tensor quantize_per_tensor_dynamic
        quantized_batch_norm quantized_gru_cell quantized_lstm_cell quantized_max_pool1d
        quantized_max_pool2d quantized_max_pool3d quantized_rnn_relu_cell quantized_rnn_tanh_cell
    """,
    "needs another device than the CPU": """
        batch_norm_backward_elemt batch_norm_backward_reduce batch_norm_elemt
        batch_norm_gather_stats batch_norm_gather_stats_with_counts batch_norm_stats cuda ipu
        miopen_batch_norm miopen_convolution miopen_convolution_add_relu miopen_convolution_relu
        miopen_convolution_transpose miopen_depthwise_convolution miopen_rnn mtia pin_memory
        record_stream xpu is_pinned to_mkldnn _autocast_to_full_precision
        _autocast_to_reduced_precision autocast
    """,
    "the inside of sparse or nested tensors, which have no axes of their own": """
        _coalesced _dimI _dimV _indices _nnz _sparse_mask_projection _values ccol_indices
        ccol_indices_copy coalesce col_indices col_indices_copy crow_indices crow_indices_copy
        dense_dim dsmm hsmm hspmm indices indices_copy resize_as_sparse row_indices
        row_indices_copy saddmm slice_inverse smm sparse_dim sparse_mask sparse_resize
        sparse_resize_and_clear spmm sspaddmm values values_copy _nested_tensor_size
        _nested_tensor_storage_offsets _nested_tensor_strides _clear_non_serializable_cached_data
        is_coalesced _to_dense
    """,
    "works on numbers or symbols, not on tensors": """
        _sym_sqrt sym_float sym_int sym_ite sym_max sym_min sym_not sym_sum
    """,
    "belongs to autograd, pickle or other libraries: no numbers are computed from a tensor": """
        __array_wrap__ __deepcopy__ __dlpack__ __dlpack_device__ __format__ __reduce_ex__
        __setstate__ __cuda_array_interface__ backward module_load register_hook
        register_post_accumulate_grad_hook retain_grad
    """,
    "PyTorch's own building stone, called only inside of what is swept": """
        _threshold index linear_cross_entropy native_norm batch_norm_update_stats hash_tensor
    """,
}
