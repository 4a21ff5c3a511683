// Sliders that carry their own curve: what buying saves over the range of one input.
const EVERY = 150; // milliseconds between two messages while a slider moves
const QUIET = 200; // milliseconds from the release of the last of many keys until the link is written
const BURST = 600; // milliseconds within which keys follow each other
const WIDTH = 300, HEIGHT = 60, LEAP = 10, FIGURES = 3, DIGITS = 12;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;
const SVG = 'http://www.w3.org/2000/svg';

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector('.levers');
  root.board ??= board(root, parentElement.querySelector('template'));
  root.board.show(data, (moves) => setStateValue('moves', moves));
  // No cleanup: one is also called for a run that another overtook, while the sliders live on.
}

// All sliders of the page, and the moves that the server has not yet answered.
function board(root, template) {
  const levers = new Map();
  let moves = {}, send = null, timer = null, sent = 0;

  function post() {
    timer = null;
    if (!root.isConnected) return;
    sent = Date.now();
    send(moves);
  }
  function tell(name, move) {
    moves = { ...moves, [name]: move };
    timer ??= setTimeout(post, Math.max(0, sent + EVERY - Date.now()));
  }
  function show(data, sender) {
    send = sender;
    for (const lever of data.levers) {
      if (moves[lever.name]?.n <= lever.applied) {
        const { [lever.name]: _answered, ...others } = moves;
        moves = others;
      }
      if (!levers.has(lever.name)) levers.set(lever.name, slider(template, lever.name, tell));
    }
    const names = data.levers.map((lever) => lever.name);
    for (const name of [...levers.keys()]) {
      if (names.includes(name)) continue;
      levers.get(name).element.remove();
      levers.delete(name);
    }
    const wanted = names.map((name) => levers.get(name).element);
    if (wanted.some((element, at) => root.children[at] !== element)) root.replaceChildren(...wanted);
    root.classList.toggle('dimmed', data.dimmed);
    for (const lever of data.levers) levers.get(lever.name).show(lever, data);
  }
  return { show };
}

// One input: its box, its curve, its slider and what is said below them.
function slider(template, name, tell) {
  const element = template.content.firstElementChild.cloneNode(true);
  const part = (selector) => element.querySelector(selector);
  const box = part('.box'), track = part('.track');
  let data = null, words = null, value = null, n = 0, asked = '';
  let held = false, keyed = false, unwritten = false, timer = null, pressed = -Infinity;

  function move(wanted, live) {
    value = wanted;
    n += 1;
    tell(name, { value, n, live });
    read();
  }
  function commit() {
    clearTimeout(timer);
    unwritten = false;
    if (value !== null) move(value, false);
  }
  // The value as the screen shows it: box, thumb, mark on the curve, caption.
  function read(typing = false) {
    const text = value === null ? '' : written(value);
    if (!typing) box.value = text;
    if (value !== null) track.value = value;
    const at = value === null ? null : place(value);
    part('.now').setAttribute('x1', at ?? 0);
    part('.now').setAttribute('x2', at ?? 0);
    part('.now').style.display = at === null ? 'none' : '';
    const said = caption();
    part('.caption').textContent = said;
    track.setAttribute('aria-valuetext', `${text} ${data.unit}. ${said}`.trim());
  }
  function caption() {
    if (data.remark || !data.xs.length) return data.remark;
    const saving = value === data.value ? data.saving : between(data.xs, data.ys, value);
    return `${sentence(saving, words)} ${data.flip_text}`;
  }
  // A default in as many digits as the range has, what was given in all of its own.
  function written(number) {
    return plain(number === data.usual ? Number(number.toFixed(data.decimals)) : number);
  }
  function place(x) {
    const share = (x - data.low) / (data.high - data.low);
    return WIDTH * Math.min(1, Math.max(0, share));
  }
  function typed() {
    const text = box.value.trim();
    if (text === '') return read();
    if (value !== null && text === written(value) && !data.refusal) return refuse('');
    // What is no plain number, 45% or 0,65, the server reads, or says how to write it.
    const told = NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
    if (text === asked && n > data.applied) return;
    refuse('');
    asked = text;
    n += 1;
    tell(name, { value: told, n, live: false });
  }
  function refuse(text) {
    part('.refusal').textContent = text;
    box.setAttribute('aria-invalid', String(Boolean(text)));
  }
  function key(event) {
    const { min, max, step } = track, now = Number(track.value);
    const steps = { PageUp: LEAP, PageDown: -LEAP, ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 };
    const ends = { Home: Number(min), End: Number(max) };
    if (!(event.key in steps) && !(event.key in ends)) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    // A key pressed once is a choice; of keys that follow each other the last one is.
    const single = !event.repeat && event.timeStamp - pressed > BURST;
    pressed = event.timeStamp;
    keyed = true;
    unwritten = !single;
    track.value = ends[event.key] ?? now + steps[event.key] * Number(step);
    slid(!single);
  }
  function slid(live) {
    refuse('');
    clearTimeout(timer);
    move(Number(track.value), live);
  }
  function released() {
    clearTimeout(timer);
    if (unwritten) timer = setTimeout(commit, QUIET);
  }

  track.addEventListener('keydown', key);
  track.addEventListener('keyup', released);
  track.addEventListener('pointerdown', () => { held = true; keyed = false; });
  track.addEventListener('input', () => { keyed = false; slid(true); });
  track.addEventListener('change', () => { if (!keyed) commit(); });
  for (const ended of ['pointerup', 'pointercancel', 'lostpointercapture', 'touchend', 'blur']) {
    track.addEventListener(ended, () => { held = false; if (unwritten) commit(); });
  }
  for (const place of [track, part('.plot')]) {
    place.addEventListener('dblclick', () => {
      if (data.usual === null) return;
      move(data.usual, false);
    });
  }
  box.addEventListener('keydown', (event) => { if (event.key === 'Enter') typed(); });
  box.addEventListener('change', typed);

  function show(lever, all) {
    const isMine = held || n > lever.applied;
    const before = data;
    [data, words] = [lever, all.words];
    n = Math.max(n, lever.applied);
    part('.name b').textContent = lever.label;
    part('.unit').textContent = lever.unit;
    element.dataset.input = name;
    element.setAttribute('aria-label', lever.label);
    track.setAttribute('aria-label', `${lever.label}${lever.unit ? `, ${lever.unit}` : ''}`);
    box.setAttribute('aria-label', `${track.getAttribute('aria-label')}: type a value`);
    box.placeholder = lever.value === null ? 'type one' : '';
    [track.min, track.max, track.step] = [lever.low, lever.high, lever.step];
    track.disabled = lever.value === null;
    part('.origin').textContent = lever.origin;
    part('.unusual').textContent = lever.unusual;
    if (!isMine) {
      value = lever.value;
      refuse(lever.refusal);
    }
    draw(part, lever, all.scale, place);
    const isTyping = box.getRootNode().activeElement === box && before?.value === lever.value;
    read(Boolean(lever.refusal) || isTyping);
  }
  return { element, show };
}

