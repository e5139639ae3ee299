'use strict';
(() => {
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

  // A path as a shell takes it.
  const quoted = path => /^[\w./+=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

  class Networks {
    constructor(data) {
      Object.assign(this, data); // names, headings, factors, text, columns, kinds, backbones, links: of page.py
      this.columns = this.columns.map(column => Array.isArray(column) ? column :
        column.places.map(place => column.texts[place]));
      this.length = this.backbones.length;
      for (const kind of this.kinds) kind.own = kind.names.filter(name => !Object.hasOwn(kind.shared, name));
    }

    // A cell as its column shows it, in the unit that the heading has.
    shown(row, index) {
      const value = this.columns[index][row];
      return shown(typeof value === 'number' ? value / this.factors[index] : value);
    }

    column(name) {
      return this.columns[this.names.indexOf(name)] || [];
    }

    name(row) {
      return ['population', 'network'].map(name => this.column(name)[row]).filter(Boolean).join(' \u00b7 ') ||
        `Network ${row + 1}`;
    }

    backbone(row) {
      const [number, ...values] = this.backbones[row] || [], kind = this.kinds[number];
      return kind ? Object.fromEntries(kind.names.map(name => [name, kind.shared[name] ?? values[kind.own.indexOf(name)] ?? null])) :
        null;
    }

    stages(row) {
      return this.backbone(row);
    }

    // A row by the network's name; a name that several populations use is that of the population called so, if any.
    find(network, population) {
      const names = this.column('network'), populations = this.column('population');
      this.rows ||= Map.groupBy(names.keys(), row => names[row]);
      const rows = this.rows.get(network) || [];
      return rows.length === 1 ? rows[0] : rows.find(row => populations[row] === population);
    }

    // The rows of a population that have an error, in the order of the table.
    of(population) {
      const errors = this.column('error');
      this.populations ||= Map.groupBy(errors.keys(), row => this.column('population')[row]);
      return (this.populations.get(population) || []).filter(row => errors[row] !== null);
    }

    // Numbers that are ordered as a column's values are; of texts as people count: 'net 9' before 'net 10'.
    ranks(index) {
      this.ranked ||= [];
      if (!this.text[index]) return this.columns[index];
      if (!this.ranked[index]) {
        const {compare} = new Intl.Collator('en', {numeric: true});
        const places = new Map([...new Set(this.columns[index])].sort(compare).map((text, place) => [text, place]));
        this.ranked[index] = this.columns[index].map(text => text === null ? null : places.get(text));
      }
      return this.ranked[index];
    }

    // The rows in the order of a column. Dashes are last either way, and equal values stay as they were.
    sorted(rows, index, descending) {
      const ranks = this.ranks(index), known = rows.filter(row => ranks[row] !== null);
      known.sort(descending ? (a, b) => ranks[b] - ranks[a] : (a, b) => ranks[a] - ranks[b]);
      return known.concat(rows.filter(row => ranks[row] === null));
    }

    // The rows that have every word in one of their texts.
    filtered(words) {
      const texts = this.columns.filter((_, index) => this.text[index]);
      this.searched ||= this.backbones.map((_, row) => texts.map(column => column[row]).join('\n').toLowerCase());
      return [...this.backbones.keys()].filter(row => words.every(word => this.searched[row].includes(word)));
    }

    // The largest depth and width: the diagrams of the rows share one scale and can be compared.
    scale() {
      let depth = 1, width = 1;
      for (const row of this.backbones.keys()) {
        const stages = this.stages(row);
        if (stages) {
          depth = Math.max(depth, total(stages.depths));
          width = Math.max(width, ...stages.widths);
        }
      }
      return {depth, width};
    }
  }

  class Dialog {
    constructor(box, networks) {
      this.box = box;
      this.networks = networks;
      box.addEventListener('click', event => { if (event.target === box) box.close(); }); // beside it
      box.querySelector('.copy').addEventListener('click', () => this.copy());
    }

    open(row) {
      const {box, networks} = this, find = selector => box.querySelector(selector);
      const stages = networks.stages(row), backbone = networks.backbone(row), link = find('.config a');
      box.setAttribute('aria-label', networks.name(row));
      find('h3').textContent = networks.name(row);
      const evaluated = networks.curves[row];
      find('.diagram').replaceChildren(...stages ? [diagram(stages)] : []);
      find('.curve').replaceChildren(...evaluated?.length ? [curve(evaluated)] : []);
      find('.thinned').hidden = !evaluated?.length;
      find('pre').textContent = backbone ? config(backbone) : '';
      find('pre').hidden = find('.copy').hidden = !backbone;
      find('.config [role=status]').textContent = '';
      link.hidden = !networks.links[row];
      link.href = networks.links[row] || '#';
      find('.command').hidden = !networks.links[row];
      find('.command').textContent = `tools/train.py ${quoted(decodeURIComponent(networks.links[row] || ''))}`;
      find('dl').replaceChildren(...networks.columns.map((column, index) => element('div', {},
        element('dt', {}, networks.headings[index]), element('dd', {title: column[row] ?? ''}, networks.shown(row, index)))));
      box.showModal();
      box.scrollTop = 0;
    }

    // The clipboard's newer interface is missing where a page comes from a server without encryption.
    copy() {
      getSelection().selectAllChildren(this.box.querySelector('pre'));
      const said = document.execCommand('copy') ? 'Copied.' : 'Selected: copy it with the keyboard.';
      this.box.querySelector('.config [role=status]').textContent = said;
    }
  }

  class Table {
    constructor(section, networks, dialog) {
      Object.assign(this, {networks, dialog, words: [], sort: null, page: 0, scale: networks.scale()});
      this.find = selector => section.querySelector(selector);
      this.find('thead tr').append(
        element('th', {scope: 'col', title: 'Width of each block; all to one scale'}, 'Widths'),
        ...networks.headings.map((text, index) => this.heading(text, index)));
      this.find('input').addEventListener('input', event => this.search(event.target.value));
      this.find('.pages').addEventListener('click', event => event.target.value && this.turn(event.target.value));
      this.arrange();
      this.find('.explorer').hidden = false;
    }

    heading(text, index) {
      const button = element('button', {type: 'button'}, text);
      button.addEventListener('click', () => this.sortBy(index));
      return element('th', {scope: 'col', 'aria-sort': 'none', ...this.kind(index)}, button);
    }

    kind(index) {
      return this.networks.text[index] ? {} : {class: 'number'};
    }

    sortBy(index) {
      this.sort = {index, descending: this.sort?.index === index && !this.sort.descending};
      this.find('thead tr').querySelectorAll('[aria-sort]').forEach((heading, i) => heading.setAttribute('aria-sort',
        i !== index ? 'none' : this.sort.descending ? 'descending' : 'ascending'));
      this.arrange();
    }

    search(text) {
      this.words = text.toLowerCase().split(/\s+/).filter(Boolean);
      this.arrange();
    }

    turn(where) {
      this.page = {first: 0, previous: this.page - 1, next: this.page + 1, last: this.pages - 1}[where];
      this.show();
    }

    // Show some rows only; null: all.
    choose(rows) {
      this.chosen = rows;
      this.arrange();
    }

    arrange() {
      this.rows = this.networks.filtered(this.words).filter(row => !this.chosen || this.chosen.has(row));
      if (this.sort) this.rows = this.networks.sorted(this.rows, this.sort.index, this.sort.descending);
      this.pages = Math.max(1, Math.ceil(this.rows.length / ROWS));
      this.page = 0;
      this.show();
    }

    show() {
      const start = this.page * ROWS, rows = this.rows.slice(start, start + ROWS);
      const found = this.rows.length, all = this.networks.length;
      this.find('tbody').replaceChildren(...rows.map(row => this.row(row)));
      const which = rows.length === found ? `${found}` : `${start + 1} to ${start + rows.length} of ${found}`;
      const matching = found < all ? ` that match, of ${all}` : '';
      this.find('.count [role=status]').textContent = `${which} networks${matching}`;
      this.find('.pages').hidden = this.pages === 1;
      this.find('.pages span').textContent = `Page ${this.page + 1} of ${this.pages}`;
      for (const button of this.find('.pages').querySelectorAll('button')) {
        button.disabled = this.page === (['first', 'previous'].includes(button.value) ? 0 : this.pages - 1);
      }
    }

    row(row) {
      const {networks} = this, has = networks.backbones[row] ? 'config' : 'values';
      const button = element('button', {type: 'button', class: 'open', 'aria-label': `${networks.name(row)}: ${has}`},
        this.thumbnail(row), element('span', {}, has));
      button.addEventListener('click', () => this.dialog.open(row));
      return element('tr', {}, element('td', {}, button), ...networks.names.map((name, index) =>
        element(name === 'network' ? 'th' : 'td',
          {...this.kind(index), ...name === 'network' && {scope: 'row'}}, networks.shown(row, index))));
    }

    thumbnail(row) {
      const stages = this.networks.stages(row), {depth, width} = this.scale;
      return drawn('svg', {viewBox: '-1 -1 74 30', 'aria-hidden': 'true'},
        ...stages ? [staircase(stages, block => 72 * block / depth, value => 28 - 28 * value / width)] : []);
    }
  }

  const BESIDE = .01; // of the width of a panel: so far outside of it a point is still seen

  const log = (axis, value) => axis.scale === 'log' ? Math.log(value) : value;

  // Where a value lies between the limits of its axis, and the other way round.
  function fraction(axis, value) {
    const [start, end] = axis.limits.map(limit => log(axis, limit));
    return value === null ? NaN : (log(axis, value) - start) / (end - start);
  }
  function valueAt(axis, part) {
    const [start, end] = axis.limits.map(limit => log(axis, limit)), value = start + part * (end - start);
    return axis.scale === 'log' ? Math.exp(value) : value;
  }

  // How many of the sorted values are smaller.
  function below(values, value) {
    let low = 0, high = values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] < value) low = middle + 1; else high = middle;
    }
    return low;
  }

  // What is under the pointer of a figure: a point, {series, index}, or the values of step functions at an x.
  class Hover {
    constructor(plot, tip, networks, dialog) {
      Object.assign(this, {plot, tip, networks, dialog, shown: null});
      this.svg = this.plot.querySelector('svg');
      const on = (name, action) => this.plot.addEventListener(name, action);
      on('pointermove', event => this.point(event));
      on('pointerdown', event => { this.again = this.point(event); });
      on('click', () => this.again && this.open()); // a finger shows a point first, and opens it when it comes again
      on('pointerleave', event => event.pointerType === 'mouse' && this.hide());
      on('pointercancel', () => this.hide());
      on('focus', () => this.plot.matches(':focus-visible') && this.step(0, 0));
      on('blur', () => this.hide());
      on('keydown', event => this.key(event));
      document.addEventListener('pointerdown', event => this.plot.contains(event.target) || this.hide());
    }

    // Read when first wanted: a page has many figures, and a figure may have 10^5 points. Places are fractions of the
    // SVG's width and height, from the top left.
    get data() {
      if (!this.read) {
        this.read = JSON.parse(this.plot.querySelector('script').textContent);
        for (const series of this.read.series) {
          const {box: [left, top, width, height], x, y} = this.read.axes[series.axes];
          const inside = part => part > -BESIDE && part < 1 + BESIDE ? part : NaN; // else it is not drawn
          series.left = Float64Array.from(series.x, value => left + width * inside(fraction(x, value)));
          series.top = Float64Array.from(series.y, value => top + height * (1 - inside(fraction(y, value))));
        }
      }
      return this.read;
    }

    // Show what is near the pointer; returns whether it is a point that was shown before.
    point(event) {
      const {left, top, width, height} = this.svg.getBoundingClientRect(), before = this.shown;
      const x = (event.clientX - left) / width, y = (event.clientY - top) / height;
      const found = this.nearest(x, y, width, height) || this.steps(x, y);
      if (!found) return this.hide();
      this.show(found, event.clientX, event.clientY);
      return Boolean(found.series && before?.series === found.series && before.index === found.index);
    }

    // Series of a kind in the axes that a place is in.
    around(kind, x, y) {
      return this.data.series.filter(series => {
        const [left, top, width, height] = this.data.axes[series.axes].box;
        return series.kind === kind && x >= left && x <= left + width && y >= top && y <= top + height;
      });
    }

    nearest(x, y, width, height) {
      let found = null, least = NEAR ** 2;
      for (const series of this.around('points', x, y)) {
        for (let index = 0; index < series.left.length; index++) {
          const distance = ((series.left[index] - x) * width) ** 2 + ((series.top[index] - y) * height) ** 2;
          if (distance < least) [found, least] = [{series, index}, distance];
        }
      }
      return found;
    }

    // Of each function the value right of the last step before the place, and 0 before the first.
    steps(x, y) {
      const around = this.around('steps', x, y);
      if (!around.length) return null;
      const axes = this.data.axes[around[0].axes], at = valueAt(axes.x, (x - axes.box[0]) / axes.box[2]);
      const values = around.map(series => [series.label, series.y[below(series.x, at) - 1] ?? 0]);
      return {axes, at, values, left: x};
    }

    show(found, clientX, clientY) {
      this.shown = found;
      this.tip.replaceChildren(...found.series ? this.describePoint(found) : this.describeSteps(found));
      this.mark(found);
      this.plot.classList.toggle('linked', this.row() !== undefined);
      this.place(clientX, clientY);
    }

    describePoint({series, index}) {
      const name = series.names?.[index] ?? this.networks?.column('network')[this.row()];
      return [element('b', {}, series.label), ...name ? [element('span', {}, name)] : [],
        ...['x', 'y'].map(which => line(this.data.axes[series.axes][which].label || which, series[which][index]))];
    }

    describeSteps({axes, at, values}) {
      const heading = `${axes.x.label || 'x'}: ${shown(at)}`;
      return [element('b', {}, heading), ...values.map(([label, value]) => line(label, value))];
    }

    // A ring around the point, or a line across the step functions.
    mark({series, index, axes, left}) {
      const {width, height} = this.svg.getBoundingClientRect();
      const mark = element('div', {class: series ? 'mark' : 'rule'});
      mark.style.left = `${(series ? series.left[index] : left) * width}px`;
      mark.style.top = `${(series ? series.top[index] : axes.box[1]) * height}px`;
      if (!series) mark.style.height = `${axes.box[3] * height}px`;
      this.plot.querySelector('.mark, .rule')?.remove();
      this.plot.append(mark);
    }

    // Beside the pointer, and inside the window.
    place(clientX, clientY) {
      this.tip.hidden = false;
      const {width, height} = this.tip.getBoundingClientRect();
      const beside = (at, size, room) => Math.max(4, at + 14 + size < room ? at + 14 : at - 14 - size);
      const x = Math.min(beside(clientX, width, root.clientWidth), root.clientWidth - width - 4);
      this.tip.style.transform = `translate(${x}px, ${beside(clientY, height, innerHeight)}px)`;
    }

    hide() {
      if (this.shown) {
        this.shown = null;
        this.tip.hidden = true;
        this.plot.querySelector('.mark, .rule').remove();
        this.plot.classList.remove('linked');
      }
      return false;
    }

    // Left and right go through the points of a series from left to right, up and down through the series.
    key(event) {
      const moves = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]};
      if (event.key in moves) {
        event.preventDefault();
        this.step(...moves[event.key]);
      } else if (event.key === 'Enter') {
        this.open();
      } else if (event.key === 'Escape') {
        this.hide();
      }
    }

    step(down, right) {
      for (const series of this.data.series) {
        series.order ||= [...series.left.keys()].filter(index => isFinite(series.left[index] + series.top[index]))
          .sort((a, b) => series.left[a] - series.left[b]);
      }
      const all = this.data.series.filter(series => series.order.length);
      if (!all.length) return;
      const series = all.at((Math.max(0, all.indexOf(this.shown?.series)) + down) % all.length);
      const place = down || !this.shown?.series ? 0 : series.order.indexOf(this.shown.index) + right;
      const index = series.order.at(place % series.order.length);
      const {left, top, width, height} = this.svg.getBoundingClientRect();
      this.show({series, index}, left + series.left[index] * width, top + series.top[index] * height);
    }

    // Of the network that is shown, if the table has it.
    row() {
      const {series, index} = this.shown || {};
      return series && this.members(series).find(member => member.index === index)?.row;
    }

    // The networks of a series that the table has: the row of each there, and the index of its point or step.
    members(series) {
      if (!series.members) {
        const all = series.kind === 'steps' ? this.onSteps(series) :
          (series.names || []).map((name, index) => ({row: this.networks?.find(name, series.label), index}));
        series.members = all.filter(({row, index}) => row !== undefined && isFinite(series.left[index] + series.top[index]));
      }
      return series.members;
    }

    // The networks of an error distribution, each at the step that it makes, or at the one before where not all are drawn.
    onSteps({label, x, within}) {
      if (!this.networks) return [];
      const errors = this.networks.column('error'), [name, low, high] = within || ['error', -Infinity, Infinity];
      const values = this.networks.column(name);
      return this.networks.of(label).filter(row => values[row] > low && values[row] < high).map(row => {
        const index = below(x, errors[row]);
        return {row, index: x[index] === errors[row] ? index : Math.max(0, index - 1)};
      });
    }

    open() {
      const row = this.row();
      if (row !== undefined) this.dialog.open(row);
    }
  }

  // Networks that are chosen in one figure are marked in all others, and alone in the table: by a box that the mouse draws,
  // or a finger that has rested a moment, or by Shift and the arrow keys.
  class Brush {
    constructor(hovers, table, box) {
      Object.assign(this, {hovers, table, box, chosen: new Set()});
      for (const hover of hovers) this.listen(hover);
      box.querySelector('button').addEventListener('click', () => this.choose([]));
      document.addEventListener('keydown', event => event.key === 'Escape' && this.choose([]));
    }

    listen(hover) {
      const {plot} = hover;
      let start = null, frame = null, resting = null, from = null;
      const end = () => { clearTimeout(resting); frame?.remove(); start = frame = null; };
      const draw = id => {
        plot.setPointerCapture(id);
        plot.append(frame = element('div', {class: 'brush'}));
      };
      plot.addEventListener('pointerdown', event => {
        if (event.button || !event.isPrimary) return;
        start = [event.clientX, event.clientY];
        if (event.pointerType === 'touch') resting = setTimeout(() => draw(event.pointerId), HELD);
      });
      plot.addEventListener('pointermove', event => {
        if (!start || Math.hypot(event.clientX - start[0], event.clientY - start[1]) < DRAGGED) return;
        if (!frame) {
          if (event.pointerType === 'touch') return end(); // it scrolls
          draw(event.pointerId);
        }
        hover.hide();
        const {left, top} = plot.getBoundingClientRect(), [x, y] = start;
        frame.style.left = `${Math.min(x, event.clientX) - left}px`;
        frame.style.top = `${Math.min(y, event.clientY) - top}px`;
        frame.style.width = `${Math.abs(event.clientX - x)}px`;
        frame.style.height = `${Math.abs(event.clientY - y)}px`;
      });
      plot.addEventListener('pointerup', event => {
        if (frame) {
          hover.again = false; // the click that follows opens nothing
          this.choose(this.inside(hover, start, [event.clientX, event.clientY]));
        }
        end();
      });
      plot.addEventListener('pointercancel', end);
      plot.addEventListener('touchmove', event => frame && event.preventDefault(), {passive: false});
      plot.addEventListener('contextmenu', event => frame && event.preventDefault());
      // The figure has moved to another point before, as it hears of keys first.
      plot.addEventListener('keydown', event => {
        if (!event.key.startsWith('Arrow')) return;
        if (!event.shiftKey || from?.series !== hover.shown?.series) from = hover.shown;
        if (event.shiftKey && hover.shown) this.choose(this.between(hover, from, hover.shown));
      });
      plot.addEventListener('focus', () => { from = hover.shown; });
    }

    // Rows of the networks of a series from one point to another, from left to right.
    between(hover, {series, index}, {index: other}) {
      const [start, end] = [series.left[index], series.left[other]].sort((a, b) => a - b);
      return hover.members(series).filter(one => series.left[one.index] >= start && series.left[one.index] <= end)
        .map(({row}) => row);
    }

    // Rows of the networks with a point between two corners, in pixels of the window.
    inside(hover, ...corners) {
      const {left, top, width, height} = hover.svg.getBoundingClientRect(), rows = [];
      const [[x1, x2], [y1, y2]] = [0, 1].map(axis => corners.map(corner => corner[axis]).sort((a, b) => a - b));
      for (const series of hover.data.series) {
        for (const {row, index} of hover.members(series)) {
          const x = left + width * series.left[index], y = top + height * series.top[index];
          if (x >= x1 && x <= x2 && y >= y1 && y <= y2) rows.push(row);
        }
      }
      return rows;
    }

    choose(rows) {
      if (!rows.length && !this.chosen.size) return;
      this.chosen = new Set(rows);
      for (const hover of this.hovers) this.mark(hover);
      this.table.choose(this.chosen.size ? this.chosen : null);
      const count = this.chosen.size;
      this.box.querySelector('a').textContent = `${count} network${count === 1 ? '' : 's'} chosen`;
      this.box.hidden = !count;
    }

    // Dots on the networks that are chosen, in parts of the picture's own size.
    mark(hover) {
      hover.svg.querySelector('.picked')?.remove();
      if (!this.chosen.size) return;
      const [x, y, width, height] = hover.svg.getAttribute('viewBox').split(' ').map(Number);
      const dots = hover.data.series.flatMap(series => hover.members(series).map(({row, index}) => this.chosen.has(row) ?
        `M${(x + width * series.left[index]).toFixed(1)} ${(y + height * series.top[index]).toFixed(1)}h0` : '')).join('');
      if (dots) hover.svg.append(drawn('path', {class: 'picked', 'stroke-width': 4.5, d: dots}));
    }
  }

  // Tables of the report are sorted by their columns, too; what is no number is ordered as people count.
  function makeSortable(table) {
    const {compare} = new Intl.Collator('en', {numeric: true}), body = table.querySelector('tbody');
    const value = (row, place) => {
      const {dataset, textContent} = row.cells[place];
      return dataset.value === undefined ? textContent : Number(dataset.value);
    };
    const order = place => (one, other) => {
      const [a, b] = [value(one, place), value(other, place)];
      if (typeof a === typeof b) return typeof a === 'number' ? a - b : compare(a, b);
      return typeof a === 'number' ? -1 : 1;
    };
    const headings = [...table.querySelectorAll('thead th')];
    headings.forEach((heading, place) => {
      const button = element('button', {type: 'button'}, ...heading.childNodes);
      heading.append(button);
      heading.setAttribute('aria-sort', 'none');
      button.addEventListener('click', () => {
        const descending = heading.getAttribute('aria-sort') === 'ascending';
        for (const one of headings) one.setAttribute('aria-sort', 'none');
        heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
        const rows = [...body.rows].sort(order(place));
        body.append(...descending ? rows.reverse() : rows);
      });
    });
  }

  // The contents say where on the page one is: in the last section that begins in the window's upper quarter or above.
  function followContents(links) {
    const sections = links.map(link => document.getElementById(decodeURIComponent(link.hash.slice(1))));
    const follow = () => {
      const at = sections.findLastIndex(section => section.getBoundingClientRect().top < innerHeight / 4);
      links.forEach((link, place) => place === Math.max(0, at) ? link.setAttribute('aria-current', 'true') :
        link.removeAttribute('aria-current'));
    };
    addEventListener('scroll', () => requestAnimationFrame(follow), {passive: true});
    follow();
  }
  const line = (name, value) => element('span', {}, `${name}: ${shown(value)}`);

  document.addEventListener('DOMContentLoaded', () => {
    offerTheme();
    followContents([...document.querySelectorAll('#contents a')]);
    document.querySelectorAll('.table table').forEach(makeSortable);
    const section = document.querySelector('#networks'), tip = document.querySelector('.tip');
    const networks = section && new Networks(JSON.parse(section.querySelector('script').textContent));
    const dialog = section && new Dialog(section.querySelector('dialog'), networks);
    const table = section && new Table(section, networks, dialog);
    const hovers = [...document.querySelectorAll('.plot')].map(plot => new Hover(plot, tip, networks, dialog));
    if (section) {
      new Brush(hovers, table, document.querySelector('.selection'));
      document.querySelector('#how').hidden = false;
      for (const {plot} of hovers) plot.setAttribute('aria-describedby', 'how');
    }
  });
})();
