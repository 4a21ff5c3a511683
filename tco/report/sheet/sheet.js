// The sliders: what they are moved to, and the answer there, in the words of the library.
const { words, inputs } = told, PER_CENT = 100, TIE = 1e9, PATIENCE = 400;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;
const THOUSANDS = /^[+-]?[1-9]\d{0,2}\.\d\d0$/; // what may be thousands, 2.800
const names = inputs.map((one) => one.sets), originals = inputs.map((one) => one.is);
const page = document.querySelector('main');
let values = [...originals], timer = null;
writtenAs(told.money);

// -- Values of the model, and as they are shown

const valueOf = (name) => values[names.indexOf(name)];
const digits = (value, count) => Number(value.toFixed(count));

function shownOf(one, value) {
  if (one.name !== told.residual) return digits(value * one.scale, 10);
  return digits((value === 1 ? 0 : (1 - value) ** (valueOf('horizon_months') / YEAR)) * PER_CENT, 10);
}

function meantOf(one, shown) {
  const value = one.digits === null ? shown : digits(shown / one.scale, one.digits);
  return one.name === told.residual ? 1 - value ** (YEAR / valueOf('horizon_months')) : value;
}

function why(one, shown) {
  const [low, high] = one.ends;
  if (shown <= high && (one.open ? shown > low : shown >= low)) return '';
  const text = shown.toLocaleString('en-US', { maximumSignificantDigits: 10 });
  return `${text} ${one.unit} ${one.outside}`.replace('  ', ' ');
}

// -- The answer in words

function fill(text, said) {
  return text.replace(/\{(\w*)\}/g, (_, name) => (typeof said === 'object' ? said[name] : said));
}

const inMoney = (amount) => amount * told.per_usd;

function rateCase([fair, end], now, isBuying) {
  if (isBuying === null) return 'same';
  if (!Number.isFinite(fair)) return 'none';
  if (fair <= 0) return isBuying ? 'always_own' : 'always_rent';
  if (end !== null) return 'between';
  return now !== fair && now < fair === isBuying ? 'less' : 'more';
}

function sentencesOf(found) {
  const saving = found.npv_saving_usd, now = valueOf(RATE), over = period(valueOf('horizon_months'));
  const isTie = isSame(found), each = isTie ? 0 : saving / told.gpus;
  const which = rateCase(found.rates, now, isTie ? null : saving > 0);
  const ends = which === 'between' ? [...found.rates].sort((a, b) => a - b) : found.rates;
  const [fair, end] = ends.map((rate) => (Number.isFinite(rate) ? rateText(inMoney(rate ?? 0)) : ''));
  const use = percent(valueOf('utilization') * PER_CENT), size = wholeUsd(Math.abs(inMoney(each)));
  const kept = found.verdict === 'toss_up' ? (each ? 'toss_up' : 'same') : told.taxed;
  const said = [
    fill(words.sentences[which], { use, fair, end, now: rateText(inMoney(now)) }),
    fill(words.costs, {
      own: rateText(inMoney(found.own_usd_per_gpu_hour)), rent: rateText(inMoney(found.rent_usd_per_gpu_hour)),
    }),
    fill(words.kept[kept], { over, side: words.sides[Number(each > 0)], size }),
  ];
  if (isTie) return said;
  if (['never', 'reverses'].includes(found.status)) {
    const isSold = saving > 0 && Number.isFinite(found.exit_months);
    said.push(fill(words.payback[isSold ? 'resale' : found.status], { over, month: number(found.exit_months) }));
  }
  const plain = found.undiscounted_saving_usd / told.gpus;
  if (plain * each < 0) {
    said.push(fill(words.conflict, {
      side: words.sides[Number(plain > 0)], plain: wholeUsd(Math.abs(inMoney(plain))),
      rate: percent(told.discount), size,
    }));
  }
  return said;
}

function isSame({ npv_saving_usd: saving, own_npv_usd: own, rent_npv_usd: rent }) {
  return Math.abs(saving) * TIE <= Math.abs(own) + Math.abs(rent);
}

// The key figures in their order: title, value, what stands under it.
function figuresOf(found) {
  const said = words.figures, saving = found.npv_saving_usd, size = Math.abs(inMoney(saving));
  const isPaid = ['breaks_even', 'immediate'].includes(found.status);
  const sold = Number.isFinite(found.exit_months) ? fill(said.resale, number(found.exit_months)) : said.within;
  const { [RATE]: fair, utilization: use } = found.roots;
  return [
    [said.own, usd(inMoney(found.own_usd_per_gpu_hour)), said.per_hour],
    [said.rent, usd(inMoney(found.rent_usd_per_gpu_hour)), said.per_hour],
    isSame(found) ? [said.tie, said.nothing, said.same]
      : [saving >= 0 ? said.owning_saves : said.renting_saves, usd(size), fill(said.per_gpu, usd(size / told.gpus))],
    [said.payback, isPaid ? counted(found.months, 'month') : said.never,
      isPaid ? fill(said.hours, commas(whole(found.hours))) : sold],
    [said.rate, fair === Infinity ? said.none : usd(inMoney(fair)), fill(said.rate_now, rateText(inMoney(valueOf(RATE))))],
    [said.use, use >= 0 && use <= 1 ? share(use) : said.none, fill(said.use_now, share(valueOf('utilization')))],
  ];
}

