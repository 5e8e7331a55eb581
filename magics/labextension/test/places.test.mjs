import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placed } from '../src/places.js';

const TEXT = 'fn f() {\n  "ü🦀" + 1\n}';
const at = (start, end, more = {}) => ({ start, end, severity: 'error', message: 'm', ...more });
const marked = problem => placed([problem], TEXT).map(({ from, to }) => TEXT.slice(from, to))[0];

test('columns are characters, offsets are units of UTF-16', () => {
  assert.equal(marked(at([2, 3], [2, 7])), '"ü🦀"');
  assert.equal(marked(at([2, 10], [2, 11])), '1');
  assert.equal(marked(at([1, 8], [3, 2])), '{\n  "ü🦀" + 1\n}');
});

test('every place ends up inside the text', () => {
  const bad = [[0, 0], [-1, 5], [99, 1], [2, 10 ** 12], [NaN, NaN], ['x', {}], null, undefined, 7];
  for (const start of bad) {
    for (const end of bad) {
      const [{ from, to }] = placed([at(start, end)], TEXT);
      assert.ok(0 <= from && from <= to && to <= TEXT.length, `${start} ${end}: ${from} ${to}`);
    }
  }
});

test('what is no problem, or too much, is cut', () => {
  assert.deepEqual(placed('no list', TEXT), []);
  assert.deepEqual(placed(undefined, TEXT), []);
  assert.equal(placed(Array(1000).fill(at([1, 1], [1, 2])), TEXT).length, 200);
  const [found] = placed([{ message: 7, severity: 'x', code: 'E1; import os', fixes: 3 }], TEXT);
  assert.deepEqual([found.message, found.severity, found.code, found.fixes], ['', 'info', '', []]);
  assert.equal(placed([at([1, 1], [1, 2], { message: 'x'.repeat(1e6) })], TEXT)[0].message.length, 8000);
});

test('edits that overlap, or are none, are not offered', () => {
  const edit = (start, end, text = 'x') => ({ start, end, text });
  const fixes = edits => placed([at([1, 1], [1, 2], { fixes: [{ title: 't', edits }] })], TEXT)[0].fixes;
  assert.equal(fixes([]).length, 0);
  assert.equal(fixes([edit([1, 1], [1, 5]), edit([1, 3], [1, 7])]).length, 0);
  const [{ edits }] = fixes([edit([2, 1], [2, 2]), edit([1, 1], [1, 2])]);
  assert.deepEqual(edits.map(({ from, insert }) => [from, insert]), [[0, 'x'], [9, 'x']]);
});
