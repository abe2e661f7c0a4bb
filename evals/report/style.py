"""The style sheet of a report, as a constant. Knows no figure."""

from typing import Final

__all__ = ["STYLE"]

STYLE: Final = """
:root { color-scheme: light dark; --paper: #f7f6f3; --card: #fff; --ink: #1d1c1a; --soft: #6b6862;
  --line: #e4e1da; --mark: #2f6fb3; --pub: #c2662d; --bad: #b3261e; --code: #f3f1ec;
  --sans: "Inter", ui-sans-serif, system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans",
    sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #131316; --card: #1c1c20; --ink: #ecebe8; --soft: #a3a09a; --line: #2d2d33;
    --mark: #6ea8e6; --pub: #e6985f; --bad: #ff8a80; --code: #222228; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 var(--sans);
  font-variant-numeric: tabular-nums; }
main { max-width: 1080px; margin: 0 auto; padding: 36px 24px 60px; }
h1 { font-size: 32px; line-height: 1.2; letter-spacing: -.01em; margin: 0 0 6px; }
h2 { font-size: 22px; margin: 44px 0 4px; overflow-wrap: anywhere; }
h3 { font-size: 15px; margin: 26px 0 8px; color: var(--soft); font-weight: 600; }
p { margin: 6px 0; max-width: 78ch; } .soft { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 8px 18px; margin: 14px 0; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
tr:last-child td { border-bottom: 0; }
th { color: var(--soft); font-weight: 500; font-size: 13px; }
td.n, th.n { text-align: right; white-space: nowrap; }
td.rule { color: var(--soft); font-size: 13px; }
td.ours { font-weight: 650; } td.none { color: var(--soft); }
.plot { display: block; width: 100%; height: auto; margin: 10px 0; font: 13px var(--sans); }
.plot text { fill: var(--ink); } .plot .tick { fill: var(--soft); font-size: 11px; }
.plot .grid { stroke: var(--line); } .plot .range { stroke: var(--mark); stroke-width: 4;
  stroke-linecap: round; opacity: .45; } .plot .dot, .plot .bar { fill: var(--mark); }
.plot .paper { stroke: var(--pub); stroke-width: 3; } .plot .value { font-weight: 600; }
.facts { display: flex; flex-wrap: wrap; gap: 6px 28px; }
.facts div { display: flex; gap: 8px; } .facts dt { color: var(--soft); } .facts dd { margin: 0;
  font-weight: 600; }
.warn { color: var(--bad); }
details { margin: 8px 0; } summary { cursor: pointer; font-weight: 600; }
code, pre { font: 12.5px/1.5 var(--mono); } pre { background: var(--code); border-radius: 8px;
  padding: 12px; overflow-x: auto; }
ul { margin: 8px 0; padding-left: 20px; } li { overflow-wrap: anywhere; }
a { color: var(--mark); }
"""
