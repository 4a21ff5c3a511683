// The chart beside the sliders, drawn in the page's own font: every label is measured, so that none
// is cut or on another. All numbers and words come from the server; here they only find their place.
const NS = 'http://www.w3.org/2000/svg';
const TOP = 14, BELOW = 40, LINE = 17, GAP = 6, RADIUS = 5.5;
// What is said of the month under the pointer has so many lines, at the top.
const SAID = 3;

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector('.live');
  root.chart ??= chart(root);
  root.chart.show(data);
}

function chart(root) {
  const svg = root.querySelector('svg'), wide = root.querySelector('.wide');
  let data = null, size = '', hover = null, view = 'chart';
  const measure = () => `${svg.clientWidth} ${svg.clientHeight}`;
  new ResizeObserver(() => { if (data && measure() !== size) paint(); }).observe(svg);
  svg.addEventListener('pointermove', (event) => { hover = event.offsetX; paint(); });
  svg.addEventListener('pointerleave', () => { hover = null; paint(); });
  document.fonts?.ready.then(() => data && paint());
  for (const button of root.querySelectorAll('.view')) {
    button.addEventListener('click', () => { view = button.dataset.view; look(); paint(); });
  }

  function show(next) {
    data = next;
    writtenAs(data.money);
    root.classList.toggle('dimmed', data.dimmed);
    root.querySelector('h2').textContent = data.title;
    root.querySelector('figcaption').textContent = data.note;
    svg.setAttribute('aria-label', data.alt);
    wide.setAttribute('aria-label', data.alt);
    const cells = (kind, texts) => texts.map((text, at) => {
      const cell = document.createElement(at ? kind : 'th');
      cell.textContent = text;
      cell.scope = kind === 'th' ? 'col' : 'row';
      return cell;
    });
    root.querySelector('thead tr').replaceChildren(...cells('th', data.headings));
    root.querySelector('tbody').replaceChildren(...data.rows.map((row) => {
      const line = document.createElement('tr');
      line.append(...cells('td', row));
      return line;
    }));
    look();
    paint();
  }
  function look() {
    for (const button of root.querySelectorAll('.view')) {
      button.setAttribute('aria-pressed', String(button.dataset.view === view));
    }
    svg.toggleAttribute('hidden', view !== 'chart');
    wide.hidden = view !== 'table';
  }

  function add(kind, name, attributes, text) {
    const made = document.createElementNS(NS, kind);
    made.setAttribute('class', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    svg.append(made);
    return made;
  }
  function widest(name, texts) {
    return Math.ceil(Math.max(0, ...texts.map((text) => {
      const made = add('text', name, { x: 0, y: -99 }, text), wide = made.getComputedTextLength();
      made.remove();
      return wide;
    })));
  }

  function paint() {
    size = measure();
    const width = svg.clientWidth, height = svg.clientHeight;
    if (!width || !height) return;
    svg.replaceChildren();
    // On paper it is drawn smaller, not cut.
    svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const { months, own, rent, crossings, span: [low, high] } = data, end = months.at(-1);
    const left = widest('tick', data.y_ticks.map(([, text]) => text)) + GAP + 2;
    const right = widest('t-own', data.ends) + 2 * GAP;
    const X = (month) => left + ((width - left - right) * month) / end;
    const Y = (usd) => TOP + (height - TOP - BELOW) * (1 - (Math.min(usd, high) - low) / (high - low || 1));
    for (const [usd] of data.y_ticks) {
      add('line', usd ? 'grid' : 'axis', { x1: left, x2: width - right, y1: Y(usd), y2: Y(usd) });
    }
    const heights = fitting(data.y_ticks.map(([usd]) => [Y(usd) - LINE / 2, Y(usd) + LINE / 2]));
    data.y_ticks.filter((_, at) => heights[at]).forEach(([usd, text]) => {
      add('text', 'tick', { x: left - GAP, y: Y(usd) + 4, 'text-anchor': 'end' }, text);
    });
    const widths = fitting(data.x_ticks.map(([month, text]) => {
      const half = widest('tick', [text]) / 2;
      return [X(month) - half, X(month) + half];
    }));
    data.x_ticks.filter((_, at) => widths[at]).forEach(([month, text]) => {
      add('text', 'tick', { x: X(month), y: height - BELOW + 18, 'text-anchor': 'middle' }, text);
    });
    add('text', 'tick', { x: (left + width - right) / 2, y: height - 4, 'text-anchor': 'middle' }, 'months');
    // The line of values as far as the axis goes.
    const edge = (values) => values.map((usd, at) => {
      const before = values[at - 1], share = (high - before) / (usd - before);
      if (usd <= high) return `${at ? 'L' : 'M'}${X(months[at])},${Y(usd)}`;
      return before < high ? `L${X(months[at - 1] + share * (months[at] - months[at - 1]))},${Y(high)}` : '';
    }).join('');
    const along = (values, list = months) => list.map((month, at) => `${X(month)},${Y(values[at])}`);
    for (const side of ['rent', 'own']) {
      const [under, over] = data[`${side}_band`];
      if (!under) continue;
      add('polygon', `band-${side}`, { points: [...along(under), ...along(over).reverse()].join(' ') });
      for (const values of [under, over]) add('path', `edge-${side}`, { d: edge(values) });
    }
    // Between the lines: the color of the side that costs less there.
    for (const [start, stop] of stretches()) {
      const inside = months.filter((month) => month > start && month < stop), all = [start, ...inside, stop];
      const [one, other] = [own, rent].map((values) => along(all.map((month) => at(values, month)), all));
      const middle = (start + stop) / 2, wins = at(own, middle) < at(rent, middle) ? 'own' : 'rent';
      add('polygon', `wins-${wins}`, { points: [...one, ...other.reverse()].join(' ') });
    }
    for (const [name, values] of [['rent', rent], ['own', own]]) add('path', name, { d: `M${along(values).join('L')}` });
    const places = apart(Y(own.at(-1)) + 4, Y(rent.at(-1)) + 4, LINE, [TOP + 4, height - BELOW]);
    ['own', 'rent'].forEach((name, i) => add('text', `t-${name}`, { x: width - right + GAP + 3, y: places[i] }, data.ends[i]));
    for (const [month, usd] of crossings) {
      add('line', 'drop', { x1: X(month), x2: X(month), y1: Y(usd), y2: Y(low) });
      add('circle', 'cross', { cx: X(month), cy: Y(usd), r: RADIUS });
    }
    const base = Y(low) - 8, rows = Math.floor((base - TOP - SAID * LINE) / LINE);
    // Crossings of one month have one label.
    const named = crossings.filter(([, , text], at) => text !== crossings[at - 1]?.[2]);
    const marks = named.map(([month, usd, text]) => [X(month), widest('label', [text]), (base - Y(usd) + RADIUS) / LINE + 1]);
    beside(marks, [left, width - right], rows, RADIUS + 2.5).forEach((spot, at) => {
      if (spot) add('text', 'label halo', { x: spot.start, y: base - spot.row * LINE }, named[at][2]);
    });
    if (hover !== null) point(X, Y, width - right, left, low);
  }
  // Both costs at the month under the pointer, on the side that has room.
  function point(X, Y, right, left, low) {
    const { months, own, rent } = data;
    const near = months.reduce((best, month, at) => (Math.abs(X(month) - hover) < Math.abs(X(months[best]) - hover) ? at : best), 0);
    add('line', 'hair', { x1: X(months[near]), x2: X(months[near]), y1: TOP, y2: Y(low) });
    const texts = [`month ${months[near]}`, `OWN ${short(own[near])}`, `RENT ${short(rent[near])}`];
    const long = widest('label', texts), x = X(months[near]), isLeft = x + long + 12 > right;
    texts.forEach((text, at) => add('text', `label halo ${['', 't-own', 't-rent'][at]}`, {
      x: Math.max(left, isLeft ? x - 8 - long : x + 8), y: TOP + 12 + at * LINE }, text));
  }
  function stretches() {
    const cuts = [data.months[0], ...data.crossings.map(([month]) => month), data.months.at(-1)];
    return cuts.slice(1).map((cut, at) => [cuts[at], cut]);
  }
  function at(values, month) {
    return place(data.months, month)(values);
  }
  return { show };
}

function short(amount) {
  const size = Math.abs(amount), [unit, letter] = size >= 1e9 ? [1e9, 'B'] : size >= 1e6 ? [1e6, 'M'] : size >= 1e4 ? [1e3, 'k'] : [1, ''];
  return signed(amount, `${money.sign}${letter ? Number((size / unit).toPrecision(FIGURES)) : commas(Math.round(size))}${letter}`);
}
