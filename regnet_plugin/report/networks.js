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
