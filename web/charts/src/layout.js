// Fits a specification to the width at hand. Vega-Lite can follow a container's width for single views only; small multiples
// need the number of columns chosen here.

/** Rows of a chart as objects; the texts of `layout.wrap.field` are broken into lines of a length that suits the place. */
export function objects({ columns, rows, layout }, narrow = false) {
  const broken = layout?.wrap;
  const length = narrow ? broken?.narrow : broken?.wide;
  const cell = (column, value) => (broken?.field === column ? wrap(value, length) : value);
  return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, cell(column, row[i])])));
}

/** Breaks a text into lines of at most `length` characters, at spaces. */
export function wrap(text, length) {
  const lines = [];
  for (const word of String(text).split(' ')) {
    const last = lines.length - 1;
    if (last >= 0 && lines[last].length + 1 + word.length <= length) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}

/**
 * A copy of the chart's specification for a place `width` pixels wide.
 *
 * `layout.facet` = { min, columns, axis, gap, each }: small multiples, each at least `min` wide, at most `columns` abreast, with
 * `axis` pixels left for the vertical axis (`each`: of every one).
 * `layout.narrow`: a partial specification laid over the whole one where the place is narrow.
 */
export function arrange({ spec, layout = {} }, width, narrow) {
  let copy = structuredClone(spec);
  if (narrow && layout.narrow) copy = merge(copy, layout.narrow);
  if (layout.facet) {
    const { min = 220, columns: most = 4, axis = 52, gap = 22, each = false } = layout.facet;
    const columns = Math.max(1, Math.min(most, Math.floor((width + gap) / (min + gap))));
    const axes = each ? axis * columns : axis; // with scales of their own, every chart has an axis of its own
    copy.columns = columns;
    copy.spec.width = Math.floor((width - 12 - axes - gap * (columns - 1)) / columns);
    copy.spacing = { row: 26, column: gap };
    return copy;
  }
  copy.width = width;
  copy.autosize = { type: 'fit-x', contains: 'padding' };
  return copy;
}

/** Lays `over` on `base`, object by object; arrays are replaced, except that arrays of objects are merged item by item. */
export function merge(base, over) {
  if (Array.isArray(base) && Array.isArray(over)) return base.map((item, i) => (i in over ? merge(item, over[i]) : item));
  if (base === null || over === null || typeof base !== 'object' || typeof over !== 'object') return over;
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) result[key] = key in base ? merge(base[key], value) : value;
  return result;
}
