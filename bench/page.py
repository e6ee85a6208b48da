"""The documents that show the figures: a page with tables, plots beside it, and the figures themselves."""

from __future__ import annotations

from pathlib import Path

from bench import figures
from bench.figures import Figures
from bench.plots import plots
from bench.table import tables

DOCS = Path(__file__).parent.parent / "docs"
PAGE, FIGURES, IMAGES = "performance.md", "performance.json", "images"
BEGIN = "<!-- bench: written by make bench ARGS=--write, do not edit -->"
END = "<!-- end of bench -->"


def kept(folder: Path) -> Figures:
    """The figures of an earlier run."""
    return figures.kept(folder / FIGURES)


def write(folder: Path, known: Figures) -> None:
    """Keep the figures, and draw and write what shows them."""
    figures.keep(folder / FIGURES, known)
    (folder / IMAGES).mkdir(exist_ok=True)
    for name, plot in plots(known).items():
        (folder / IMAGES / name).write_text(plot)
    page = folder / PAGE
    page.write_text(rewritten(page.read_text(), tables(known)))


def rewritten(page: str, table: str) -> str:
    """The page with this between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"
