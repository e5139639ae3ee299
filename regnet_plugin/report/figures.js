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
