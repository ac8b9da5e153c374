// Charts of what the model makes of a record and of what it expects after it.

import { percent, plain } from './format.js';
import { COLORS, colored, zero } from './specs.js';

const moment = (date) => {
  const [year, month, day = 1] = date.split('-').map(Number);
  return { year, month, date: day, utc: true };
};

/** The first and the last of some dates, as the ends of an axis that several charts share; nothing without dates. */
export function span(dates) {
  const known = dates.filter(Boolean).sort();
  return known.length > 1 ? [moment(known[0]), moment(known.at(-1))] : null;
}

/** Years where the axis is long; where it is short no label twice. */
function timeAxis(dates, ends, period) {
  if (!dates.some(Boolean)) return { field: 'row', type: 'quantitative', axis: { title: `${period}s`, format: 'd', tickMinStep: 1 } };
  const days = period === 'day' || period === 'week';
  const step = { interval: 'month', step: Math.max(1, Math.ceil(dates.length / 6)) };
  const ticks = days ? { format: '%-d %b %Y', tickCount: 4 } : dates.length > 24 ? { format: '%Y', tickCount: 'year' } : { format: '%b %Y', tickCount: step };
  return { field: 'date', type: 'temporal', scale: { type: 'utc', ...(ends ? { domain: ends } : {}) }, axis: { title: null, ...ticks, labelFlush: false } };
}

/** Private types to be drawn: of two types the second says it all. */
export function drawnTypes(players) {
  return players.flatMap((player, p) => {
    const own = player.types.map((type, t) => ({ p, t, player: player.name, kind: type.name, title: `${player.title}: ${type.title}` }));
    return own.length === 2 ? own.slice(1) : own.length > 2 ? own : [];
  });
}

/** Lines by type over the months of a record; the month that is looked at is marked, and any can be clicked. */
function monthLines({ found, ends, at, period }, { id, title, read, axis, heading, series, shares }) {
  const { dates } = found;
  const rows = dates.flatMap((date, row) => series.map(({ name, values }) => [date, row, name, values[row] ?? null]));
  const x = timeAxis(dates, ends, period);
  const y = {
    field: 'value',
    type: 'quantitative',
    ...(shares ? { scale: { domain: [0, 1] } } : {}),
    axis: { title: null, format: shares ? '.0%' : '.3~g', minExtent: 40, ...(shares ? { values: [0, 0.25, 0.5, 0.75, 1] } : {}) },
  };
  const words = (row) => series.map(({ name, values }) => `${name} ${shares ? percent(values[row]) : plain(values[row])}`).join('; ');
  return {
    id,
    title,
    read,
    axis,
    label: `Line chart over ${dates.length} ${period}s. At the ${period} looked at: ${words(at)}.`,
    columns: ['date', 'row', 'type', 'value'],
    hidden: ['row'],
    headings: ['When', 'Row', 'Type', heading],
    rows,
    spec: {
      height: 190,
      layer: [
        ...(shares ? [] : [zero]),
        { transform: [{ filter: `datum.row == ${at}` }], mark: { type: 'rule', color: 'var(--ink)', strokeWidth: 1, strokeDash: [2, 2] }, encoding: { x } },
        { mark: { type: 'rule', strokeWidth: 9, strokeOpacity: 0, cursor: 'pointer' }, encoding: { x } },
        {
          mark: { type: 'line', point: { opacity: 0, size: 90 }, cursor: 'pointer' },
          encoding: {
            x,
            y,
            color: colored(series.map(({ name }) => name)),
            tooltip: [
              ...(dates.some(Boolean) ? [{ field: 'date', title: 'at the start of' }] : [{ field: 'row', title: period }]),
              { field: 'type', title: 'type' },
              { field: 'value', title: heading.toLowerCase(), format: shares ? '.1%' : '.3~g' },
            ],
          },
        },
      ],
    },
  };
}

