// The chart at other values: what stands where as cost_curve.py has it, drawn as in curve.svg.j2.
const STEPS = [1, 2, 2.5, 5], NEAR = 1e-9;

// Multiples of a round step, or of one of some, that part the axis so many times at most.
function ticks(low, high, most, steps) {
  const least = (high - low) / most, power = Math.floor(Math.log10(least));
  const known = steps ?? [power, power + 1].flatMap((tens) => STEPS.map((lead) => Number(`${lead}e${tens}`)));
  const step = known.find((one) => one >= least);
  const first = Math.ceil(low / step - NEAR), last = Math.floor(high / step + NEAR);
  return Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
}

// Places near the wanted ones, from the first down, that are so far from each other.
function spread(wanted, room, [top, bottom]) {
  const blocks = [];
  wanted.forEach((place, at) => {
    let [mean, many] = [place - at * room, 1];
    while (blocks.length && blocks.at(-1)[0] > mean) {
      const [before, size] = blocks.pop();
      [mean, many] = [(before * size + mean * many) / (size + many), size + many];
    }
    blocks.push([mean, many]);
  });
  const lowest = bottom - Math.max(0, wanted.length - 1) * room;
  return blocks.flatMap(([mean, many]) => Array(many).fill(Math.min(Math.max(mean, top), lowest)))
    .map((place, at) => place + at * room);
}

// All months of both sides: time, both costs in the currency shown, whether owning is ahead, and where that turned.
function followed(at) {
  const points = [];
  model(at, (t, own, rent, ahead, turn) => points.push({ t, own: inMoney(own), rent: inMoney(rent), ahead, turn }));
  return points;
}

function titleOf({ status, months, npv_saving_usd: saving }, over) {
  const which = status === 'breaks_even' && months < 1 ? 'first_month'
    : status === 'never' && saving > 0 ? 'resale' : status;
  return fill(told.chart.titles[which], { month: number(months), over });
}

function curveOf(points, found) {
  const { chart } = told, { width, height, left, right, top, bottom, line } = chart;
  const last = points.at(-1), months = last.t, over = counted(months, 'month');
  const ends = [['rent', last.rent, inMoney(found.rent_npv_usd)], ['buy', last.own, inMoney(found.own_npv_usd)]];
  const settled = ends.filter(([, before, after]) => after !== before);
  const labels = [
    ...settled.map(([side, , after]) => [after, chart.ends[side][1], side]),
    ...ends.map(([side, before]) => [before, chart.ends[side][0], side]),
  ].sort(([one], [other]) => other - one);
  const reached = [0, ...points.flatMap(({ own, rent }) => [own, rent]), ...labels.map(([usd]) => usd)];
  const low = Math.min(...reached), high = Math.max(...reached) * chart.headroom || told.per_usd;
  const x = (at) => left + (at / months) * (width - left - right);
  const y = (usd) => top + ((high - usd) / (high - low)) * (height - top - bottom);
  const places = spread(labels.map(([usd]) => y(usd)), 2 * line + 2, [top, height - bottom]);
  const costAt = (at) => {
    const next = Math.max(1, points.findIndex(({ t }) => t >= at));
    const [before, after] = [points[next - 1], points[next]];
    return before.own + ((after.own - before.own) * (at - before.t)) / (after.t - before.t);
  };
  const turns = points.filter(({ ahead }, at) => (at ? ahead !== points[at - 1].ahead : ahead))
    .map(({ turn, t }) => (t ? turn : 0));
  const title = titleOf(found, over), marks = ticks(low, high, chart.most[0]), texts = onAxis(marks);
  return {
    title,
    alt: fill(chart.told, {
      title, over, own: usd(last.own), after: usd(inMoney(found.own_npv_usd)), rent: usd(inMoney(found.rent_npv_usd)),
    }),
    amounts: marks.map((usd, at) => [y(usd), texts[at], !usd]),
    months: (months > 1 ? ticks(0, months, chart.most[1], chart.months) : [0, months]).map((at) => [x(at), number(at)]),
    lines: ['rent', 'buy'].map((side) => [side, points.map((at) => [x(at.t), y(side === 'buy' ? at.own : at.rent)])]),
    settled: [...settled].reverse().map(([side, before, after]) => [side, y(before), y(after)]),
    crossings: turns.map((at) => [x(at), y(costAt(at)), `month ${number(at)}`, at > months / 2]),
    labels: labels.map(([usd, words, side], at) => [places[at], words, shortUsd(usd), side]),
  };
}

// Draws it into a copy of the chart of the page, of which the rules and the words of the axes stay.
function drawInto(svg, curve) {
  const { width, height, left, right: margin, bottom, line } = told.chart;
  const right = width - margin, floor = height - bottom, one = (value) => value.toFixed(1);
  const texts = [...svg.querySelectorAll('text')], months = texts.find((text) => text.textContent === 'months');
  svg.setAttribute('aria-label', curve.alt);
  svg.replaceChildren(svg.querySelector('style'), texts[0]);
  const add = (kind, name, attributes) => {
    const made = svg.appendChild(document.createElementNS(svg.namespaceURI, kind));
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.setAttribute('class', name);
    return made;
  };
  const write = (x, y, words, name, anchor = 'start') => {
    add('text', name, { x: one(x), y: one(y), 'text-anchor': anchor }).textContent = words;
  };
  const segment = (x1, y1, x2, y2, name) => add('line', name, { x1: one(x1), y1: one(y1), x2: one(x2), y2: one(y2) });
  const joined = (points) => points.map(([x, y]) => `${one(x)},${one(y)}`).join(' ');
  for (const [y, words, isZero] of curve.amounts) {
    segment(left, y, right, y, isZero ? 'base' : 'grid');
    write(left - 6, y + 4, words, 'axis', 'end');
  }
  for (const [x, words] of curve.months) {
    segment(x, floor, x, floor + 4, 'base');
    write(x, floor + 16, words, 'axis', 'middle');
  }
  svg.append(months);
  for (const [side, points] of curve.lines) add('polyline', `line ${side}`, { points: joined(points) });
  for (const [side, before, after] of curve.settled) {
    segment(right, before, right, after, `settled ${side}`);
    const corners = [[right, after - 5], [right + 5, after], [right, after + 5], [right - 5, after]];
    add('polygon', `mark ${side}`, { points: joined(corners) });
  }
  curve.crossings.forEach(([x, y, words, isLate], at) => {
    segment(x, y, x, floor, 'drop');
    add('circle', 'cross', { cx: one(x), cy: one(y), r: 4.5 });
    write(isLate ? x - 6 : x + 6, floor - 6 - at * line, words, 'strong', isLate ? 'end' : 'start');
  });
  for (const [y, words, amount, side] of curve.labels) {
    write(right + 9, y - 1, words, `name ${side}`);
    write(right + 9, y + line - 2, amount, `name ${side}`);
  }
}
