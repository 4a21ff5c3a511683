// Places for words that were measured, so that no two of them touch.
const CLEAR = 4; // pixels between two labels at least

// Which labels along an axis are shown, each [start, end]: the first, the last, and what fits between.
function fitting(spans) {
  const shown = spans.map(() => false), kept = [];
  for (const at of [0, spans.length - 1, ...spans.keys()]) {
    const span = spans[at];
    if (!span || shown[at] || kept.some((other) => touch(span, other))) continue;
    shown[at] = true;
    kept.push(span);
  }
  return shown;
}

function touch([start, end], [low, high]) {
  return start < high + CLEAR && low < end + CLEAR;
}

// The heights of two labels, as near to the wanted ones as can be, a line apart and inside [least, most].
function apart(one, other, line, [least, most]) {
  const inside = (y) => Math.min(Math.max(y, least), most);
  const [upper, lower] = [Math.min(one, other), Math.max(one, other)].map(inside);
  if (lower - upper >= line) return one <= other ? [upper, lower] : [lower, upper];
  const middle = Math.min(Math.max((upper + lower) / 2, least + line / 2), most - line / 2);
  const half = (one <= other ? -line : line) / 2;
  return [middle + half, middle - half];
}

// Labels of marks on a baseline, each beside the line that leads down from its mark: where each begins
// and in which row above the baseline it stands. `marks` are [x, width of the label, rows below the
// mark], from left to right; null for a label that finds no place between the ends in so many rows.
function beside(marks, [left, right], rows, away) {
  const taken = [];
  return marks.map(([x, wide], at) => {
    const spots = [];
    for (let row = 0; row < rows; row += 1) {
      for (const start of [x + away, x - away - wide]) spots.push({ start, row, span: [start, start + wide] });
    }
    const free = spots.filter(({ row, span }) => span[0] >= left && span[1] <= right
      && !taken.some((other) => Math.abs(other.row - row) < 1 && touch(span, other.span)));
    // Not on the line of another mark, where there is such a place.
    const clear = ({ row, span }) => marks.every(([other, , reach], which) => which === at
      || row > reach || !touch(span, [other, other]));
    const spot = free.find(clear) ?? free[0] ?? null;
    if (spot) taken.push(spot);
    return spot;
  });
}