function share(value) {
  return `${number(digits(value * PER_CENT, 10))} %`;
}

// What the page says at the values of the sliders: word and side of the verdict, sentences, key figures, chart.
function answer() {
  const found = solve(values, names, told);
  if (!Number.isFinite(found.own_usd_per_gpu_hour)) {
    return { side: '', word: words.nothing, sentences: [words.idle], figures: [], curve: null };
  }
  const { verdict } = found, curve = curveOf(followed(values), found);
  return { side: verdict, word: words.verdicts[verdict], sentences: sentencesOf(found), figures: figuresOf(found), curve };
}

// -- The page

const section = document.querySelector('.try'), verdict = document.querySelector('.verdict');
const spoken = section.querySelector('[role=status]'); // what is read out, once a hand rests
const figures = document.querySelector('.figures dl'), reset = section.querySelector('.reset');
const slides = inputs.map(slide);

function made(kind, className, text = '') {
  return Object.assign(document.createElement(kind), { className, textContent: text });
}

// One slider.
function slide(one, at) {
  const element = section.querySelector(`[data-input="${one.sets}"]`);
  const part = (selector) => element.querySelector(selector);
  const box = part('.box'), track = part('.track');
  const plain = (number) => String(Number(number.toPrecision(12)));
  const first = plain(digits(one.value, one.decimals + 1));

  function refuse(text) {
    part('.refusal').textContent = text;
    box.setAttribute('aria-invalid', String(Boolean(text)));
  }
  function move(shown) {
    refuse('');
    const isOriginal = shown === Number(first) || shown === shownOf(one, originals[at]);
    values[at] = isOriginal ? originals[at] : meantOf(one, shown);
    refresh();
  }
  track.addEventListener('input', () => move(Number(track.value)));
  box.addEventListener('change', () => {
    const text = box.value.trim(), shown = Number(text);
    if (!text) return refresh();
    if (!NUMBER.test(text) || THOUSANDS.test(text)) return refuse(fill(words.no_number, first));
    const wrong = why(one, shown);
    return wrong ? refuse(wrong) : move(shown);
  });

  // As wide as what is believed, and as its value.
  function span(shown) {
    const step = one.span[2];
    let [low, high] = one.span;
    if (one.name === told.residual && one.believed) {
      [high, low] = one.believed.map((end) => shownOf(one, end));
      [low, high] = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
    }
    return [Math.min(low, shown), Math.max(high, shown), step];
  }
  function show() {
    const shown = shownOf(one, values[at]), isMoved = values[at] !== originals[at];
    [track.min, track.max, track.step] = span(shown);
    track.value = shown;
    box.value = isMoved ? plain(shown) : first;
    if (one.name === told.residual) part('b').textContent = fill(words.after, period(valueOf('horizon_months')));
    part('.was').textContent = isMoved ? fill(words.was, `${first} ${one.unit}`.trim()) : '';
    track.setAttribute('aria-valuetext', `${box.value} ${one.unit}`.trim());
  }
  return { show, refuse };
}

function refresh() {
  const isMoved = values.some((value, at) => value !== originals[at]);
  page.classList.toggle('moved', isMoved);
  reset.disabled = !isMoved;
  slides.forEach((one) => one.show());
  const now = isMoved ? answer() : null;
  if (now) write(now);
  clearTimeout(timer);
  const said = now ? `${now.word}. ${now.sentences[0]}` : '';
  section.querySelector('.brief').textContent = said;
  timer = setTimeout(() => { spoken.textContent = said; }, now ? PATIENCE : 0);
}

function write({ side, word, sentences, figures: listed, curve }) {
  const months = valueOf('horizon_months');
  redraw(curve);
  verdict.dataset.now = side;
  subject.textContent = fill(words.subject, {
    held: months < YEAR ? counted(months, 'month') : counted(months / YEAR, 'year'), use: share(valueOf('utilization')),
  });
  moving.replaceChildren(made('h2', 'headline', word), made('p', 'lead', sentences.join(' ')));
  [...tiles.children].forEach((tile, at) => {
    const [title, value, under] = listed[at] ?? [words.figures.none, '–', ''];
    if (listed[at]) tile.querySelector('dt').textContent = title;
    tile.querySelector('dd').replaceChildren(value, made('small', '', under));
  });
}

function redraw(curve) {
  const [title, figure] = chart;
  title.textContent = curve?.title ?? '';
  figure.classList.toggle('empty', !curve);
  if (curve) drawInto(figure.querySelector('svg'), curve);
}

// A copy that stands in the place of a part of the page while a slider is moved.
function copied(element) {
  const copy = element.cloneNode(true);
  element.classList.add('given');
  copy.classList.add('now');
  element.after(copy);
  return copy;
}

const moving = verdict.appendChild(made('div', 'now')), tiles = copied(figures);
const chart = [...document.querySelectorAll('.chart > *')].map(copied);
for (const element of document.querySelectorAll('[data-still]')) {
  element.prepend(made('span', 'stale', words.still));
}
const subject = document.querySelector('header p').appendChild(made('span', 'now'));
reset.addEventListener('click', () => {
  values = [...originals];
  slides.forEach((one) => one.refuse(''));
  refresh();
  section.querySelector('.box').focus(); // the button is no longer there for the keyboard
});
section.hidden = false;
refresh();
