// Charts as the reports draw them, and a drawing as a file of its own.

import { draw as put } from '../../../charts/src/draw.js';

/** Draws a chart into `place` at its present width; returns the view, or nothing where there is no room. */
export async function draw(place, chart) {
  const width = Math.floor(place.getBoundingClientRect().width);
  return width < 40 ? undefined : put(place, chart, width);
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
