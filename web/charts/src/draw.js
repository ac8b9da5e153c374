// Draws one chart, for the report and for the web app alike: compiled from Vega-Lite, its expressions parsed to a syntax tree and
// interpreted, so that a content security policy without `unsafe-eval` holds.

import { View, Warn, logger, parse } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile } from 'vega-lite';

import { arrange, objects } from './layout.js';
import { config } from './theme.js';
import { tooltip } from './tooltip.js';

/** Warnings of Vega-Lite, but for one that only says that a height is given in steps. */
function quiet() {
  return logger(Warn, 'warn', (method, _level, messages) => {
    const text = messages.join(' ');
    if (!text.includes('because spec has discrete')) console[method](text);
  });
}

/** Draws a chart into `place`, `width` wide; returns the view. The drawing is hidden from screen readers where `place` has words for it. */
export async function draw(place, chart, width) {
  const view = await put(place, chart, width, 0);
  // How much room the axes of small multiples take is known only when they are drawn.
  const spare = width - Number(place.querySelector('svg')?.getAttribute('width') ?? width);
  if (!chart.layout?.facet || Math.abs(spare) <= 3) return view;
  view.finalize();
  return put(place, chart, width, spare);
}

async function put(place, chart, width, spare) {
  const narrow = width < 420;
  const values = objects(chart, width);
  const { spec, room } = arrange(chart, values, width, narrow, spare);
  spec.data ??= { name: 'table' };
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
  if (place.hasAttribute('aria-label')) fresh.setAttribute('aria-hidden', 'true');
  view.initialize(fresh);
  await view.runAsync();
  place.replaceChildren(fresh);
  return view;
}
