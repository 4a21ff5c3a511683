// What the model needs besides operators, as tco/numeric.py and tco/finance/annuity.py have it.
const WHOLE = 1e12, FLAT = 1e12;
const ceil = (x) => (Number.isFinite(x) ? Math.ceil((x * (WHOLE - 1)) / WHOLE) : x);
const floor = (x) => (Number.isFinite(x) ? Math.floor((x * (WHOLE + 1)) / WHOLE) : x);
const modulo = (a, b) => a - b * Math.floor(a / b);
const annuity = (rate, periods) => (1 + (periods + 1) * rate === 1
  ? periods : -Math.expm1(-periods * Math.log1p(rate)) / rate);
const payment = (rate, periods) => 1 / annuity(rate, periods);

// All results at some inputs, with the break-evens of `roots`: by name the ends of their domains.
function solve(inputs, names, { roots, caps, per_use: perUse }) {
  const found = model(inputs), rootOf = {}, several = {};
  for (const [name, [low, high]] of Object.entries(roots)) {
    const at = names.indexOf(name), now = inputs[at];
    const savingAt = (value) => model(inputs.map((x, i) => (i === at ? value : x))).npv_saving_usd;
    const bends = [
      ...Object.keys(found).filter((key) => key.startsWith(`bend_${name}_`)).map((key) => found[key]),
      ...reached(inputs, at, [low, high], caps.map((cap) => cap.bends.includes(name) && cap)),
    ].filter((place) => place > low && place < high);
    const isUsed = name !== 'utilization' || perUse;
    rootOf[name] = bends.length && isUsed
      ? nearestRoot(now, [low, high], bends, savingAt)
      : straightRoot(now, low, high, savingAt, found, isUsed);
    several[name] = bends.length ? along(low, high, bends, savingAt) : [];
  }
  return { ...found, roots: rootOf, rates: ratesOf(inputs[names.indexOf(RATE)], found, rootOf, several, roots) };
}

// Where the user's own lines reach their caps in some month (tco/model/bends.py): two points of what they pay without.
function reached(inputs, at, [low, high], caps) {
  if (!caps.some(Boolean)) return [];
  const [first, last] = [low, high].map((end) => {
    const months = [];
    free(inputs.map((x, i) => (i === at ? end : x)), (...paid) => months.push(paid.map(Math.abs)));
    return months;
  });
  return caps.flatMap((cap, line) => (cap ? first.map((paid, month) => {
    const isPaid = !cap.leaving || month === first.length - 1, rise = last[month][line] - paid[line];
    return isPaid && rise ? low + ((cap.usd - paid[line]) * (high - low)) / rise : Infinity;
  }) : []));
}

// The saving is linear in the input: two points give where it is 0 (tco/model/results.py).
function straightRoot(now, low, high, savingAt, found, isUsed) {
  const there = 2 * now < low + high ? high : low;
  const rise = savingAt(there) - found.npv_saving_usd;
  const isFlat = Math.abs(rise) * FLAT < found.gross_usd * Math.abs(there - now);
  return isFlat || !rise || !isUsed ? Infinity : now - (found.npv_saving_usd * (there - now)) / rise;
}

// Where it bends, from stretch to stretch (tco/model/bends.py): all roots on the way from a value to an end.
function along(now, end, bends, savingAt) {
  const stops = bends.filter((place) => (place - now) * (end - place) > 0).concat(end === now ? [] : end);
  stops.sort((a, b) => Math.abs(a - now) - Math.abs(b - now));
  const found = [];
  let at = now, saving = savingAt(now);
  for (const stop of stops) {
    const there = savingAt(stop), fall = saving - there;
    if ((saving > 0) !== (there > 0) || there === 0) found.push(at + (saving * (stop - at)) / (fall || 1));
    [at, saving] = [stop, there];
  }
  return [...new Set(found)];
}

function nearestRoot(now, ends, bends, savingAt) {
  if (savingAt(now) === 0) return now;
  const near = ends.map((end) => along(now, end, bends, savingAt)[0] ?? Infinity);
  return Math.abs(near[1] - now) < Math.abs(near[0] - now) ? near[1] : near[0];
}

// The rates between which buying wins, the second null where it wins on (tco/model/breakeven.py).
const RATE = 'rate_usd_per_gpu_hour';
function ratesOf(now, { npv_saving_usd: saving }, { [RATE]: root }, { [RATE]: all }, { [RATE]: [low, high] }) {
  const inside = all.filter((x) => isBeyond(x, low) && isBeyond(high, x));
  inside.sort((a, b) => Math.abs(a - now) - Math.abs(b - now));
  const fair = root > low && root < high ? root : inside[0] ?? root;
  if (!Number.isFinite(fair)) return [fair, null];
  const isUp = (now > fair) === (saving > 0);
  const beyond = all.filter((x) => (isUp ? isBeyond(x, fair) : isBeyond(fair, x)));
  return [fair, beyond.length ? (isUp ? Math.min(...beyond) : Math.max(...beyond)) : null];
}

function isBeyond(one, other) {
  return one > other && Math.abs(one - other) > Math.max(1e-9 * Math.max(Math.abs(one), Math.abs(other)), 1e-12);
}
