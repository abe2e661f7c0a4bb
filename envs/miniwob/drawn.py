"""The words on a page and where they are, as the page itself knows. Never for a policy that plays.

Training can ask for them: whoever shows a picture may say what is written on it.
"""

from qvl_agent.envs.base import Drawn
from qvl_agent.envs.miniwob.browser import Browser

__all__ = ["words_on"]

_WORDS = r"""
const [width, height] = arguments;
const found = [];
const note = (word, r, owner) => {
  const x = Math.max(0, r.left), y = Math.max(0, r.top);
  const w = Math.min(width, r.right) - x, h = Math.min(height, r.bottom) - y;
  if (w <= 1 || h <= 1) return;
  const top = document.elementFromPoint(x + w / 2, y + h / 2);
  // What something else covers cannot be read.
  if (top && (owner.contains(top) || top.contains(owner))) found.push([word, x, y, w, h]);
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode, parent = node.parentElement;
  if (!parent || parent.closest('script, style, #reward-display, #sync-task-cover')) continue;
  for (const match of node.data.matchAll(/\S+/g)) {
    const range = document.createRange();
    range.setStart(node, match.index);
    range.setEnd(node, match.index + match[0].length);
    for (const r of range.getClientRects()) note(match[0], r, parent);
  }
}
for (const input of document.querySelectorAll('input, textarea')) {
  const r = input.getBoundingClientRect();
  const box = ['checkbox', 'radio'].includes(input.type);
  const empty = document.activeElement === input ? 'focus' : 'field';
  const word = box ? (input.checked ? 'checked' : 'unchecked') : (input.value || empty);
  note(word, r, input);
}
for (const e of document.querySelectorAll('.ui-dialog-titlebar-close, [data-color]'))
  note(e.dataset.color ?? 'x', e.getBoundingClientRect(), e);
return found;
"""


def words_on(browser: Browser, width: int, height: int) -> tuple[Drawn, ...]:
    """Return the words in a page's top left part; signs are words for what they show."""
    found = browser.ask(_WORDS, width, height)
    return tuple(Drawn(str(word), *map(float, box)) for word, *box in found)
