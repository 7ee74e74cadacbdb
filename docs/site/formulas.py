"""Formulas as MathML, which browsers draw by themselves: no script, from nowhere."""

from docutils.utils.math.latex2mathml import tex2mathml


def in_a_line(writer, node) -> None:
    """$...$ within a line; docutils makes the MathML."""
    writer.body.append(tex2mathml(node.astext()))


def of_its_own(writer, node) -> None:
    """$$...$$ on a line of its own."""
    writer.body.append(f'<div class="math">{tex2mathml(node.astext(), as_block=True)}</div>')


def leave(writer, node) -> None:
    """Nothing is to be closed."""


def drawn(visit):
    """A visitor in the form that Sphinx wants: all is said on the way in."""

    def visitor(writer, node):
        from docutils.nodes import SkipNode

        visit(writer, node)
        raise SkipNode

    return visitor, leave


def setup(app):
    app.add_html_math_renderer("mathml", drawn(in_a_line), drawn(of_its_own))
    return {"parallel_read_safe": True}