/** What was believed month by month. */
export function beliefMonths(where, types) {
  const { found, period } = where;
  let next = 0;
  const first = found.players.map((player) => {
    const own = next;
    next += player.types.length;
    return own;
  });
  const series = types.map(({ p, t, title }) => ({ name: title, values: found.beliefs.map((belief) => belief?.[first[p] + t] ?? null) }));
  return monthLines(where, {
    id: 'beliefs',
    title: `What could be believed, ${period} by ${period}`,
    read: `Probability of private types given everything on record before the ${period}, with what was not seen integrated out.`,
    axis: 'Probability',
    heading: 'Probability',
    series,
    shares: true,
  });
}

/** Stopping margins month by month; of `players`, by name. */
export function marginMonths(where, players, { id, title }) {
  const { found } = where;
  const named = found.players.filter((player) => players.includes(player.name));
  const value = (month, player, kind) => month.find((margin) => margin.player === player && margin.kind === kind)?.margin ?? null;
  const series = named
    .flatMap((player) => player.types.map((type) => ({ name: player.types.length < 2 ? player.title : named.length > 1 ? `${player.title}: ${type.title}` : type.title, values: found.margins.map((month) => value(month, player.name, type.name)) })))
    .filter(({ values }) => values.some((value) => value !== null))
    .slice(0, COLORS.length);
  return monthLines(where, {
    id,
    title,
    read: 'Above the line stopping was better than going on. By type, averaged over what the record leaves open.',
    axis: 'Stopping margin, payoff units',
    heading: 'Stopping margin',
    series,
    shares: false,
  });
}

const BAND = 1.96;

/** An interval of 95 percent around a probability: parameters and simulation together. */
export function interval({ value, parameter_uncertainty: parameters, simulation_error: simulation }) {
  const wide = BAND * Math.hypot(parameters, simulation);
  return [Math.max(0, value - wide), Math.min(1, value + wide)];
}

/** Whether the war is over, by month. */
export function overLines(quantities, dates, { period, draws }) {
  const rows = quantities.map((quantity, i) => [dates[i], i + 1, quantity.value, ...interval(quantity)]);
  const x = timeAxis(dates, null, period);
  if (x.field === 'row') x.field = 'n';
  const y = (field) => ({ field, type: 'quantitative', scale: { domainMin: 0 }, axis: { title: null, format: '.0%' } });
  return {
    id: 'forecast-over',
    title: 'Is the war over?',
    read: `Probability that the war is over by the end of the ${period}. Band: 95 %, ${draws > 1 ? 'from the uncertainty of parameters and' : 'from'} the error of simulation${draws > 1 ? '' : ' alone'}.`,
    axis: 'Probability',
    label: `Line chart: the probability that the war is over, from ${percent(rows[0]?.[2])} to ${percent(rows.at(-1)?.[2])}.`,
    columns: ['date', 'n', 'value', 'low', 'high'],
    headings: ['By the end of', `${period}s after the record`, 'Probability', 'Low, 95 %', 'High, 95 %'],
    rows,
    spec: {
      height: 200,
      layer: [
        { mark: { type: 'area', color: 'var(--c1)', opacity: 0.2 }, encoding: { x, y: y('low'), y2: { field: 'high' } } },
        {
          mark: { type: 'line', point: { size: 30 } },
          encoding: { x, y: y('value'), tooltip: [{ field: x.field, title: 'by the end of' }, { field: 'value', title: 'over', format: '.1%' }, { field: 'low', format: '.1%' }, { field: 'high', format: '.1%' }] },
        },
      ],
    },
  };
}

