// Draws every chart of a report. The page holds, for each chart, an empty `div.plot[data-chart]` and a JSON data block with
// its Vega-Lite specification and its rows; nothing is fetched and nothing is evaluated as code.

import { chartCsv, offerDownloads } from './csv.js';
import { draw } from './draw.js';

/** Reads the data block of a chart. */
function load(plot) {
  return JSON.parse(document.getElementById(`data-${plot.dataset.chart}`).textContent);
}

/** Draws one chart at the present width of its place, unless it is drawn at that width already. */
async function fit(plot, chart) {
  const width = Math.floor(plot.getBoundingClientRect().width);
  if (width < 40) return; // folded away: drawn when it is opened
  if (plot.drawnWidth !== undefined && Math.abs(plot.drawnWidth - width) < 6) return;
  plot.drawnWidth = width;
  const old = plot.view;
  plot.view = await draw(plot, chart, width);
  old?.finalize();
}

/** Draws the chart, or says in its place why it could not be drawn. */
async function drawSafely(plot) {
  try {
    plot.chart ??= load(plot);
    await fit(plot, plot.chart);
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
