// What the compiler said, at its place in the cell: underlined, explained on hover, one click to
// mend. It is shown only when a kernel answers a run of this very text, never from a stored
// output, and a line's marks go with the first edit of that line.

import {
  closeLintPanel, forEachDiagnostic, lintGutter, linter, nextDiagnostic, openLintPanel,
  setDiagnosticsEffect
} from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { ViewPlugin } from '@codemirror/view';
import { isRunOf } from './header.js';
import { placed } from './places.js';

const SOURCE = 'rustcell';

const compartment = new Compartment();

/** The extension of every editor; without problems it does nothing. */
export const problemMarks = [compartment.of([])];

// A notebook gives the focus back to the text when anything else in the editor gets it.
const focusMayStay = ViewPlugin.define(view => {
  const stop = event => event.target.closest('.cm-panel') && event.stopPropagation();
  view.dom.addEventListener('focusin', stop);
  return { destroy: () => view.dom.removeEventListener('focusin', stop) };
});

const shown = [
  focusMayStay,
  // Without a source of its own: what is shown comes from kernels alone.
  linter(null),
  lintGutter(),
  EditorState.transactionExtender.of(transaction => {
    if (!transaction.docChanged) {
      return null;
    }
    const kept = [];
    forEachDiagnostic(transaction.startState, (diagnostic, from, to) => {
      const moved = diagnostic.follow(transaction, from, to);
      moved && kept.push(moved);
    });
    return { effects: effects(kept) };
  })
];

function effects(diagnostics) {
  return [
    compartment.reconfigure(diagnostics.length ? shown : []),
    setDiagnosticsEffect.of(diagnostics)
  ];
}

function isTouched({ startState, changes }, { from, to }) {
  const { doc } = startState;
  return Boolean(changes.touchesRange(doc.lineAt(from).from, doc.lineAt(to).to));
}

/** A problem as the lint package knows it, able to move with the text. */
function diagnosticOf(problem, explain) {
  const { from, to, severity, message, code, fixes } = problem;
  const actions = fixes.map(({ title, edits }) => ({
    name: title,
    apply: view => {
      view.dispatch({ changes: edits, userEvent: 'input.rustcell' });
      view.focus();
    }
  }));
  if (code) {
    actions.push({ name: `Explain ${code}`, apply: () => explain(code) });
  }
  return {
    from, to, severity, message, actions, code,
    follow(transaction, nowFrom, nowTo) {
      const places = [{ from: nowFrom, to: nowTo }, ...fixes.flatMap(fix => fix.edits)];
      if (places.some(place => isTouched(transaction, place))) {
        return null;
      }
      const map = place => ({
        ...place,
        from: transaction.changes.mapPos(place.from, 1),
        to: transaction.changes.mapPos(place.to, -1)
      });
      const moved = fixes.map(fix => ({ ...fix, edits: fix.edits.map(map) }));
      return diagnosticOf({ ...problem, ...map(places[0]), fixes: moved }, explain);
    }
  };
}

/** A message of the compiler on one line, for those who hear it. */
function spoken(problems, text) {
  const errors = problems.filter(({ severity }) => severity !== 'info');
  if (errors.length === 0) {
    return '';
  }
  const [first] = errors;
  const line = text.slice(0, first.from).split('\n').length;
  const number = errors.length === 1 ? '1 problem' : `${errors.length} problems`;
  return `${number} in this Rust cell. Line ${line}: ${first.message.split('\n')[0]}`;
}

/**
 * Follows the kernels of notebooks and marks what they say about the cells they ran.
 */
export class Problems {
  /**
   * @param {(panel: object, code: string) => void} explain shows the explanation of an error code
   * @param {(text: string) => void} say gives a text to screen readers
   */
  constructor(explain, say) {
    this._explain = explain;
    this._say = say;
    this._waiting = new WeakMap();
  }

  /** Listen to the kernel that a notebook has, and to each that it gets. */
  follow(panel) {
    const { sessionContext } = panel;
    const listen = kernel => {
      const hear = (_, { msg, direction }) => {
        if (direction === 'recv' && msg.header.msg_type === 'execute_reply') {
          this._heard(panel, msg);
        }
      };
      kernel?.anyMessage.connect(hear);
    };
    sessionContext.kernelChanged.connect((_, { newValue }) => listen(newValue));
    listen(sessionContext.session?.kernel);
  }

  /** Show what was said about a cell before it had an editor. */
  resume(model, view) {
    const waiting = this._waiting.get(model);
    this._waiting.delete(model);
    if (waiting && waiting.text === view.state.doc.toString()) {
      view.dispatch({ effects: effects(waiting.diagnostics) });
    }
  }

  _heard(panel, { content, parent_header: parent }) {
    const said = content.payload?.find?.(item => item?.source === SOURCE);
    const cell = panel.content.widgets.find(
      ({ outputArea }) => outputArea?.future?.msg.header.msg_id === parent.msg_id
    );
    if (!said || !cell) {
      return;
    }
    const text = cell.model.sharedModel.getSource();
    // Places in a text that was edited while it was compiled would be wrong.
    const isCurrent = isRunOf(cell.outputArea.future.msg.content.code, text);
    const problems = isCurrent ? placed(said.problems, text) : [];
    const diagnostics = problems.map(found =>
      diagnosticOf(found, code => this._explain(panel, code))
    );
    this._say(spoken(problems, text));
    const view = cell.editor?.editor;
    if (view) {
      view.dispatch({ effects: effects(diagnostics) });
    } else {
      this._waiting.set(cell.model, { text, diagnostics });
    }
  }
}

/** The error codes that are marked in an editor, that at the cursor first. */
export function codesIn(view) {
  const { head } = view.state.selection.main;
  const here = [];
  const elsewhere = [];
  forEachDiagnostic(view.state, ({ code }, from, to) => {
    code && (from <= head && head <= to ? here : elsewhere).push(code);
  });
  return [...here, ...elsewhere];
}

/** Open the list of an editor's problems and go there; from there, close it. */
export function toggleList(view) {
  closeLintPanel(view) ? view.focus() : openLintPanel(view);
}

export { nextDiagnostic };