/** A number of the record, and its fan. */
export function fan({ name, past }, quantities, dates, { period, last }) {
  const from = quantities[0].rule.from;
  const known = past.filter(([, value]) => value !== null).slice(-36);
  const rows = known.map(([date, value], i) => [date, i - known.length + 1, value, null, null, null, null, null]);
  rows.push([last, 0, null, from, from, from, from, from]);
  quantities.forEach((quantity, i) => rows.push([dates[i], i + 1, null, ...quantity.quantiles.map((change) => from + change)]));
  const x = timeAxis(rows.map(([date]) => date), null, period);
  if (x.field === 'row') x.field = 'n';
  const y = (field) => ({ field, type: 'quantitative', scale: { zero: false }, axis: { title: null, format: '.4~g' } });
  const band = (low, high, opacity) => ({ mark: { type: 'area', color: 'var(--c1)', opacity }, encoding: { x, y: y(low), y2: { field: high } } });
  const tooltip = [{ field: x.field, title: 'when' }, { field: 'observed' }, { field: 'p5', title: '5 %', format: '.4~g' }, { field: 'p50', title: 'median', format: '.4~g' }, { field: 'p95', title: '95 %', format: '.4~g' }];
  return {
    id: `forecast-${name}`,
    title: `How does “${name}” go on?`,
    read: 'Black: on record. Blue: the median, with half and nine tenths of the wars that are still on inside the bands.',
    axis: name,
    label: `Fan chart of ${name}: ${plain(from)} at the end of the record; the last median is ${plain(rows.at(-1)[5])}, nine tenths lie between ${plain(rows.at(-1)[3])} and ${plain(rows.at(-1)[7])}.`,
    columns: ['date', 'n', 'observed', 'p5', 'p25', 'p50', 'p75', 'p95'],
    headings: ['When', `${period}s after the record`, 'Observed', '5 %', '25 %', 'Median', '75 %', '95 %'],
    rows,
    spec: {
      height: 200,
      layer: [
        { transform: [{ filter: 'datum.p5 !== null' }], layer: [band('p5', 'p95', 0.2), band('p25', 'p75', 0.3), { mark: { type: 'line' }, encoding: { x, y: y('p50'), tooltip } }] },
        { transform: [{ filter: 'datum.observed !== null' }], mark: { type: 'line', color: 'var(--ink)', point: { opacity: 0, size: 90 } }, encoding: { x, y: y('observed'), tooltip } },
      ],
    },
  };
}

/** What is done next, by kind. */
export function moveBars({ name, title, player, kinds }, when) {
  const rows = kinds.map(({ title: kind, quantity }) => [kind, quantity.value, ...interval(quantity)]);
  const x = (field) => ({ field, type: 'quantitative', scale: { domain: [0, 1] }, axis: { title: null, format: '.0%', values: [0, 0.25, 0.5, 0.75, 1] } });
  const lines = Math.max(...kinds.map((kind) => Math.ceil(kind.title.length / 30)));
  const wide = kinds.some(({ quantity }) => quantity.parameter_uncertainty > 0);
  return {
    id: `forecast-${name}`,
    title: `${title}, ${when}`,
    read: `${player ? `${player} chooses; ` : ''}given that the move is made.${wide ? ' Lines: 95 %, from the uncertainty of parameters.' : ''}`,
    axis: 'Probability',
    label: `Bar chart: ${rows.map(([kind, value]) => `${kind} ${percent(value)}`).join('; ')}.`,
    columns: ['kind', 'value', 'low', 'high'],
    headings: [title, 'Probability', 'Low, 95 %', 'High, 95 %'],
    rows,
    layout: { labels: 'wrap', narrow: { height: { step: 30 + 20 * (lines - 1) } } },
    spec: {
      height: { step: 30 + 13 * (lines - 1) },
      encoding: { y: { field: 'kind', type: 'nominal', sort: null, axis: { title: null, ticks: false, domain: false, labelLimit: 300 } } },
      layer: [
        { mark: { type: 'bar', height: { band: 0.6 } }, encoding: { x: x('value'), tooltip: [{ field: 'kind', title: 'what' }, { field: 'value', title: 'probability', format: '.1%' }] } },
        ...(wide ? [{ mark: { type: 'rule', color: 'var(--ink)', strokeWidth: 1.4 }, encoding: { x: x('low'), x2: { field: 'high' } } }] : []),
      ],
    },
  };
}
