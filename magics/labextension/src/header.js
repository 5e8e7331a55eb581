// What the first lines of a cell say about it. Pure text; tested in node.

// Magics that may stand above the Rust magic of the same cell.
const OUTER = /^%%(?:time|timeit|capture|prun)\b/;
const HEADER = /^%%rust_(module|main|test|file)(?:\s+(.*))?$/;
const PYMODULE = /#\[pymodule\b[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))?\s+)?(?:fn|mod)\s+(\w+)/;

/**
 * Find the Rust magic of a cell.
 *
 * @param {Iterable<string>} lines the cell, from its first line on
 * @returns {{row: number, magic: string, words: string[]} | null}
 *   its row from 0, `module`, `main`, `test` or `file`, and what follows it; null: no Rust cell
 */
export function rustHeader(lines) {
  let row = 0;
  for (const line of lines) {
    const found = HEADER.exec(line.trimEnd());
    if (found) {
      return { row, magic: found[1], words: (found[2] || '').split(/\s+/).filter(Boolean) };
    }
    if (line.trim() && !OUTER.test(line)) {
      return null;
    }
    row++;
  }
  return null;
}

/**
 * The file whose language the body is written in, by its name.
 */
export function bodyFile({ magic, words }) {
  return magic === 'file' ? (words[1] || '').replace(/["']/g, '') : 'lib.rs';
}

/**
 * The module or program that a Rust cell makes: its NAME, or that of its #[pymodule].
 */
export function moduleName(source) {
  const lines = source.split('\n');
  const header = rustHeader(lines);
  const [first] = header?.words ?? [];
  if (first && !first.startsWith('-')) {
    return first;
  }
  return header ? (PYMODULE.exec(source)?.[1] ?? null) : null;
}

/**
 * The same cell with one more option at the end of its magic line.
 */
export function withOption(source, option) {
  const lines = source.split('\n');
  const { row } = rustHeader(lines);
  const [before, ...programArguments] = lines[row].split(' -- ');
  lines[row] = [`${before.trimEnd()} ${option}`, ...programArguments].join(' -- ');
  return lines.join('\n');
}

/** The option that builds a cell although nothing changed. */
export const FORCE = '--force';

/** Whether code that was run is a cell's text, be it with --force. */
export function isRunOf(code, text) {
  const isRust = rustHeader(text.split('\n')) !== null;
  return code === text || (isRust && code === withOption(text, FORCE));
}
