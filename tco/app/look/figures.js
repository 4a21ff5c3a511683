// Numbers as the library writes them (tco/words/figures.py), for what changes while a slider moves.
const FIGURES = 3;

function usd(amount) {
  const size = Math.abs(amount);
  if (!size) return '$0';
  const digits = FIGURES - 1 - Math.floor(Math.log10(size));
  const rounded = Number(size.toPrecision(FIGURES));
  const text = rounded >= 100 ? commas(Math.round(rounded)) : rounded.toFixed(Math.max(digits, 2));
  return signed(amount, `$${text}`);
}

function wholeUsd(amount) {
  return Math.abs(amount) < 10 ? usd(amount) : usd(Math.round(amount)).replace(/\.00$/, '');
}

function rateText(amount) {
  const cents = Number((amount * 100).toFixed(6));
  if (!Number.isInteger(cents)) return usd(amount);
  return signed(amount, `$${Math.abs(amount).toLocaleString('en-US', {
    minimumFractionDigits: 2, maximumFractionDigits: 2 })}`);
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
