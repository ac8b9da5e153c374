import assert from 'node:assert/strict';
import { test } from 'node:test';

import { csv, field } from './csv.js';
import { arrange, merge, objects, wrap } from './layout.js';

test('rows become objects', () => {
  assert.deepEqual(objects({ columns: ['a', 'b'], rows: [[1, 'x'], [null, 'y']] }), [{ a: 1, b: 'x' }, { a: null, b: 'y' }]);
});

test('long words are kept whole and lines stay short', () => {
  assert.equal(wrap('one two three', 7), 'one two\nthree');
  assert.equal(wrap('uninterrupted', 4), 'uninterrupted');
});

test('small multiples take as many columns as fit, at least one', () => {
  const chart = { spec: { facet: {}, spec: {} }, layout: { facet: { min: 200, columns: 3 } } };
  assert.equal(arrange(chart, [], 320, true).spec.columns, 1);
  assert.equal(arrange(chart, [], 900, false).spec.columns, 3);
  assert.equal(chart.spec.columns, undefined, 'the specification itself is not changed');
});

test('steps grow with the lines of their labels', () => {
  const chart = { columns: ['name'], rows: [['a fairly long name of a lever']], spec: { height: { step: 20 } }, layout: { wrap: { field: 'name', wide: 12, narrow: 8 } } };
  const values = objects(chart, 300);
  assert.equal(values[0].name, 'a fairly\nlong name of\na lever');
  assert.equal(arrange(chart, values, 300, true).spec.height.step, 50);
});

test('merging replaces scalars and reaches into lists', () => {
  assert.deepEqual(merge({ a: { b: 1, c: 2 }, l: [{ x: 1 }, { x: 2 }] }, { a: { b: 3 }, l: [{ x: 9 }] }), {
    a: { b: 3, c: 2 },
    l: [{ x: 9 }, { x: 2 }],
  });
});

test('CSV quotes what needs it and disarms formulas', () => {
  assert.equal(field('a "b", c'), '"a ""b"", c"');
  assert.equal(field('=1+1'), "'=1+1");
  assert.equal(field(-1.5), '-1.5');
  assert.equal(csv([['x', 'y'], [0.1, null]]), 'x,y\r\n0.1,\r\n');
});
