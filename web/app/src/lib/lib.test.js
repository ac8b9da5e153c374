import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EventParser } from './api.js';
import { change, percent, plain, points, quantity, when } from './format.js';
import { History, same } from './history.js';

test('numbers read as in reports', () => {
  assert.equal(plain(0.12345), '0.123');
  assert.equal(plain(-2.5), '−2.5');
  assert.equal(plain(12345), '12\u202f345');
  assert.equal(plain(null), '–');
  assert.equal(plain(0.00001), '1.0e−5');
  assert.equal(percent(0.5), '50\u202f%');
  assert.equal(percent(0.0001), '<\u202f0.1\u202f%');
  assert.equal(percent(0.9999), '>\u202f99.9\u202f%');
  assert.equal(points(-0.031), '−3.1');
  assert.equal(quantity({ value: null, undefined: 'no war ends' }), 'not defined: no war ends');
});

test('changes are differences, and none without two numbers', () => {
  assert.equal(change({ value: 0.5, percent: true }, { value: 0.4, percent: true }).text, '+10 points');
  assert.equal(change({ value: null }, { value: 1 }), null);
  assert.equal(change({ value: 1 }, { value: 1 }).text, 'as before');
});

test('dates are as precise as the period', () => {
  assert.equal(when('2026-01-01', 0, 'month'), 'Jan 2026');
  assert.equal(when('1939-11-30', 0, 'week'), '30 Nov 1939');
  assert.equal(when(null, 2, 'month'), 'month 3');
});

test('what was undone can be done again until something new happens', () => {
  const history = new History(0);
  assert.equal(history.push(0), false);
  history.push(1);
  history.push(2);
  assert.equal(history.undo(), true);
  assert.equal(history.present, 1);
  assert.equal(history.redo(), true);
  assert.equal(history.present, 2);
  history.undo();
  history.push(3);
  assert.equal(history.redo(), false);
  assert.deepEqual(history.past, [0, 1]);
});

test('events arrive whole, however they are cut', () => {
  const parser = new EventParser();
  const text = 'event: progress\ndata: {"done":1}\n\nevent: result\ndata: {"a":"b"}\n\n';
  const found = [...text].flatMap((letter) => parser.feed(letter));
  assert.deepEqual(found, [
    { name: 'progress', data: { done: 1 } },
    { name: 'result', data: { a: 'b' } },
  ]);
});

test('the order of keys does not tell values apart', () => {
  assert.ok(same({ a: 1, b: { c: [1, 2], d: null } }, { b: { d: null, c: [1, 2] }, a: 1 }));
  assert.ok(!same({ a: [1, 2] }, { a: [2, 1] }));
});
