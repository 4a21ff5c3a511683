// Numbers as the library writes them (tco/words/figures.py), for what changes while a slider moves.
// Amounts come in the currency shown, and with it how that is written.
const FIGURES = 3;
let money = { code: 'USD', sign: '$', places: 2 };

function writtenAs(told) {
  money = told;
}

function usd(amount) {
  const size = Math.abs(amount);
  if (!size) return `${money.sign}0`;
  const digits = FIGURES - 1 - Math.floor(Math.log10(size));
  const rounded = Number(size.toPrecision(FIGURES));
  const least = rounded % 1 ? digits : 0; // of a currency without decimals
  const places = money.places ? Math.max(digits, money.places) : least;
  const text = rounded >= 100 ? commas(Math.round(rounded)) : rounded.toFixed(places);
  return signed(amount, `${money.sign}${text}`);
}

function wholeUsd(amount) {
  return Math.abs(amount) < 10 ? usd(amount) : usd(Math.round(amount)).replace(/\.00$/, '');
}

function rateText(amount) {
  const { sign, places } = money, cents = Number((amount * 10 ** places).toFixed(6));
  if (!Number.isInteger(cents)) return usd(amount);
  return signed(amount, `${sign}${Math.abs(amount).toLocaleString('en-US', {
    minimumFractionDigits: places, maximumFractionDigits: places })}`);
}

function percent(value) {
  return value >= 100 ? `${commas(Math.round(value))} %` : `${Number(value.toPrecision(FIGURES))} %`;
}

function commas(whole) {
  return whole.toLocaleString('en-US');
}

function signed(amount, size) {
  return amount < 0 ? `−${size}` : size;
}
