// The strip at the top of the page, written while a slider moves: at the hand's value, by what the
// server sent for every place of that slider. What it cannot know (how sure it is) is dimmed.
const amounts = () => new RegExp(`(−?${money.sign.replace(/\W/g, '\\$&')}[\\d.,]*\\d[kMBT]?)`);

// What the strip says with one slider elsewhere, as texts by the name of their part.
function elsewhere(lever, x, { now, phrases }) {
  const [at, near] = [place(lever.xs, x), nearest(lever.xs, x)];
  const [own, rent, fair, saving] = ['own', 'rent', 'fair', 'saving'].map((column) => at(lever[column]));
  const [side, which] = [lever.verdicts[near], lever.cases[near]];
  if (saving === null || !side) return null;
  const use = lever.name === 'utilization' ? x : now.use;
  const rate = lever.name === 'rate_usd_per_gpu_hour' ? x : now.rate;
  const saves = side === 'toss_up' ? 'toss_up' : saving > 0 ? 'own' : 'rent';
  const sentence = which === 'between' || fair === null ? null : phrases.sentences[which]
    .replace('{use}', percent(use)).replace('{fair}', rateText(fair)).replace('{now}', rateText(rate));
  return {
    side, word: phrases.verdicts[side], own: own === null ? '–' : usd(own),
    rent: rent === null ? '–' : usd(rent), saves: phrases.savings[saves].replace(' {}', ''),
    saving: wholeUsd(Math.abs(saving)), sentence,
  };
}

// The value of a column at a place between its points; null where one of them is.
function place(xs, x) {
  const found = xs.findIndex((next) => next >= x);
  const i = Math.max(1, found < 0 ? xs.length - 1 : found);
  const share = Math.min(1, Math.max(0, (x - xs[i - 1]) / (xs[i] - xs[i - 1] || 1)));
  return (ys) => (ys[i] === null || ys[i - 1] === null ? null : ys[i - 1] + share * (ys[i] - ys[i - 1]));
}

function nearest(xs, x) {
  let best = 0;
  xs.forEach((one, at) => { if (Math.abs(one - x) < Math.abs(xs[best] - x)) best = at; });
  return best;
}

function writeStrip(told, isWaiting) {
  const strip = document.querySelector('.tco-strip');
  if (!strip) return;
  strip.setAttribute('aria-busy', String(isWaiting));
  if (!told) return;
  const { side, ...texts } = told;
  strip.className = `tco-strip ${side}`;
  for (const [name, text] of Object.entries(texts)) {
    const part = strip.querySelector(`[data-tco=${name}]`);
    if (!part || text === null || part.textContent === text) continue;
    if (name !== 'sentence') part.textContent = text;
    else part.replaceChildren(...text.split(amounts()).map((piece, at) => (at % 2 ? bold(piece) : piece)));
  }
}

function bold(text) {
  return Object.assign(document.createElement('b'), { textContent: text });
}
