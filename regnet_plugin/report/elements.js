const ROWS = 50; // of the table of networks on the page at a time
const NEAR = 30; // pixels from the pointer to the point that is shown
const DRAGGED = 5; // pixels that the pointer has to move for a box, and not for a click
const HELD = 400; // milliseconds that a finger has to rest for a box, and not to scroll
const root = document.documentElement;

// Theme: the system's until the reader has chosen. Where storage is forbidden the choice lasts as long as the page.
const STORED = 'regnet_plugin.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');
try {
  const theme = localStorage.getItem(STORED);
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
} catch { /* as said */ }

function offerTheme() {
  const button = document.querySelector('.theme');
  const other = () => (root.dataset.theme || (dark.matches ? 'dark' : 'light')) === 'dark' ? 'light' : 'dark';
  const label = () => { button.textContent = other() === 'dark' ? 'Dark' : 'Light'; };
  button.title = 'Switch between light and dark colours';
  button.addEventListener('click', () => {
    root.dataset.theme = other();
    label();
    try {
      localStorage.setItem(STORED, root.dataset.theme);
    } catch { /* as said */ }
  });
  dark.addEventListener('change', label);
  label();
  button.hidden = false;
}

// Elements are made of names and texts, never of markup: what comes from the data cannot be more than text.
function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
const element = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
const drawn = (name, attributes = {}, ...children) =>
  fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);

const DASH = '\u2013';
const digits = value => Math.abs(value) >= 999.5 ? value.toFixed(0) : value.toPrecision(3);
const UNITS = [['T', 1e12], ['G', 1e9], ['M', 1e6]];

// Three digits, or a whole number.
function shown(value) {
  if (value === null) return DASH;
  if (typeof value === 'string') return value;
  const size = Math.abs(value);
  const unit = size < 1e15 && UNITS.find(([, least]) => size >= least);
  if (unit) return `${digits(value / unit[1])} ${unit[0]}`;
  if (size < 1e6 && (Number.isInteger(value) || size >= 1e3)) return value.toFixed(0);
  return size >= 1e15 || size < 1e-4 ? value.toExponential(2).replace(/\.?0*e\+?/, 'e') : digits(value);
}

// The block widths of a network against the block's index, as in figure 6 of the paper.
function staircase({depths, widths}, toX, toY) {
  let block = 0;
  const steps = depths.map((depth, stage) => `V${toY(widths[stage])}H${toX(block += depth)}`);
  return drawn('path', {class: 'body', d: `M${toX(0)} ${toY(0)}${steps.join('')}V${toY(0)}Z`});
}
const total = depths => depths.reduce((sum, depth) => sum + depth, 0);

function diagram({depths, widths}) {
  const [left, right, top, bottom] = [44, 350, 18, 130], letter = 7;
  const depth = total(depths), width = Math.max(...widths);
  const toX = block => left + (right - left) * block / depth;
  const toY = value => bottom - (bottom - top) * value / width;
  const text = (x, y, label, attributes) =>
    drawn('text', {x, y, 'text-anchor': 'middle', ...attributes}, String(label));
  const marks = []; // where there is room: the width above each stage, and below it the blocks until its end
  let end = 0, free = left;
  depths.forEach((count, stage) => {
    const from = toX(end), to = toX(end += count), value = widths[stage];
    if (to - from >= letter * String(value).length) marks.push(text((from + to) / 2, toY(value) - 4, value));
    if (to >= free + letter * (String(end).length + 1)) marks.push(text(free = to, bottom + 13, end));
  });
  return drawn('svg', {viewBox: '0 0 360 162', role: 'img',
    'aria-label': `Widths ${widths.join(', ')} of stages with ${depths.join(', ')} blocks`},
    staircase({depths, widths}, toX, toY), drawn('line', {x1: left, x2: right, y1: bottom, y2: bottom}), ...marks,
    text(left, bottom + 13, 0), text(left - 6, bottom + 4, 0, {'text-anchor': 'end'}),
    text(left - 6, top + 4, width, {'text-anchor': 'end'}), text((left + right) / 2, bottom + 28, 'blocks'),
    text(0, 0, 'width', {transform: `translate(11 ${(top + bottom) / 2}) rotate(-90)`}));
}

// The error after each evaluation of a training.
function curve([epochs, errors]) {
  const [left, right, top, bottom] = [44, 350, 14, 110];
  const [first, last] = [epochs[0], epochs.at(-1)], [least, most] = [Math.min(...errors), Math.max(...errors)];
  const toX = epoch => left + (right - left) * (epoch - first) / (last - first || 1);
  const toY = error => bottom - (bottom - top) * (error - least) / (most - least || 1);
  const text = (x, y, label, anchor = 'middle') => drawn('text', {x, y, 'text-anchor': anchor}, String(label));
  const points = epochs.map((epoch, i) => `${toX(epoch).toFixed(1)} ${toY(errors[i]).toFixed(1)}`);
  return drawn('svg', {viewBox: '0 0 360 142', role: 'img',
    'aria-label': `Error of ${shown(errors[0])} at epoch ${first}, ${shown(errors.at(-1))} at epoch ${last}`},
    drawn('path', {class: 'line', d: `M${points.join('L')}`}),
    drawn('line', {x1: left, x2: right, y1: bottom + 4, y2: bottom + 4}),
    text(left, bottom + 17, first), text(right, bottom + 17, last), text((left + right) / 2, bottom + 28, 'epoch'),
    text(left - 6, top + 4, shown(most), 'end'), text(left - 6, bottom + 4, shown(least), 'end'),
    drawn('text', {'text-anchor': 'middle', transform: `translate(11 ${(top + bottom) / 2}) rotate(-90)`}, 'error'));
}

// The config as MMEngine's Python: what JSON writes is Python, but for three words.
function python(value) {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return /^[^'\\\p{C}]*$/u.test(value) ? `'${value}'` : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  return `{${Object.entries(value).map(pair => pair.map(python).join(': ')).join(', ')}}`;
}
function config(backbone) {
  const given = Object.entries({type: 'regnet_plugin.AnyNet', ...backbone});
  const lines = given.map(([name, value]) => `        ${name}=${python(value)}`);
  return `model = dict(\n    backbone=dict(\n${lines.join(',\n')}))\n`;
}
