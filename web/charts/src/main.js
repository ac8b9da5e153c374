// Draws every chart of a report. The page holds, for each chart, an empty `div.plot[data-chart]` and a JSON data block with
// its Vega-Lite specification and its rows; nothing is fetched and nothing is evaluated as code: Vega's expressions are
// parsed to a syntax tree and interpreted, so that a content security policy without `unsafe-eval` holds.

import { View, Warn, logger, parse } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile } from 'vega-lite';

import { chartCsv, offerDownloads } from './csv.js';
import { arrange, objects } from './layout.js';
import { config } from './theme.js';
import { tooltip } from './tooltip.js';

/** Reads the data block of a chart. */
function load(plot) {
  return JSON.parse(document.getElementById(`data-${plot.dataset.chart}`).textContent);
}

/** Warnings of Vega-Lite, but for one that only says that a height is given in steps. */
function quiet() {
  return logger(Warn, 'warn', (method, _level, messages) => {
    const text = messages.join(' ');
    if (!text.includes('because spec has discrete')) console[method](text);
  });
}

/** Draws one chart at the present width of its place. */
async function draw(plot, chart) {
  const width = Math.floor(plot.getBoundingClientRect().width);
  if (width < 40) return; // folded away: drawn when it is opened
  if (plot.drawnWidth !== undefined && Math.abs(plot.drawnWidth - width) < 6) return;
  plot.drawnWidth = width;
  const old = plot.view;
  plot.view = await place(plot, chart, width, 0);
  // How much room the axes of small multiples take is known only when they are drawn.
  const spare = width - Number(plot.querySelector('svg')?.getAttribute('width') ?? width);
  if (chart.layout?.facet && Math.abs(spare) > 3) {
    plot.view.finalize();
    plot.view = await place(plot, chart, width, spare);
  }
  old?.finalize();
}

/** Compiles, draws and puts the drawing into its place. */
async function place(plot, chart, width, spare) {
  const narrow = width < 420;
  const values = objects(chart, width);
  const { spec, room } = arrange(chart, values, width, narrow, spare);
  spec.datasets = { ...spec.datasets, table: values };
  const compiled = compile(spec, { config: config(narrow, room), logger: quiet() }).spec;
  const view = new View(parse(compiled, undefined, { ast: true }), {
    expr: expressionInterpreter,
    logLevel: Warn,
    renderer: 'svg',
    hover: true,
  });
  view.tooltip(tooltip);
  const fresh = document.createElement('div');
  view.initialize(fresh);
  await view.runAsync();
  plot.replaceChildren(fresh);
  return view;
}

/** Draws the chart, or says in its place why it could not be drawn. */
async function drawSafely(plot) {
  try {
    plot.chart ??= load(plot);
    await draw(plot, plot.chart);
  } catch (error) {
    plot.textContent = 'This chart could not be drawn; its numbers are in the table below it.';
    console.error(`chart ${plot.dataset.chart}: ${error.message}`);
  }
}

async function main() {
  const plots = [...document.querySelectorAll('.plot[data-chart]')];
  let pending = 0;
  const redraw = () => {
    clearTimeout(pending);
    pending = setTimeout(() => plots.forEach(drawSafely), 150);
  };
  for (const plot of plots) {
    await drawSafely(plot);
    await new Promise((resolve) => setTimeout(resolve)); // let the page answer between charts
  }
  window.addEventListener('resize', redraw);
  for (const details of document.querySelectorAll('details')) details.addEventListener('toggle', redraw);
  offerDownloads((id) => {
    const plot = plots.find((candidate) => candidate.dataset.chart === id);
    return plot?.chart ? chartCsv(plot.chart) : undefined;
  });
  document.documentElement.dataset.charts = 'drawn';
}

main();
