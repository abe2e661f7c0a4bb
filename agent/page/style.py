"""The style sheet and the script of an exported page, as constants. Knows no trace."""

from typing import Final

__all__ = ["SCRIPT", "STYLE"]

STYLE: Final = """
:root {
  color-scheme: light dark;
  --paper: #f7f6f3; --card: #ffffff; --ink: #1d1c1a; --soft: #6b6862; --faint: #a5a199;
  --line: #e4e1da; --code: #f3f1ec; --mark: #e5383b; --good: #1a7f4b; --good-bg: #e3f4ea;
  --bad: #b3261e; --bad-bg: #fbe9e7; --warn: #8a5a00; --warn-bg: #fdf3dc;
  --shadow: 0 1px 2px rgb(30 25 15 / .05), 0 8px 24px rgb(30 25 15 / .06);
  --c-preprocess: #b9a7e6; --c-vision: #7c6bd6; --c-prefill: #4a7bd0; --c-decode: #2fa4a0;
  --c-wait: #b8bcc4; --c-world: #e0a03c; --c-agent: #d8d4cb;
  --sans: "Inter", ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans",
    "DejaVu Sans", sans-serif;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", "Noto Serif",
    Georgia, serif;
  --mono: ui-monospace, "SF Mono", "JetBrains Mono", Menlo, Consolas, "Noto Sans Mono",
    "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131316; --card: #1c1c20; --ink: #ecebe8; --soft: #a3a09a; --faint: #6d6b67;
    --line: #2d2d33; --code: #141417; --mark: #ff5a5f; --good: #6fd69b; --good-bg: #16301f;
    --bad: #ff8a80; --bad-bg: #3a1a18; --warn: #f0c36a; --warn-bg: #33280f;
    --shadow: 0 1px 2px rgb(0 0 0 / .4), 0 8px 24px rgb(0 0 0 / .25);
    --c-wait: #5b5f68; --c-agent: #44433f;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 7.2rem; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 var(--sans); font-variant-numeric: tabular-nums; }
main, .masthead { max-width: 1080px; margin: 0 auto; padding: 0 24px; }
.masthead { padding-top: 44px; padding-bottom: 20px; }
.eyebrow { color: var(--soft); font-size: 12.5px; display: flex; flex-wrap: wrap; gap: 4px 14px; }
h1 { font: 600 clamp(26px, 4.2vw, 40px)/1.15 var(--serif); letter-spacing: -.012em;
  margin: 10px 0 16px; overflow-wrap: anywhere; white-space: pre-wrap; text-wrap: balance; }
h1.long { font-size: 19px; line-height: 1.4; letter-spacing: 0; text-wrap: wrap; }
.verdict { display: flex; flex-wrap: wrap; align-items: baseline; gap: 8px 12px; }
.badge { border-radius: 99px; padding: 3px 13px; font-weight: 600; font-size: 13.5px;
  background: var(--code); color: var(--soft); }
.badge.good { background: var(--good-bg); color: var(--good); }
.badge.bad { background: var(--bad-bg); color: var(--bad); }
.badge.warn { background: var(--warn-bg); color: var(--warn); }
.verdict p { margin: 0; color: var(--soft); overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: 1px; margin: 26px 0 0; background: var(--line);
  border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
.facts div { flex: 1 1 118px; background: var(--card); padding: 12px 16px; }
.facts dt { color: var(--soft); font-size: 12px; }
.facts dd { margin: 1px 0 0; font-size: 20px; font-weight: 600; letter-spacing: -.01em; }
.facts small { font-size: 12.5px; font-weight: 400; color: var(--soft); letter-spacing: 0; }
.note { background: var(--warn-bg); color: var(--warn); border-radius: 10px; padding: 9px 14px;
  margin: 14px 0 0; overflow-wrap: anywhere; }
nav { position: sticky; top: 0; z-index: 5; background: color-mix(in srgb, var(--paper) 86%,
  transparent); backdrop-filter: blur(12px); border-bottom: 1px solid var(--line); }
nav ol { max-width: 1080px; margin: 0 auto; padding: 10px 24px; list-style: none; display: flex;
  gap: 7px; overflow-x: auto; scrollbar-width: thin; }
nav a { display: block; position: relative; text-decoration: none; color: var(--soft);
  font-size: 11px; text-align: center; line-height: 1.5; }
nav img { display: block; height: 56px; min-width: 26px; border-radius: 6px;
  border: 1px solid var(--line); background: var(--card); }
nav a:hover img, nav a:focus-visible img { border-color: var(--ink); }
nav a.here { color: var(--ink); font-weight: 700; }
nav a.here img { border-color: var(--mark); box-shadow: 0 0 0 1px var(--mark); }
nav i { position: absolute; top: 4px; right: 4px; width: 8px; height: 8px; border-radius: 50%;
  background: #f0a020; border: 1.5px solid var(--card); }
section { display: grid; grid-template-columns: minmax(220px, 38%) minmax(0, 1fr); gap: 30px;
  background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 24px;
  margin: 22px 0; box-shadow: var(--shadow); }
figure { margin: 0; }
.screen { position: sticky; top: 116px; width: fit-content; margin: 0 auto; }
.frame { position: relative; width: fit-content; margin: 0 auto; }
.frame > img { display: block; width: auto; height: auto; max-width: 100%;
  max-height: min(640px, 78vh); border-radius: 10px; border: 1px solid var(--line);
  background: #fff; }
.marks { position: absolute; inset: 1px; width: calc(100% - 2px); height: calc(100% - 2px);
  overflow: visible; }
.marks * { fill: none; stroke-linecap: round; stroke-linejoin: round; }
.marks .halo { stroke: #fff; opacity: .9; }
.marks .ring { stroke: #e5383b; }
.marks .dot { fill: #e5383b; }
.marks .area { fill: #2ec4b6; fill-opacity: .45; stroke: none; }
.pill { position: absolute; left: 50%; bottom: 0; transform: translate(-50%, 50%); max-width: 96%;
  background: #e5383b; color: #fff; border-radius: 99px; padding: 2px 13px; font-weight: 600;
  font-size: 13px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
  box-shadow: 0 2px 8px rgb(0 0 0 / .25), 0 0 0 2px var(--card); }
.pill.off { background: var(--faint); text-decoration: line-through; }
figcaption { color: var(--soft); font-size: 13px; margin-top: 22px; white-space: pre-wrap;
  overflow-wrap: anywhere; max-width: 42ch; }
.views { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 22px; }
.views figure { max-width: 130px; font-size: 11.5px; color: var(--soft); }
.map { margin-top: 22px; }
.map img { display: block; max-width: 100%; border-radius: 6px; border: 1px solid var(--line); }
.views img { display: block; width: 100%; border-radius: 6px; border: 1px solid var(--line); }
h2 { font-size: 15px; font-weight: 600; margin: 0 0 12px; display: flex; flex-wrap: wrap;
  align-items: baseline; gap: 4px 12px; }
h2 span { color: var(--soft); font-weight: 400; font-size: 13px; }
h2 .when { margin-left: auto; }
.thought { font: 17px/1.5 var(--serif); margin: 0 0 14px; white-space: pre-wrap;
  overflow-wrap: anywhere; }
pre { font: 13px/1.55 var(--mono); background: var(--code); border-radius: 10px; margin: 0;
  padding: 11px 14px; white-space: pre-wrap; overflow-wrap: anywhere; }
pre.call { border-left: 3px solid var(--mark); border-radius: 4px 10px 10px 4px; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; margin: 12px 0 0; padding: 0; }
.chip { background: var(--code); border-radius: 7px; padding: 2px 9px; font-size: 12.5px;
  color: var(--soft); }
.chip.good { background: var(--good-bg); color: var(--good); }
.chip.bad { background: var(--bad-bg); color: var(--bad); }
.chip.warn { background: var(--warn-bg); color: var(--warn); }
.problem { background: var(--warn-bg); border-radius: 10px; padding: 11px 14px; margin: 0 0 14px;
  overflow-wrap: anywhere; }
.problem.bad { background: var(--bad-bg); }
.problem b { color: var(--warn); } .problem.bad b { color: var(--bad); }
.problem p { margin: 2px 0 0; white-space: pre-wrap; }
pre.call + .problem, .chips + .problem { margin: 12px 0 0; }
details { margin-top: 10px; }
summary { cursor: pointer; color: var(--soft); font-size: 12.5px; width: fit-content; }
details pre { margin-top: 6px; max-height: 320px; overflow: auto; }
.meters { margin-top: 20px; padding-top: 14px; border-top: 1px solid var(--line);
  display: grid; gap: 13px; font-size: 12.5px; color: var(--soft); }
.meters p { margin: 0 0 5px; display: flex; justify-content: space-between; gap: 12px; }
.meters b { color: var(--ink); font-weight: 600; }
.bar { display: block; width: 100%; height: 8px; border-radius: 4px; background: var(--code); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 13px; margin-top: 5px; }
.legend i { display: inline-block; width: 8px; height: 8px; border-radius: 2px;
  margin-right: 5px; }
.k-preprocess { fill: var(--c-preprocess); background: var(--c-preprocess); }
.k-vision { fill: var(--c-vision); background: var(--c-vision); }
.k-prefill { fill: var(--c-prefill); background: var(--c-prefill); }
.k-decode { fill: var(--c-decode); background: var(--c-decode); }
.k-wait { fill: var(--c-wait); background: var(--c-wait); }
.k-world { fill: var(--c-world); background: var(--c-world); }
.k-agent { fill: var(--c-agent); background: var(--c-agent); }
.k-used { fill: var(--c-prefill); background: var(--c-prefill); }
.k-reserve { fill: var(--c-wait); background: var(--c-wait); opacity: .45; }
footer { max-width: 1080px; margin: 0 auto; padding: 6px 24px 60px; color: var(--soft);
  font-size: 12.5px; }
footer details { margin: 0 0 10px; }
kbd { font: 11.5px var(--mono); border: 1px solid var(--line); border-bottom-width: 2px;
  border-radius: 5px; padding: 0 5px; background: var(--card); }
@media (max-width: 720px) {
  section { grid-template-columns: minmax(0, 1fr); padding: 18px; gap: 26px; }
  .screen { position: static; }
  .frame > img { max-height: 60vh; }
  main, .masthead, nav ol, footer { padding-left: 14px; padding-right: 14px; }
}
@media print { nav, footer { display: none; } section { break-inside: avoid; box-shadow: none; } }
"""

SCRIPT: Final = """
const steps = [...document.querySelectorAll("main > section")];
const links = new Map([...document.querySelectorAll("nav a")].map(a => [a.hash.slice(1), a]));
let here = 0;
function mark() {
  const top = innerHeight * .35;
  here = Math.max(0, steps.findLastIndex(s => s.getBoundingClientRect().top < top));
  links.forEach((a, id) => a.classList.toggle("here", id === steps[here].id));
  const list = document.querySelector("nav ol"), a = links.get(steps[here].id);
  if (a) list.scrollLeft = a.parentNode.offsetLeft - list.offsetLeft - list.clientWidth / 2;
}
addEventListener("scroll", () => requestAnimationFrame(mark), {passive: true});
addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  const by = {j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1}[e.key];
  const to = by && steps[here + by];
  if (to) { e.preventDefault(); to.scrollIntoView(); }
});
if (steps.length) mark();
"""
