// A plain tooltip that needs no stylesheet of its own and no inline style attribute.

let box;

/** Called by Vega for the mark under the pointer. */
export function tooltip(_handler, event, _item, value) {
  if (!box) {
    box = document.createElement('div');
    box.className = 'tip';
    box.setAttribute('role', 'presentation');
    document.body.append(box);
  }
  if (value === null || value === undefined || value === '') {
    box.hidden = true;
    return;
  }
  box.replaceChildren(...lines(value));
  box.hidden = false;
  const room = box.getBoundingClientRect();
  const left = Math.min(event.clientX + 14, window.innerWidth - room.width - 8);
  const below = event.clientY + 18;
  const top = below + room.height > window.innerHeight ? event.clientY - room.height - 12 : below;
  box.style.left = `${Math.max(8, left)}px`;
  box.style.top = `${Math.max(8, top)}px`;
}

function lines(value) {
  const entries = typeof value === 'object' ? Object.entries(value) : [['', value]];
  return entries.map(([name, text]) => {
    const line = document.createElement('div');
    if (name) {
      const label = document.createElement('span');
      label.textContent = `${name}: `;
      line.append(label);
    }
    line.append(String(text));
    return line;
  });
}
