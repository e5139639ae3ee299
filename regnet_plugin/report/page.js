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
