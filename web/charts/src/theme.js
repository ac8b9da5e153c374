// The look of the charts. Colors are the page's custom properties: light, dark and print need no redrawing.

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** Vega-Lite configuration. */
export function config(narrow) {
  const size = narrow ? 11 : 12;
  const text = { labelColor: 'var(--quiet)', titleColor: 'var(--quiet)', labelFontSize: size, titleFontSize: size };
  return {
    aria: false, // the place of the chart carries one label with the summary, and the table below it the numbers
    background: null,
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
    axisX: { grid: false, tickCount: narrow ? 4 : 8, labelFlush: true, labelOverlap: true },
    axisY: { domain: false, ticks: false, tickCount: 5, titleAngle: 0, titleAlign: 'left', titleAnchor: 'start', titleY: -12, titleX: 0, titleBaseline: 'bottom' },
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
      columns: narrow ? 1 : 0,
      labelLimit: narrow ? 280 : 360,
      offset: 8,
      padding: 0,
    },
    header: { ...text, titleFontSize: size, labelFontSize: size, labelFontWeight: 600, labelColor: 'var(--ink)', labelAnchor: 'start', labelPadding: 6, labelLimit: narrow ? 280 : 320, title: null },
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
