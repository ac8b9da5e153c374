// Moving through the stages of a war: which nodes of a period were passed, and what its words are.

/** The nodes passed from the root by a list of edge positions; the last one is where play stands. */
export function passed(nodes, path) {
  const out = [0];
  for (const position of path) {
    const edge = nodes[out.at(-1)]?.edges[position];
    if (!edge) break;
    out.push(edge.child);
  }
  return out;
}

/** Position of the likeliest edge of a node. */
export function likeliest(node) {
  let best = 0;
  node.edges.forEach((edge, i) => {
    if (edge.probability > node.edges[best].probability) best = i;
  });
  return best;
}

/** The types of every player with their places in a flat list of numbers by slot. */
export function slots(players) {
  let next = 0;
  return players.map((player) => {
    const first = next;
    next += player.types.length;
    return { ...player, first };
  });
}

/** The state in words. */
export const stateText = (values) => values.map(([title, label]) => `${title}: ${label}`).join(' · ');
