// Draws charts: Vega-Lite specifications in the look of the reports, interpreted, never compiled to code.

import { View, Warn, logger, parse } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile } from 'vega-lite';

import { arrange, objects } from '../../../charts/src/layout.js';
import { config } from '../../../charts/src/theme.js';
import { tooltip } from '../../../charts/src/tooltip.js';

const quiet = () =>
  logger(Warn, 'warn', (method, _level, messages) => {
    const text = messages.join(' ');
    if (!text.includes('because spec has discrete')) console[method](text);
  });

/** Draws a chart into `place` at its present width; returns the view. */
export async function draw(place, chart) {
  const width = Math.floor(place.getBoundingClientRect().width);
  if (width < 40) return undefined;
  let view = await put(place, chart, width, 0);
  const spare = width - Number(place.querySelector('svg')?.getAttribute('width') ?? width);
  if (chart.layout?.facet && Math.abs(spare) > 3) {
    view.finalize();
    view = await put(place, chart, width, spare);
  }
  return view;
}

async function put(place, chart, width, spare) {
  const narrow = width < 420;
  const values = objects(chart, width);
  const { spec, room } = arrange(chart, values, width, narrow, spare);
  spec.data = { name: 'table' };
  spec.datasets = { table: values };
  const compiled = compile(spec, { config: config(narrow, room), logger: quiet() }).spec;
  const view = new View(parse(compiled, undefined, { ast: true }), {
    expr: expressionInterpreter,
    logLevel: Warn,
    renderer: 'svg',
    hover: true,
  });
  view.tooltip(tooltip);
  const fresh = document.createElement('div');
  fresh.setAttribute('aria-hidden', 'true'); // the place carries a label with the summary, and the table below it the numbers
  view.initialize(fresh);
  await view.runAsync();
  place.replaceChildren(fresh);
  return view;
}

/** The drawing as a file of its own: the page's colors are written into it. */
export function standalone(place) {
  const svg = place.querySelector('svg').cloneNode(true);
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const page = getComputedStyle(document.documentElement);
  const text = new XMLSerializer().serializeToString(svg);
  const colored = text.replace(/var\((--[\w-]+)\)/g, (_, name) => page.getPropertyValue(name).trim());
  const paper = page.getPropertyValue('--paper').trim();
  return colored.replace(/(<svg[^>]*>)/, `$1<rect width="100%" height="100%" fill="${paper}"/>`);
}
