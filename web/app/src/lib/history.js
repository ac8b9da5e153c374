// Undo and redo over values that are never changed in place.

/** A line of values with a present one. */
export class History {
  constructor(first) {
    this.past = [];
    this.present = first;
    this.future = [];
  }

  /** Goes on to a new value; what was undone is forgotten. */
  push(value) {
    if (same(value, this.present)) return false;
    this.past.push(this.present);
    if (this.past.length > 200) this.past.shift();
    this.present = value;
    this.future = [];
    return true;
  }

  undo() {
    return this.step(this.past, this.future);
  }

  redo() {
    return this.step(this.future, this.past);
  }

  step(from, to) {
    if (from.length === 0) return false;
    to.push(this.present);
    this.present = from.pop();
    return true;
  }
}

/** Whether two values are the same, whatever the order of their keys. */
export function same(a, b) {
  return canonical(a) === canonical(b);
}

function canonical(value) {
  const ordered = (_, part) =>
    part !== null && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1))) : part;
  return JSON.stringify(value, ordered);
}
