// `npm test`, or `node --test`: needs node alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyFile, isRunOf, moduleName, rustHeader, withOption } from '../src/header.js';

const header = text => rustHeader(text.split('\n'));

test('a Rust cell is known by its magic, with others and blank lines above', () => {
  assert.deepEqual(header('%%rust_module geometry --release\nfn'), {
    row: 0, magic: 'module', words: ['geometry', '--release']
  });
  assert.equal(header('\n  \n%%time\n%%rust_main shout').row, 3);
  assert.equal(header('%%rust_test').magic, 'test');
});

test('other cells are none', () => {
  for (const text of [
    '', 'x', '%%rust_modules x', '%%rust_modul', '%%bash\n%%rust_module x', 'x\n%%rust_module y',
    ' %%rust_module x', '# %%rust_module x', '%rust_module x'
  ]) {
    assert.equal(header(text), null, text);
  }
});

test('a file says its language by its name, all others are Rust', () => {
  assert.equal(bodyFile(header('%%rust_file x "Cargo.toml"')), 'Cargo.toml');
  assert.equal(bodyFile(header('%%rust_file x')), '');
  assert.equal(bodyFile(header('%%rust_main x y.py')), 'lib.rs');
});

test('the name comes from the line or from the #[pymodule]', () => {
  assert.equal(moduleName('%%rust_module one --force\n#[pymodule] fn two() {}'), 'one');
  const named = '#[pymodule(gil_used = false)]\n#[pyo3(name = "x")]\npub(crate) mod two {}';
  assert.equal(moduleName(`%%rust_module --release\n${named}`), 'two');
  assert.equal(moduleName('%%rust_module\nfn f() {}'), null);
  assert.equal(moduleName('print(1)'), null);
});

test('an option goes to the end of the line, before the arguments of a program', () => {
  assert.equal(withOption('%%time\n%%rust_module x  \nfn', '--show'), '%%time\n%%rust_module x --show\nfn');
  assert.equal(withOption('%%rust_main x -- -- a', '--force'), '%%rust_main x --force -- -- a');
});

test('a run is known as that of a cell, also with --force', () => {
  assert.ok(isRunOf('%%rust_module x\nfn', '%%rust_module x\nfn'));
  assert.ok(isRunOf('%%rust_module x --force\nfn', '%%rust_module x\nfn'));
  assert.ok(!isRunOf('%%rust_module x\nfn', '%%rust_module x\nfn '));
  assert.ok(!isRunOf('%%rust_module x --force', 'print(1)'));
});
