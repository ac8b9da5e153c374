// Where the nodes of a stage tree stand on a page: one column a step, leaves one below the other.

export const COLUMN = 205;
export const LINE = 30;

/**
 * The visible part of a tree, laid out: `open` says which nodes show their children.
 *
 * Returns `{ places, width, height }`; a place is `{ id, x, y, parent, edge, folded }`.
 */
export function layout(nodes, open) {
  const places = [];
  let line = 0;
  let depth = 0;
  const put = (id, column, parent, edge) => {
    depth = Math.max(depth, column);
    const place = { id, x: column * COLUMN + 16, y: 0, parent, edge, folded: nodes[id].edges.length > 0 && !open.has(id) };
    places.push(place);
    if (nodes[id].edges.length === 0 || !open.has(id)) {
      place.y = line * LINE + 24;
      line += 1;
      return place;
    }
    const children = nodes[id].edges.map((next, i) => put(next.child, column + 1, place, i));
    place.y = (children[0].y + children.at(-1).y) / 2;
    return place;
  };
  if (nodes.length > 0) put(0, 0, null, null);
  return { places, width: (depth + 1) * COLUMN + 60, height: line * LINE + 24 };
}