// The curve, its areas above and below the line of no difference, and its flips.
function draw(part, { xs, ys, flips }, [low, high], place) {
  const height = (usd) => HEIGHT * (1 - (usd - low) / (high - low || 1));
  const zero = height(0);
  const runs = unbroken(xs, ys).map((run) => run.map(([x, y]) => [place(x), height(y)]));
  part('.gain').setAttribute('points', area(runs, zero, Math.min));
  part('.loss').setAttribute('points', area(runs, zero, Math.max));
  part('.zero').setAttribute('y1', zero);
  part('.zero').setAttribute('y2', zero);
  part('.curve').replaceChildren(...runs.map((run) => shape('polyline', { points: run.join(' ') })));
  const lines = flips.map(place).map((x) => shape('line', { x1: x, x2: x, y1: 0, y2: HEIGHT }));
  part('.flips').replaceChildren(...lines);
  // Each word stands at the end where the curve is farther from it.
  const [first, last] = [runs[0]?.[0][1], runs.at(-1)?.at(-1)[1]];
  for (const [side, edge, room] of [['buy', 0, zero], ['rent', HEIGHT, HEIGHT - zero]]) {
    const word = part(`.plot .${side}`);
    word.hidden = !runs.length || room < HEIGHT / 5;
    word.classList.toggle('left', Math.abs(first - edge) > Math.abs(last - edge));
  }
}

function area(runs, zero, nearer) {
  return runs.map((run) => [
    [run[0][0], zero], ...run.map(([x, y]) => [x, nearer(y, zero)]), [run.at(-1)[0], zero],
  ].join(' ')).join(' ');
}

// The curve in parts: where the inputs cannot be combined there is none.
function unbroken(xs, ys) {
  const runs = [[]];
  xs.forEach((x, at) => (ys[at] === null ? runs.push([]) : runs.at(-1).push([x, ys[at]])));
  return runs.filter((run) => run.length);
}

function between(xs, ys, x) {
  const found = xs.findIndex((next) => next >= x);
  const at = Math.max(1, found < 0 ? xs.length - 1 : found);
  if (ys[at] === null || ys[at - 1] === null) return null;
  const share = (x - xs[at - 1]) / (xs[at] - xs[at - 1] || 1);
  return ys[at - 1] + share * (ys[at] - ys[at - 1]);
}

function sentence(saving, words) {
  if (saving === null) return words.none;
  const amount = dollars(Math.abs(saving));
  return (saving > 0 ? words.gain : words.loss).replace('{}', amount);
}

// Three figures, without cents from ten dollars on.
function dollars(amount) {
  const rounded = Number(amount.toPrecision(FIGURES));
  if (rounded >= 10) return `$${Math.round(rounded).toLocaleString('en-US')}`;
  const digits = rounded ? FIGURES - 1 - Math.floor(Math.log10(rounded)) : 0;
  return rounded ? `$${rounded.toFixed(Math.max(2, digits))}` : '$0';
}

function plain(value) {
  return String(Number(value.toPrecision(DIGITS)));
}

function shape(kind, numbers) {
  const made = document.createElementNS(SVG, kind);
  for (const [name, number] of Object.entries(numbers)) made.setAttribute(name, number);
  return made;
}
