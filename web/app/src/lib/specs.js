// Charts as specifications. Colors are custom properties of the page, so that light and dark need no second drawing.

import { humane, percent, plain } from './format.js';

export const COLORS = ['var(--c1)', 'var(--c2)', 'var(--c3)', 'var(--c4)', 'var(--c5)', 'var(--c6)', 'var(--c7)'];

const share = (title, field = 'belief') => ({
  field,
  type: 'quantitative',
  scale: { domain: [0, 1], nice: false },
  axis: { title, format: '.0%', values: [0, 0.25, 0.5, 0.75, 1] },
});

export const colored = (domain) => ({
  field: 'type',
  type: 'nominal',
  sort: null,
  scale: { domain, range: COLORS.slice(0, domain.length) },
  legend: { title: null, symbolType: 'stroke', symbolSize: 320, symbolStrokeWidth: 2, symbolOpacity: 1 },
});

export const zero = { mark: { type: 'rule', color: 'var(--quiet)', strokeWidth: 1 }, encoding: { y: { datum: 0 } } };

/** The attacker's stopping margins over the belief about one player: now, and before the last change. */
export function marginLines({ surfaces, previous, about, believed, attacker, unit }) {
  const rows = [];
  const add = (list, series) => {
    for (const surface of list) {
      const line = surface.margins[surface.start_row] ?? [];
      surface.beliefs.forEach((belief, i) => rows.push([surface.title, series, belief, line[i] ?? null, null]));
      if (series === 'now') rows.push([surface.title, 'here', surface.start_belief, null, at(surface.beliefs, line, surface.start_belief)]);
    }
  };
  add(previous, 'before');
  add(surfaces, 'now');
  const types = surfaces.map((surface) => surface.title);
  const here = rows.filter((row) => row[1] === 'here');
  const tooltip = [
    { field: 'type', title: 'type' },
    { field: 'series', title: 'when' },
    { field: 'belief', title: 'belief', format: '.0%' },
    { field: 'margin', title: 'margin', format: '.3~g' },
  ];
  const y = { field: 'margin', type: 'quantitative', axis: { title: null, format: '.3~g' } };
  const x = share(`belief that ${believed}`);
  const line = (series, mark) => ({
    transform: [{ filter: `datum.series == '${series}'` }],
    mark: { type: 'line', ...mark },
    encoding: { x, y, color: colored(types), tooltip },
  });
  return {
    id: 'margin-over-belief',
    title: `Would ${attacker} rather stop?`,
    read: `Above the line stopping beats going on, by type of ${attacker}, as the public belief about ${about} varies and all else stays. The dot is where this war starts${previous.length > 0 ? '; dashes are the case before the last change' : ''}.`,
    axis: `Stopping margin, ${unit}`,
    label: `Line chart of the stopping margin over the belief that ${believed}. At the present belief: ${here.map((row) => `${row[0]} ${plain(row[4])}`).join('; ')}.`,
    columns: ['type', 'series', 'belief', 'margin', 'point'],
    headings: [`Type of ${attacker}`, 'When', `Belief that ${believed}`, 'Stopping margin', 'At the start'],
    rows,
    spec: {
      height: 250,
      layer: [
        zero,
        ...(previous.length > 0 ? [line('before', { strokeDash: [4, 4], strokeOpacity: 0.75, strokeWidth: 1.4 })] : []),
        line('now', {}),
        {
          transform: [{ filter: "datum.series == 'here'" }],
          mark: { type: 'point', size: 90, filled: true, opacity: 1 },
          encoding: { x, y: { field: 'point', type: 'quantitative' }, color: colored(types) },
        },
      ],
    },
  };
}

/** The value of a line between its points. */
function at(xs, ys, x) {
  const i = Math.min(xs.length - 2, Math.max(0, xs.findIndex((known) => known >= x) - 1));
  const [a, b] = [ys[i], ys[i + 1]];
  if (a == null || b == null) return a ?? b ?? null;
  return a + ((b - a) * (x - xs[i])) / (xs[i + 1] - xs[i]);
}

/** Edges of color classes: zero and three on either side, at round numbers. */
export function classes(largest) {
  const scale = 10 ** Math.floor(Math.log10(largest));
  const top = [5, 2, 1].map((m) => m * scale).find((one) => one <= largest) ?? scale;
  const steps = [0.1 * top, 0.4 * top, top].map((edge) => Number(edge.toPrecision(6)));
  return [...steps.map((edge) => -edge).reverse(), 0, ...steps];
}

