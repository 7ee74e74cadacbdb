"""Python source as HTML, legible on every page and at every width."""

from html import escape

SCROLLS = "white-space: pre; overflow-x: auto"  # notebooks would break long lines anywhere
LOOK = {"Keyword": "bold #188a38", "Name.Function": "bold", "Literal.String": "#c2503c"}
LOOK["Comment"] = "italic #2a8383"  # as the others legible on a white page and on a dark one


def highlighted(source: str) -> str:
    """As HTML, in colours by the library that notebooks bring along; without it, plain."""
    try:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer
        from pygments.style import Style
        from pygments.token import string_to_tokentype
    except ImportError:
        return f'<pre style="{SCROLLS}">{escape(source)}</pre>'
    # Styles inside the tags: a page has classes of its own. No background: it may be a dark one.
    styles = {string_to_tokentype(kind): look for kind, look in LOOK.items()}
    style = type("Look", (Style,), {"styles": styles})
    page = HtmlFormatter(style=style, noclasses=True, nobackground=True, prestyles=SCROLLS)
    return highlight(source, PythonLexer(stripnl=False), page)
