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

/** The nodes of a way through a period: of those that the record allows the likeliest; of all, where nothing is on record. */
export function way(nodes) {
  const weight = (edge) => edge.passed ?? edge.probability;
  const out = [0];
  for (let node = nodes[0]; node.edges.length > 0; node = nodes[out.at(-1)]) {
    out.push(node.edges.reduce((best, edge) => (weight(edge) > weight(best) ? edge : best)).child);
  }
  return out;
}

/** By edge of a node: the share of what is on record that went on by it; nothing where nothing is. */
export function done(node) {
  const all = node.edges.reduce((sum, edge) => sum + (edge.passed ?? 0), 0);
  return all > 0 ? node.edges.map((edge) => edge.passed / all) : null;
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
