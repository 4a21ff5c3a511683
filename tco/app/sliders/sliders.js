// Sliders that carry their own curve: what buying saves over the range of one input.
const PATIENCE = 2000; // milliseconds after which a message without an answer is given up on
const QUIET = 200; // milliseconds from the release of the last of many keys until the link is written
const BURST = 600; // milliseconds within which keys follow each other
const WIDTH = 300, HEIGHT = 60, LEAP = 10, DIGITS = 12;
// What may be thousands, 2.800: the server says so.
const OPEN = /^[+-]?[1-9]\d{0,2}\.\d\d0$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;
const SVG = 'http://www.w3.org/2000/svg';

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector('.levers');
  root.board ??= board(root, parentElement.querySelector('template'));
  root.board.show(data, (moves) => setStateValue('moves', moves));
  // No cleanup: one is also called for a run that another overtook, while the sliders live on.
}

// All sliders of a group, and the moves that the server has not yet answered. One message is under
// way at a time: when it is answered, or given up on, the newest values go out.
function board(root, template) {
  const levers = new Map();
  const fit = () => levers.forEach((one) => one.fit());
  new ResizeObserver(fit).observe(root);
  document.fonts?.ready.then(fit);
  let moves = {}, underway = null, isNew = false, timer = null, sent = 0, send = null, data = null;

  function post() {
    clearTimeout(timer);
    timer = null;
    const wait = underway ? sent + PATIENCE - performance.now() : 0;
    if (wait > 0) timer = setTimeout(post, wait);
    if (wait > 0 || !root.isConnected) return;
    [sent, underway, isNew] = [performance.now(), { ...moves }, false];
    send(moves);
  }
  function tell(name, move) {
    moves = { ...moves, [name]: move };
    isNew = true;
    follow();
    // Together with what else is told in this breath.
    if (underway) post();
    else timer ??= setTimeout(post, 0);
  }
  // What the strip says with what is not yet answered; of several moves only the server knows.
  function follow() {
    const [name, ...others] = Object.keys(moves);
    const lever = data.levers.find((one) => one.name === name), value = moves[name]?.value;
    const isKnown = lever?.xs.length && !others.length && value >= lever.low && value <= lever.high;
    writeStrip(isKnown ? elsewhere(lever, value, data) : null, true);
  }
  function show(next, sender) {
    [data, send] = [next, sender];
    writtenAs(data.money);
    for (const lever of data.levers) {
      if (moves[lever.name]?.n <= lever.applied) {
        const { [lever.name]: _answered, ...others } = moves;
        moves = others;
      }
      if (underway?.[lever.name]?.n <= lever.applied) delete underway[lever.name];
      if (!levers.has(lever.name)) levers.set(lever.name, slider(template, lever.name, tell));
    }
    if (underway && !Object.keys(underway).length) underway = null;
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
    fit();
    // The groups of a page share the strip: the one whose slider moves writes it.
    const moving = (document.tcoMoving ??= new Set());
    const isMoving = Object.keys(moves).length > 0;
    moving[isMoving ? 'add' : 'delete'](root);
    if (isMoving) follow();
    else if (![...moving].some((other) => other.isConnected)) writeStrip(data.strip, false);
    if (isNew && !underway) post();
  }
  return { show };
}

