// Numbers as the library writes them (figures.py), for what changes in a page while a slider moves.
// Amounts come in the currency shown, and with it how that is written.
const FIGURES = 3, EXACT = 40, MOST_SHOWN = 1e15, LEAST_SHOWN = 1e-6, YEAR = 12;
const SIZES = [[1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e3, 'k']];
let money = { code: 'USD', sign: '$', places: 2 };

function writtenAs(told) {
  money = told;
}

// The number with three figures; halfway between two the one that ends even, as Python has it.
function rounded(value) {
  const [digits, exponent] = Math.abs(value).toExponential(EXACT).split('e');
  const kept = digits.slice(0, FIGURES + 1), rest = digits.slice(FIGURES + 1);
  const isDown = /^50*$/.test(rest) && Number(kept.at(-1)) % 2 === 0;
  return isDown ? Math.sign(value) * Number(`${kept}e${exponent}`) : Number(value.toPrecision(FIGURES));
}

function whole(value) {
  return Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value);
}

// Three figures, with a power of ten where a number is very large or small: .3g.
function general(value) {
  const [digits, power] = rounded(value).toExponential().split('e'), exponent = Number(power);
  if (exponent >= -4 && exponent < FIGURES) return String(rounded(value));
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function number(value) {
  const text = general(value);
  return text.includes('e+') && Math.abs(value) < MOST_SHOWN ? commas(Number(text)) : text;
}

function usd(amount) {
  const size = Math.abs(amount);
  if (!size) return `${money.sign}0`;
  if (size < LEAST_SHOWN || size >= MOST_SHOWN) return signed(amount, `${money.sign}${general(size)}`);
  const digits = FIGURES - 1 - Math.floor(Math.log10(size));
  const near = rounded(size);
  const least = near % 1 ? digits : 0; // of a currency without decimals
  const places = money.places ? Math.max(digits, money.places) : least;
  const text = near >= 100 ? commas(near) : near.toFixed(places);
  return signed(amount, `${money.sign}${text}`);
}

// As narrow as labels need it.
function shortUsd(amount) {
  const near = rounded(amount), size = Math.abs(near);
  const [unit, letter] = SIZES.find(([least]) => size >= least) ?? [];
  return unit ? signed(near, `${money.sign}${number(size / unit)}${letter}`) : usd(near);
}

// How many decimals an amount has.
function placesOf(size) {
  const most = 15;
  let at = 0;
  while (at < most && Number(size.toFixed(at)) !== size) at += 1;
  return at;
}

// Amounts along an axis, as narrow as there is room for; where one has cents, all have them.
function onAxis(amounts) {
  const given = amounts.map((one) => Number(one.toPrecision(10))), least = money.places ? 2 : 0;
  const used = Math.max(0, ...given.map(Math.abs).filter((size) => size < SIZES.at(-1)[0]).map(placesOf));
  const most = used && Math.max(used, least);
  return given.map((amount) => {
    const size = Math.abs(amount);
    const written = (value, least, most) => `${money.sign}${value.toLocaleString('en-US', {
      minimumFractionDigits: least, maximumFractionDigits: most })}`;
    const [unit, letter] = SIZES.find(([from]) => size >= from) ?? [];
    if (unit) return signed(amount, `${written(Number((size / unit).toPrecision(10)), 0, 10)}${letter}`);
    if (size < LEAST_SHOWN) return usd(amount);
    const own = placesOf(size), figures = FIGURES - 1 - Math.floor(Math.log10(size));
    const places = size >= 100 && !own ? 0
      : most > least ? Math.max(own, Math.min(most, Math.max(least, figures))) : most;
    return signed(amount, written(size, places, places));
  });
}

function wholeUsd(amount) {
  return Math.abs(amount) < 10 ? usd(amount) : usd(whole(amount)).replace(/\.00$/, '');
}

function rateText(amount) {
  const { sign, places } = money, cents = Number((amount * 10 ** places).toFixed(6));
  if (!Number.isInteger(cents)) return usd(amount);
  return signed(amount, `${sign}${Math.abs(amount).toLocaleString('en-US', {
    minimumFractionDigits: places, maximumFractionDigits: places })}`);
}

function percent(value) {
  const size = Math.abs(value);
  return signed(value, `${size >= 100 ? commas(whole(size)) : number(size)} %`);
}

function counted(count, noun) {
  const text = number(count);
  return `${text} ${noun}${text === '1' ? '' : 's'}`;
}

function period(months) {
  return Number.isInteger(months / YEAR) ? counted(months / YEAR, 'year') : counted(months, 'month');
}

function commas(value) {
  return value.toLocaleString('en-US');
}

function signed(amount, size) {
  return amount < 0 ? `−${size}` : size;
}
