"""What is out of its place on a page in Chromium: cut, colliding or wider than the window."""

_MISPLACED = """(() => {
  const found = [], width = document.documentElement.clientWidth, round = Math.round;
  const boxes = (root, selector) => [...root.querySelectorAll(selector)]
    .map(one => [one, one.getBoundingClientRect()]).filter(([one, box]) => box.width && box.height);
  const printed = matchMedia('print').matches, landscape = 1040;
  if (!printed && document.documentElement.scrollWidth > width) found.push('the page scrolls');
  for (const [one, box] of boxes(document.body, '*')) {
    if (one.closest('.scroll, dialog, svg') || !one.checkVisibility()) continue;
    if (box.left < -1 || box.right > width + 1) found.push(`${one.tagName} beside the window`);
  }
  for (const [svg, frame] of boxes(document, '.plot svg')) {
    const key = svg.closest('figure').id, texts = boxes(svg, 'text');
    texts.forEach(([one, box], place) => {
      if (box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 2 ||
          box.bottom > frame.bottom + 2) found.push(`${key}: ${one.textContent} is cut`);
      for (const [other, its] of texts.slice(place + 1)) {
        const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
        const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
        if (across > 1.5 && down > 3)
          found.push(`${key}: ${one.textContent} on ${other.textContent}`);
      }
    });
  }
  for (const [one, box] of boxes(document, '.scroll')) {
    const first = one.querySelector('tbody tr')?.cells[0].getBoundingClientRect();
    const page = one.closest('.table, #networks');
    const paper = getComputedStyle(page).page === 'wide' ? landscape : width;
    if (printed && one.scrollWidth > paper) found.push(`${page.id} is wider than the paper`);
    if (first && first.width > box.width * .6) found.push('a heading of rows takes all of a table');
  }
  return found;
})()"""


def misplaced(tab):
    """What is out of its place, in words; texts may overlap by the room around their letters."""
    return tab.evaluate(_MISPLACED)