/** Stopping margins over a state variable and a belief, one panel a type. */
export function marginSurface({ surfaces, variable, believed, attacker, unit }) {
  const rows = [];
  let largest = 1e-6;
  for (const surface of surfaces) {
    const step = surface.beliefs.length > 1 ? surface.beliefs[1] - surface.beliefs[0] : 1;
    const near = surface.beliefs.reduce((best, belief, i) => (Math.abs(belief - surface.start_belief) < Math.abs(surface.beliefs[best] - surface.start_belief) ? i : best), 0);
    surface.margins.forEach((line, row) => {
      line.forEach((margin, i) => {
        if (margin === null) return;
        largest = Math.max(largest, Math.abs(margin));
        const belief = surface.beliefs[i];
        const [from, to] = [Math.max(0, belief - step / 2), Math.min(1, belief + step / 2)];
        rows.push([surface.title, surface.labels[row], belief, margin, from, to, row === surface.start_row && i === near]);
      });
    });
  }
  const labels = [...(surfaces[0]?.labels ?? [])].reverse();
  const positive = rows.filter((row) => row[3] > 0).length;
  const x = { ...share(null, 'from'), axis: { title: null, format: '.0%', values: [0, 0.5, 1] } };
  const y = { field: 'state', type: 'ordinal', sort: labels, axis: { title: null, domain: false, ticks: false, labelOverlap: true } };
  const tooltip = [
    { field: 'type', title: 'type' },
    { field: 'state', title: variable },
    { field: 'belief', title: 'belief', format: '.0%' },
    { field: 'margin', title: 'margin', format: '.3~g' },
  ];
  return {
    id: 'margin-surface',
    title: 'Stopping margin by state and belief',
    read: 'Blue: stopping is better; brown: going on is. The outlined cell is where this war starts.',
    axis: `Vertical: ${variable}. Horizontal: belief that ${believed}. Color: stopping margin, ${unit}`,
    label: `Grid of colored cells: the stopping margin by ${variable} and belief, positive in ${positive} of ${rows.length} cells. Types of ${attacker}: ${surfaces.map((surface) => surface.title).join(', ')}.`,
    columns: ['type', 'state', 'belief', 'margin', 'from', 'to', 'start'],
    hidden: ['from', 'to', 'start'],
    headings: [`Type of ${attacker}`, variable, `Belief that ${believed}`, 'Stopping margin', 'from', 'to', 'start'],
    rows,
    layout: { facet: { min: 250, columns: surfaces.length, axis: 44 } },
    spec: {
      facet: { field: 'type', type: 'nominal', sort: surfaces.map((surface) => surface.title), header: { title: null } },
      spec: {
        height: { step: labels.length > 16 ? 10 : 18 },
        layer: [
          {
            mark: { type: 'rect', stroke: 'var(--paper)', strokeWidth: 0.5 },
            encoding: {
              x,
              x2: { field: 'to' },
              y,
              tooltip,
              color: {
                field: 'margin',
                type: 'quantitative',
                scale: {
                  type: 'threshold',
                  domain: classes(largest),
                  range: ['var(--go4)', 'var(--go3)', 'var(--go2)', 'var(--go1)', 'var(--stop1)', 'var(--stop2)', 'var(--stop3)', 'var(--stop4)'],
                },
                legend: { title: null, format: '.2~g', gradientLength: 220 },
              },
            },
          },
          {
            transform: [{ filter: 'datum.start' }],
            mark: { type: 'rect', fillOpacity: 0, stroke: 'var(--ink)', strokeWidth: 2 },
            encoding: { x, x2: { field: 'to' }, y },
          },
        ],
      },
    },
  };
}

const timeAxis = (dates) =>
  dates[0]
    ? { field: 'date', type: 'temporal', scale: { type: 'utc' }, axis: { title: null, format: dates.length > 30 ? '%Y' : '%b %Y', tickCount: dates.length > 30 ? 'year' : 4, labelFlush: false } }
    : null;

/** How many wars are still on, now and before the last change. */
export function survivalLines(now, before, period) {
  const rows = now.periods.map((n, i) => [now.dates[i], n, now.on[i], before?.on[i] ?? null]);
  const x = timeAxis(now.dates) ?? { field: 'period', type: 'quantitative', axis: { title: `${period}s from the start`, tickMinStep: 1, format: 'd' } };
  const y = (field) => ({ field, type: 'quantitative', scale: { domain: [0, 1] }, axis: { title: null, format: '.0%', values: [0, 0.25, 0.5, 0.75, 1] } });
  const tooltip = [
    { field: 'period', title: `${period}s passed` },
    { field: 'now', title: 'still on', format: '.1%' },
    { field: 'before', title: 'before the change', format: '.1%' },
  ];
  return {
    id: 'survival',
    title: 'Is the war still on?',
    read: before ? 'Share of wars still being fought; dashes are the case before the last change.' : 'Share of wars still being fought.',
    axis: 'Share of wars',
    label: `Line chart: share of wars still on, from ${percent(now.on[0])} to ${percent(now.on.at(-1))}.`,
    columns: ['date', 'period', 'now', 'before'],
    headings: ['Date', `${humane(period)}s passed`, 'Still on', 'Before the change'],
    rows,
    spec: {
      height: 180,
      layer: [
        ...(before ? [{ mark: { type: 'line', strokeDash: [4, 4], strokeOpacity: 0.75, strokeWidth: 1.4 }, encoding: { x, y: y('before') } }] : []),
        { mark: { type: 'line', point: { opacity: 0, size: 90 } }, encoding: { x, y: y('now'), tooltip } },
      ],
    },
  };
}

