"""What was measured, as a table in Markdown and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from statistics import median

from .measure import Run

Results = Mapping[str, Sequence[Run]]
BAR, LABEL, ROW = 420, 390, 30


def table(results: Results, *, against: str) -> str:
    """Medians; the ratio is that of each round, so that a machine whose speed drifts does not matter."""
    lines = [
        f"| way | seconds | ratio to {_cell(against)} | client CPU s | server CPU s | peak MB | output MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, runs in results.items():
        ratio = median(run.seconds / other.seconds for run, other in zip(runs, results[against], strict=True))
        figures = (
            f"{_median(runs, 'seconds'):.1f}",
            f"{ratio:.2f}",
            f"{_median(runs, 'client_cpu'):.1f}",
            f"{_median(runs, 'server_cpu'):.1f}",
            f"{_median(runs, 'peak_mb'):.0f}",
            f"{_median(runs, 'output_mb'):.0f}" if runs[0].output_mb else "–",
        )
        lines.append(f"| {_cell(name)} | " + " | ".join(figures) + " |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def picture(sections: Mapping[str, Results]) -> str:
    """Bars of the median seconds, the shorter the better; it follows the reader's theme."""
    parts: list[str] = []
    y = 10
    for title, results in sections.items():
        longest = max(_median(runs, "seconds") for runs in results.values())
        parts.append(f'<text class="t" x="0" y="{y + 16}">{escape(title)}</text>')
        y += ROW
        for name, runs in results.items():
            seconds = _median(runs, "seconds")
            kind = "o" if name.startswith("ours") else "p"
            width = BAR * seconds / longest
            parts.append(
                f'<text x="0" y="{y + 15}">{escape(name)}</text>'
                f'<rect class="{kind}" x="{LABEL}" y="{y + 2}" width="{width:.0f}" height="18" rx="4"/>'
                f'<text x="{LABEL + width + 8:.0f}" y="{y + 15}">{seconds:.1f} s</text>'
            )
            y += ROW
        y += 10
    style = (
        "text{font:14px system-ui,sans-serif;fill:#334155}.t{font-weight:600}.o{fill:#6366f1}.p{fill:#cbd5e1}"
        "@media(prefers-color-scheme:dark){text{fill:#e2e8f0}.p{fill:#475569}}"
    )
    size = f'viewBox="0 0 {LABEL + BAR + 80} {y}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{style}</style>{"".join(parts)}</svg>\n'


def _median(runs: Sequence[Run], figure: str) -> float:
    return float(median(getattr(run, figure) for run in runs))