// One input: its box, its curve, its slider and what is said below them.
function slider(template, name, tell) {
  const element = template.content.firstElementChild.cloneNode(true);
  const part = (selector) => element.querySelector(selector);
  const box = part('.box'), track = part('.track');
  let data = null, words = null, value = null, n = 0, asked = '', known = '';
  let held = false, keyed = false, unwritten = false, timer = null, pressed = -Infinity;

  function move(wanted, live) {
    value = wanted;
    n += 1;
    tell(name, { value, n, live, currency: money.code });
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
    if (!typing) known = box.value = text;
    if (value !== null) track.value = value;
    const at = value === null ? null : across(value);
    part('.now').setAttribute('x1', at ?? 0);
    part('.now').setAttribute('x2', at ?? 0);
    part('.now').style.display = at === null ? 'none' : '';
    track.setAttribute('aria-valuetext', `${text} ${data.unit}. ${caption()}`.trim());
  }
  function caption() {
    if (data.remark || !data.xs.length) return data.remark;
    const saving = value === data.value ? data.now : place(data.xs, value)(data.saving);
    return `${sentence(saving, words)} ${data.flip_text}`;
  }
  // A default in as many digits as the range has, what was given in all of its own.
  function written(number) {
    return plain(number === data.usual ? Number(number.toFixed(data.decimals)) : number);
  }
  function across(x) {
    const share = (x - data.low) / (data.high - data.low);
    return WIDTH * Math.min(1, Math.max(0, share));
  }
  function typed() {
    const text = box.value.trim();
    known = box.value;
    if (text === '') return read();
    if (value !== null && text === written(value) && !data.refusal) return refuse('');
    // What is no plain number, 45% or 0,65, the server reads, or says how to write it.
    const told = NUMBER.test(text) && !OPEN.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
    if (text === asked && n > data.applied) return;
    refuse('');
    asked = text;
    n += 1;
    tell(name, { value: told, n, live: false, currency: money.code });
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
  part('.plot').addEventListener('dblclick', () => { if (data.usual !== null) move(data.usual, false); });
  box.addEventListener('keydown', (event) => { if (event.key === 'Enter') typed(); });
  box.addEventListener('change', typed);

  function show(lever, all) {
    const isMine = held || n > lever.applied;
    const before = data;
    [data, words] = [lever, all.phrases.curve];
    n = Math.max(n, lever.applied);
    part('.name b').textContent = lever.label;
    part('.unit').textContent = lever.unit;
    element.dataset.input = lever.sets;
    element.setAttribute('aria-label', lever.label);
    track.setAttribute('aria-label', `${lever.label}${lever.unit ? `, ${lever.unit}` : ''}`);
    box.setAttribute('aria-label', `${track.getAttribute('aria-label')}: enter a value`);
    box.placeholder = lever.value === null ? 'enter one' : '';
    [track.min, track.max, track.step] = [lever.low, lever.high, lever.step];
    track.disabled = lever.value === null;
    element.classList.toggle('flat', Boolean(lever.remark));
    element.classList.toggle('unknown', lever.value === null);
    part('.flip').textContent = lever.remark || (lever.xs.length ? lever.flip_text : '');
    part('.origin').textContent = lever.origin;
    part('.unusual').textContent = lever.unusual;
    if (!isMine) {
      value = lever.value;
      refuse(lever.refusal);
    }
    draw(part, lever, all.scale, across);
    // What somebody types stays until it is entered, whatever else comes meanwhile.
    const isBegun = box.value !== known, isSame = before?.value === lever.value;
    const isTyping = box.getRootNode().activeElement === box && (isBegun || isSame);
    read(Boolean(lever.refusal) || isMine || isTyping);
  }
  // What is said along the axis, as far as there is room for it.
  function fit() {
    const marks = [...part('.ticks').children].map((mark) => [mark, mark.getBoundingClientRect()]);
    const shown = fitting(marks.map(([, { left, right }]) => [left, right]));
    marks.forEach(([mark], at) => { mark.style.visibility = shown[at] ? '' : 'hidden'; });
  }
  return { element, show, fit };
}

// The curve, its areas above and below the line of no difference, its flips, and the axis.
function draw(part, { xs, saving, flips, ticks }, [low, high], across) {
  const height = (usd) => HEIGHT * (1 - (usd - low) / (high - low || 1));
  const zero = height(0);
  const runs = unbroken(xs, saving).map((run) => run.map(([x, y]) => [across(x), height(y)]));
  part('.gain').setAttribute('points', area(runs, zero, Math.min));
  part('.loss').setAttribute('points', area(runs, zero, Math.max));
  part('.zero').setAttribute('y1', zero);
  part('.zero').setAttribute('y2', zero);
  part('.curve').replaceChildren(...runs.map((run) => shape('polyline', { points: run.join(' ') })));
  const lines = flips.map(across).map((x) => shape('line', { x1: x, x2: x, y1: 0, y2: HEIGHT }));
  part('.flips').replaceChildren(...lines);
  part('.ticks').replaceChildren(...ticks.map(([x, text]) => {
    const mark = Object.assign(document.createElement('span'), { textContent: text });
    mark.style.left = `${(100 * across(x)) / WIDTH}%`;
    return mark;
  }));
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

function sentence(saving, words) {
  if (saving === null) return words.none;
  return (saving > 0 ? words.gain : words.loss).replace('{}', wholeUsd(Math.abs(saving)));
}

function plain(value) {
  return String(Number(value.toPrecision(DIGITS)));
}

function shape(kind, numbers) {
  const made = document.createElementNS(SVG, kind);
  for (const [name, number] of Object.entries(numbers)) made.setAttribute(name, number);
  return made;
}