/** One chart of the record; `ends` are those of the axis of time, where other charts share it. */
export function recordChart(record, chart, place, ends) {
  const columns = chart.columns.map((name) => record.columns.find((column) => column.name === name)).filter(Boolean);
  const strip = chart.kind === 'strip' || columns.some((column) => column.words);
  const rows = [];
  record.dates.forEach((date, i) => {
    columns.forEach((column, c) => {
      const value = column.words ? column.words[i] : column.numbers[i];
      if (value === null || value === '') return;
      rows.push([date, chart.labels[c] ?? column.name, column.words ? humane(value) : value]);
    });
  });
  const labels = chart.labels;
  const x = { field: 'date', type: 'temporal', scale: { type: 'utc', ...(ends ? { domain: ends } : {}) }, axis: { title: null, format: '%Y', tickCount: 'year', labelFlush: false } };
  const words = [...new Set(rows.map((row) => row[2]))];
  const tooltip = [
    { field: 'date', title: 'when' },
    { field: 'series', title: 'what' },
    { field: 'value', title: 'value' },
  ];
  const series = { field: 'series', type: 'nominal', sort: null, scale: { domain: labels, range: COLORS.slice(0, labels.length) }, legend: labels.length > 1 ? { title: null } : null };
  const spec = strip
    ? {
        height: { step: 26 },
        mark: { type: 'rect', stroke: 'var(--paper)', strokeWidth: 0.5 },
        encoding: {
          x: { ...x, timeUnit: 'utcyearmonth', bandPosition: 0 },
          y: { field: 'series', type: 'nominal', sort: labels, axis: { title: null, ticks: false, domain: false } },
          color: { field: 'value', type: 'nominal', sort: null, scale: { domain: words, range: words.map((_, i) => COLORS[i % COLORS.length]) }, legend: { title: null } },
          tooltip,
        },
      }
    : {
        height: 170,
        mark: chart.kind === 'bar' ? { type: 'bar', width: { band: 0.85 } } : { type: 'line', point: { opacity: 0, size: 90 } },
        encoding: {
          x: chart.kind === 'bar' ? { ...x, timeUnit: 'utcyearmonth' } : x,
          y: { field: 'value', type: 'quantitative', scale: { zero: chart.kind === 'bar' }, axis: { title: null, minExtent: 40 } },
          color: series,
          tooltip,
        },
      };
  return {
    id: `record-${place + 1}`,
    title: chart.title,
    read: [chart.says, chart.source && `Source: ${chart.source}.`].filter(Boolean).join(' '),
    axis: chart.unit ? humane(chart.unit) : null,
    label: `${strip ? 'Strip' : chart.kind === 'bar' ? 'Bar chart' : 'Line chart'}: ${chart.title}, ${record.dates[0]} to ${record.dates.at(-1)}.`,
    columns: ['date', 'series', 'value'],
    headings: ['When', 'What', chart.unit ?? 'Value'],
    rows,
    layout: strip ? { labels: 'wrap' } : {},
    spec,
  };
}

/** What levers do to a number: bars from where it is without any to where they bring it. */
export function leverBars(rows, title, axis, base) {
  const x = (field) => ({ field, type: 'quantitative', scale: { zero: false }, axis: { title: null, format: '.3~g' } });
  return {
    id: 'levers',
    title,
    read: 'Each bar leads from the case without levers, at the dashes, to where the lever brings the margin. Right of the solid line stopping is better.',
    axis,
    label: `Bar chart of ${rows.length} sets of levers. ${axis} without any: ${plain(base)}; ${rows.map(([name, value]) => `${name}: ${plain(value)}`).join('; ')}.`,
    columns: ['name', 'value', 'base'],
    headings: ['Levers', axis, 'Without levers'],
    rows: rows.map(([name, value]) => [name, value, base]),
    layout: { labels: 'wrap', narrow: { height: { step: 48 } } },
    spec: {
      height: { step: 24 },
      encoding: { y: { field: 'name', type: 'nominal', sort: null, axis: { title: null, ticks: false, domain: false, labelLimit: 300 } } },
      layer: [
        {
          mark: { type: 'bar', height: { band: 0.6 } },
          encoding: {
            x: x('base'),
            x2: { field: 'value' },
            tooltip: [
              { field: 'name', title: 'levers' },
              { field: 'value', title: axis, format: '.3~g' },
            ],
          },
        },
        { mark: { type: 'rule', color: 'var(--ink)', strokeDash: [3, 3] }, encoding: { x: { datum: base }, y: null } },
        { mark: { type: 'rule', color: 'var(--ink)' }, encoding: { x: { datum: 0 }, y: null } },
      ],
    },
  };
}
