/** Hands a text to the browser as a file. */
export function save(name, text, kind) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: kind }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** What the style sheet says of a shape. */
const STYLED = ['fill', 'stroke', 'stroke-width', 'stroke-linejoin', 'paint-order', 'font-family', 'font-size', 'font-weight'];

/** A drawing as a file of its own: what the style sheet says is written into it. */
export function still(svg) {
  const copy = svg.cloneNode(true);
  const shapes = 'path, circle, rect, line, text';
  const own = svg.querySelectorAll(shapes);
  copy.querySelectorAll(shapes).forEach((shape, i) => {
    const style = getComputedStyle(own[i]);
    for (const name of STYLED) shape.setAttribute(name, style.getPropertyValue(name));
  });
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const paper = getComputedStyle(document.documentElement).getPropertyValue('--paper').trim();
  return new XMLSerializer().serializeToString(copy).replace(/(<svg[^>]*>)/, `$1<rect width="100%" height="100%" fill="${paper}"/>`);
}
