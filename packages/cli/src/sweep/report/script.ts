/** The script of every report, as text: the theme's switch, tips under the pointer. The pictures need none of it. */
export const pageScript = `'use strict';
const root = document.documentElement;
document.getElementById('theme').onclick = () => {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
};

const tip = document.getElementById('tip');
document.addEventListener('pointermove', (event) => {
  const over = event.target.closest?.('[data-tip]');
  tip.hidden = !over;
  if (!over) return;
  tip.textContent = over.dataset.tip;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = Math.min(event.clientX + 14, innerWidth - width - 8) + 'px';
  tip.style.top = (event.clientY + 18 + height > innerHeight ? event.clientY - height - 12 : event.clientY + 18) + 'px';
});
`;

/**
 * The script of a sweep's table. It makes elements and sets their text; it never makes markup out of what came from a
 * sweep.
 */
export const tableScript = `'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const make = (name, text, set = {}) => Object.assign(document.createElement(name), { textContent: text }, set);

// Numbers that JSON has no word for came as words.
const words = { NaN, Infinity, '-Infinity': -Infinity };
const numberOf = (value) => (typeof value === 'string' && value in words ? words[value] : value);
const show = (value) => {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'number') return typeof value === 'string' ? value : JSON.stringify(value);
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
};

const { columns, rows } = data;
for (const row of rows) row.forEach((value, i) => (row[i] = columns[i].number ? numberOf(value) : value));
const head = document.getElementById('head');
const body = document.getElementById('body');
const filter = document.getElementById('filter');
const verdict = document.getElementById('verdict');
const count = document.getElementById('count');
let [sorted, direction, most] = [0, 1, 100];

const compare = (a, b) => {
  const [x, y] = [a[sorted], b[sorted]];
  const empty = (value) => value === null || value === undefined || Number.isNaN(value);
  if (empty(x) || empty(y)) return empty(x) - empty(y);
  return direction * (typeof x === 'number' && typeof y === 'number' ? x - y : String(show(x)).localeCompare(String(show(y)), 'en', { numeric: true }));
};

// Words are looked for in any column; column>3, column<=0.5, column=relu in one.
const parseFilter = (text) => text.trim().split(/\\s+/).filter(Boolean).map((term) => {
  const match = /^(.+?)(<=|>=|<|>|=)(.+)$/.exec(term);
  const column = match ? columns.findIndex(({ name, label }) => [name, label].some((each) => each.toLowerCase() === match[1].toLowerCase())) : -1;
  if (column < 0) return (row) => row.some((value) => show(value).toLowerCase().includes(term.toLowerCase()));
  const [, , sign, wanted] = match;
  const number = Number(wanted);
  return (row) => {
    const value = row[column];
    if (sign === '=') return typeof value === 'number' && !Number.isNaN(number) ? value === number : show(value).toLowerCase() === wanted.toLowerCase();
    if (typeof value !== 'number') return false;
    return { '<': value < number, '>': value > number, '<=': value <= number, '>=': value >= number }[sign];
  };
});

function draw() {
  const tests = parseFilter(filter.value);
  const at = columns.findIndex(({ name }) => name === 'verdict');
  if (verdict.value) tests.push((row) => row[at] === verdict.value);
  const found = rows.filter((row) => tests.every((test) => test(row))).sort(compare);
  body.replaceChildren(...found.slice(0, most).map((row) => {
    const line = document.createElement('tr');
    row.forEach((value, i) => line.append(make('td', show(value), { className: columns[i].number ? 'number' : value === 'unhealthy' ? 'unhealthy' : '', title: columns[i].name === 'worst' ? show(value) : '' })));
    const cell = document.createElement('td');
    cell.append(make('button', 'spec', { onclick: () => openSpec(row) }));
    line.append(cell);
    return line;
  }));
  count.textContent = found.length === rows.length ? rows.length + ' trials' : found.length + ' of ' + rows.length + ' trials';
  document.getElementById('more').hidden = found.length <= most;
  [...head.children].forEach((cell, i) => cell.setAttribute('aria-sort', i === sorted ? (direction > 0 ? 'ascending' : 'descending') : 'none'));
}

columns.forEach(({ label, name, number }, i) => {
  const cell = make('th', '', { className: number ? 'number' : '', title: name });
  cell.append(make('button', label, { onclick: () => { direction = i === sorted ? -direction : 1; sorted = i; draw(); } }));
  head.append(cell);
});
head.append(make('th', ''));
filter.oninput = verdict.onchange = draw;
document.getElementById('more').onclick = () => { most += 400; draw(); };

// The spec of a trial: the base with the trial's values set, as the sweep itself does it.
const shorthand = { data: 'source', optimizer: 'type', schedule: 'type', model: 'type', activation: 'fn', recurrentInit: 'fn', init: 'fn' };
const set = (at, steps, value, key) => {
  if (steps.length === 0) return value;
  const open = typeof at === 'string' && shorthand[key] ? { [shorthand[key]]: at } : (at ?? {});
  const [step, ...rest] = steps;
  const copy = Array.isArray(open) ? [...open] : { ...open };
  copy[step] = set(open[step], rest, value, step);
  return copy;
};
function openSpec(row) {
  const values = Object.fromEntries(columns.flatMap(({ name, axis }, i) => (axis && row[i] !== null ? [[name, row[i]]] : [])));
  let spec = data.base;
  for (const [path, value] of Object.entries(values)) spec = set(spec, path.split('.'), value, '');
  const text = JSON.stringify(spec, null, 2);
  const id = row[columns.findIndex(({ name }) => name === 'id')];
  document.getElementById('spec-title').textContent = 'Trial ' + row[0];
  document.getElementById('spec-text').textContent = text;
  const link = document.getElementById('spec-link');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = id + '.fuga.json';
  document.getElementById('spec-command').textContent = 'fuga diagnose ' + id + '.fuga.json';
  document.getElementById('spec').showModal();
}
document.getElementById('spec-close').onclick = () => document.getElementById('spec').close();
draw();
`;
