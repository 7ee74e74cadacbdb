"""How Sphinx makes the site of the pages that tools/build_site.py has prepared."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import lstm_helpers  # noqa: E402

project = "lstm_helpers"
version = release = lstm_helpers.__version__
copyright = "the authors of lstm_helpers"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "docstrings"]
extensions += ["places", "formulas"]

exclude_patterns = ["README.md", "downloads"]
templates_path = [str(HERE / "templates")]
html_static_path = [str(HERE / "static")]
html_theme = "furo"
html_title = "The shapes of an LSTM"
html_favicon = str(HERE / "static" / "icon.svg")
html_css_files = ["site.css"]
html_copy_source = False
html_use_index = False
html_additional_pages = {"search": "search.html"}
html_math_renderer = "mathml"
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"

nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "attrs_inline"]
myst_heading_anchors = 4
myst_links_external_new_tab = False

highlight_language = "none"  # a report or a message is no code
default_role = "code"  # in docstrings single backticks mean code
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
add_module_names = False
