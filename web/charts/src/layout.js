// Fits a specification to the width at hand. Vega-Lite can follow a container's width for single views only; small multiples
// need the number of columns chosen here, and no axis or heading breaks its own lines.

const LETTER = 6.4; // width of a letter at the charts' font size, in pixels, on the generous side
const BOLD = 7.2; // the same in a heading
const LINE = 14; // height of a line

/** Longest line of a broken text, in letters, that suits a place `width` pixels wide. */
export function lineLength({ wide = 40, narrow = 16 }, width) {
  return Math.max(narrow, Math.min(wide, Math.floor((width * 0.4) / LETTER)));
}

/** Rows of a chart as objects; the texts of `layout.wrap.field` are broken into lines that suit the place. */
export function objects({ columns, rows, layout }, width) {
  const broken = layout?.wrap;
  const cell = (column, value) => (broken?.field === column && value !== null ? wrap(value, lineLength(broken, width)) : value);
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
 * `layout.wrap` = { field, wide, narrow }: a field whose texts label an axis in steps; steps grow with the lines.
 * `layout.labels` = 'wrap': labels of the vertical axis break their lines.
 * `layout.narrow`: a partial specification laid over the whole one where the place is narrow.
 * `spare`: pixels that an earlier drawing of small multiples left over, or took too many if negative.
 */
export function arrange({ spec, layout = {} }, values, width, narrow, spare = 0) {
  let copy = structuredClone(spec);
  if (narrow && layout.narrow) copy = merge(copy, layout.narrow);
  const view = layout.facet ? copy.spec : copy;
  if (layout.wrap && view.height?.step) {
    const lines = Math.max(1, ...values.map((row) => String(row[layout.wrap.field]).split('\n').length));
    view.height.step = Math.max(view.height.step, lines * LINE + 8);
  }
  if (layout.labels === 'wrap') {
    copy.encoding.y.axis.labelExpr = broken(Math.floor((width * 0.4) / LETTER));
    copy.encoding.y.axis.labelLimit = 1000;
    if (narrow) view.height.step = Math.max(view.height.step, 2 * LINE + 8);
  }
  foldLegends(copy, width);
  if (layout.facet) {
    const { min = 220, columns: most = 4, axis = 52, gap = 24, each = false } = layout.facet;
    const columns = Math.max(1, Math.min(most, Math.floor((width + gap) / (min + gap))));
    const axes = each ? axis * columns : axis; // with scales of their own, every chart has an axis of its own
    const room = Math.floor((width - axes - gap * (columns - 1) + spare) / columns);
    copy.columns = columns;
    copy.spec.width = room;
    copy.spacing = { row: 28, column: gap };
    if (copy.facet) copy.facet.header = { ...copy.facet.header, labelExpr: broken(Math.floor(room / BOLD)) };
    return { spec: copy, room };
  }
  copy.width = width;
  copy.autosize = { type: 'fit-x', contains: 'padding' };
  return { spec: copy, room: width };
}

/** Breaks legends of words into as many columns as fit, where one row does not. */
function foldLegends(node, width) {
  if (node === null || typeof node !== 'object') return;
  for (const value of Object.values(node)) foldLegends(value, width);
  const words = node.scale?.domain;
  if (!node.legend || !Array.isArray(words) || !words.every((word) => typeof word === 'string')) return;
  const widths = words.map((word) => word.length * LETTER + 40);
  const row = widths.reduce((sum, one) => sum + one, 0);
  node.legend.columns = row <= width - 50 ? 0 : Math.max(1, Math.floor((width - 50) / Math.max(...widths)));
}

/** A Vega expression that breaks a heading into lines of at most `length` letters. */
function broken(length) {
  return `split(trim(replace(datum.label, regexp('(.{1,${Math.max(8, length)}})( +|$)', 'g'), '$1\\n')), '\\n')`;
}

/** Lays `over` on `base`, object by object; arrays are replaced, except that arrays of objects are merged item by item. */
export function merge(base, over) {
  if (Array.isArray(base) && Array.isArray(over)) return base.map((item, i) => (i in over ? merge(item, over[i]) : item));
  if (base === null || over === null || typeof base !== 'object' || typeof over !== 'object') return over;
  const result = { ...base };
  for (const [key, value] of Object.entries(over)) result[key] = key in base ? merge(base[key], value) : value;
  return result;
}
