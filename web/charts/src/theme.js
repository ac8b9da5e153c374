// The look of the charts. Colors are the page's custom properties: light, dark and print need no redrawing.

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

// Numbers read as in the text of the page: narrow spaces between thousands and before the percent sign.
const NUMBERS = { decimal: '.', thousands: '\u202f', grouping: [3], currency: ['', ''], percent: '\u202f%' };

/** Vega-Lite configuration for charts whose drawing area is about `room` pixels wide. */
export function config(narrow, room) {
  const size = narrow ? 11 : 12;
  const text = { labelColor: 'var(--quiet)', titleColor: 'var(--quiet)', labelFontSize: size, titleFontSize: size };
  return {
    aria: false, // the place of the chart carries one label with the summary, and the table below it the numbers
    background: null,
    locale: { number: NUMBERS },
    font: FONT,
    padding: { left: 2, right: 8, top: 4, bottom: 2 },
    view: { stroke: null },
    axis: {
      ...text,
      titleFontWeight: 400,
      labelFontWeight: 400,
      domainColor: 'var(--rule)',
      tickColor: 'var(--rule)',
      gridColor: 'var(--grid)',
      gridDash: [1, 0],
      tickSize: 4,
      labelPadding: 4,
      titlePadding: 8,
      labelLimit: narrow ? 130 : 300,
    },
    axisX: { grid: false, tickCount: Math.max(2, Math.min(8, Math.floor(room / 75))), labelFlush: true, labelOverlap: true, labelSeparation: 6 },
    axisY: { domain: false, ticks: false, tickCount: 5 },
    axisBand: { grid: false },
    legend: {
      ...text,
      titleFontWeight: 400,
      orient: 'top',
      direction: 'horizontal',
      symbolType: 'square',
      symbolSize: 90,
      symbolStrokeWidth: 0,
      columnPadding: 14,
      rowPadding: 3,
      labelLimit: narrow ? 280 : 360,
      offset: 8,
      padding: 0,
    },
    header: { ...text, titleFontSize: size, labelFontSize: size, labelFontWeight: 600, labelColor: 'var(--ink)', labelAnchor: 'start', labelPadding: 6, labelLimit: 1000, title: null },
    title: { color: 'var(--ink)', fontSize: size, anchor: 'start' },
    line: { strokeWidth: 1.8, strokeJoin: 'round', strokeCap: 'round' },
    rule: { color: 'var(--quiet)' },
    text: { color: 'var(--ink)', fontSize: size },
    bar: { color: 'var(--c1)' },
    point: { color: 'var(--c1)', filled: true, size: 55 },
    rect: { stroke: null },
    range: { category: ['var(--c1)', 'var(--c2)', 'var(--c3)', 'var(--c4)', 'var(--c5)', 'var(--c6)', 'var(--c7)'] },
  };
}
