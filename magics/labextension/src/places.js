// The compiler's places as offsets of a cell's text. Pure; tested in node.
//
// rustc counts lines and columns from 1, columns in characters; an editor counts from 0, in UTF-16
// units. What a message says is not trusted: each place ends up inside the text.

const MOST = 200;
const LONGEST = 8000;
const SEVERITIES = ['error', 'warning', 'info'];

function offsetOf(lines, starts, place) {
  const line = Math.trunc(Number(place?.[0]));
  const column = Math.trunc(Number(place?.[1]));
  if (!(line >= 1)) {
    return 0;
  }
  if (line > lines.length) {
    return starts[lines.length] - 1;
  }
  const before = Array.from(lines[line - 1]).slice(0, Math.max(column - 1, 0) || 0);
  return starts[line - 1] + before.join('').length;
}

function textOf(value) {
  return typeof value === 'string' ? value.slice(0, LONGEST) : '';
}

function listOf(value) {
  return Array.isArray(value) ? value.slice(0, MOST) : [];
}

/**
 * Read what a kernel sent about a cell's text.
 *
 * @param {unknown} problems see `rustcell/notebook/frontend.py`
 * @param {string} text the text that was compiled
 * @returns {{from: number, to: number, severity: string, message: string, code: string,
 *   fixes: {title: string, edits: {from: number, to: number, insert: string}[]}[]}[]}
 *   in the order of the text
 */
export function placed(problems, text) {
  const lines = text.split('\n');
  const starts = [0];
  lines.forEach(line => starts.push(starts[starts.length - 1] + line.length + 1));

  function range(place) {
    const from = offsetOf(lines, starts, place?.start);
    return { from, to: Math.max(from, offsetOf(lines, starts, place?.end)) };
  }

  const found = listOf(problems).map(problem => ({
    ...range(problem),
    severity: SEVERITIES.includes(problem?.severity) ? problem.severity : 'info',
    message: textOf(problem?.message),
    code: /^E\d{4}$/.test(problem?.code) ? problem.code : '',
    fixes: listOf(problem?.fixes).map(fix => ({
      title: textOf(fix?.title),
      edits: inOrder(listOf(fix?.edits).map(edit => ({ ...range(edit), insert: textOf(edit?.text) })))
    }))
  }));
  found.forEach(problem => (problem.fixes = problem.fixes.filter(fix => isSound(fix.edits))));
  return inOrder(found);
}

function inOrder(ranges) {
  return ranges.sort((a, b) => a.from - b.from || a.to - b.to);
}

/** Whether edits can be made together: there are some, and none reaches into the next. */
function isSound(edits) {
  return edits.length > 0 && edits.every((edit, n) => n === 0 || edits[n - 1].to <= edit.from);
}
