// The body of a Rust cell as Rust, its first lines as JupyterLab shows them.
//
// A cell's language is a mixed one: a tree of two nodes, made by the host's own parsers. It is put
// before the host's language in the very transaction that makes the cell a Rust cell, and taken
// away in the one that ends it.

import { Language, defineLanguageFacet, languageDataProp } from '@codemirror/language';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { EditorView, ViewPlugin } from '@codemirror/view';
import { NodeType, Parser, Tree, parseMixed } from '@lezer/common';
import { bodyFile, rustHeader } from './header.js';

const data = defineLanguageFacet();
const CELL = NodeType.define({ id: 0, name: 'RustCell', top: true, props: [[languageDataProp, data]] });
const BODY = NodeType.define({ id: 1, name: 'Body' });

const PYTHON = /^text\/x-i?python$|^text\/plain$/;
// More lines of magics and blanks above a cell's magic than anyone writes.
const HEAD_LIMIT = 4000;

/** Splits a cell: the first lines are few and parsed at once, the body is mounted. */
class CellParser extends Parser {
  constructor(head, body) {
    super();
    this._head = head;
    this._mount = parseMixed(node => (node.type === BODY ? { parser: body } : null));
  }

  createParse(input, fragments, ranges) {
    const advance = () => this._split(input);
    const split = { parsedPos: 0, stoppedAt: null, stopAt() {}, advance };
    return this._mount(split, input, fragments, ranges);
  }

  _split(input) {
    const start = input.read(0, Math.min(input.length, HEAD_LIMIT));
    const lines = start.split('\n');
    const row = rustHeader(lines)?.row ?? 0;
    const head = lines.slice(0, row + 1).join('\n');
    // Not mounted: some versions of @lezer/common enter a mounted first node from anywhere.
    const children = [this._head.parse(head)];
    const positions = [0];
    const from = head.length + 1;
    if (from < input.length) {
      children.push(new Tree(BODY, [], [], input.length - from));
      positions.push(from);
    }
    return new Tree(CELL, children, positions, input.length);
  }
}

/**
 * Make the editor extension that follows a cell's first lines.
 *
 * @param {import('@jupyterlab/codemirror').IEditorLanguageRegistry} registry
 * @returns {(model: object) => object[]} the extension of one editor, by its model
 */
export function rustCells(registry) {
  const none = [];
  const ready = new Map();
  const loading = new Set();
  const views = new Set();
  const compartment = new Compartment();

  async function parserOf(name) {
    return (await registry.getLanguage(name))?.support?.language.parser ?? plain;
  }

  async function load(language) {
    loading.add(language);
    const [head, body] = await Promise.all([parserOf('ipython'), parserOf(language)]);
    ready.set(language, cellSupport(head, body, language === 'Rust'));
    views.forEach(view => view.dispatch({}));
  }

  function languageOf(file) {
    const name = file.replace(/\.pyi$/, '.py');
    return registry.findByFileName(name)?.name ?? 'none';
  }

  function wanted(doc, model) {
    const header = PYTHON.test(model.mimeType) ? rustHeader(doc.iterLines()) : null;
    if (header === null) {
      return none;
    }
    const language = languageOf(bodyFile(header));
    if (!loading.has(language)) {
      load(language).catch(error => console.warn(`rustcell: no parser of ${language}`, error));
    }
    return ready.get(language) ?? none;
  }

  // The first Rust cell of a page shall not flash in Python's colours.
  load('Rust').catch(error => console.warn('rustcell: no parser of Rust', error));

  return model => [
    compartment.of(none),
    EditorState.transactionExtender.of(transaction => {
      const next = wanted(transaction.newDoc, model);
      const changes = compartment.get(transaction.startState) !== next;
      return changes ? { effects: compartment.reconfigure(next) } : null;
    }),
    ViewPlugin.define(view => {
      views.add(view);
      // A new editor shows its text before any transaction.
      queueMicrotask(() => views.has(view) && view.dispatch({}));
      return { destroy: () => views.delete(view) };
    })
  ];
}

function cellSupport(head, body, rust) {
  const language = new Language(data, new CellParser(head, body), [], 'rustcell');
  return Prec.highest([
    // A quote is a lifetime's as often as a character's: it is not closed by itself.
    rust ? EditorState.languageData.of(() => [{ closeBrackets: RUST_BRACKETS }]) : [],
    language.extension,
    EditorView.editorAttributes.of({ class: 'rustcell-editor' })
  ]);
}

const RUST_BRACKETS = { brackets: ['(', '[', '{', '"'], stringPrefixes: ['b', 'r', 'br'] };

const TEXT = NodeType.define({ id: 0, name: 'Text', top: true });

/** Parses text of no known language. */
const plain = new (class extends Parser {
  createParse(input, _fragments, ranges) {
    const { from } = ranges[0];
    const { to } = ranges[ranges.length - 1];
    const advance = () => new Tree(TEXT, [], [], to - from);
    return { parsedPos: from, stoppedAt: null, stopAt() {}, advance };
  }
})();
