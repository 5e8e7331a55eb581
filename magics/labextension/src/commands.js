// What the palette, the toolbar's button and the keyboard offer for Rust cells.

import { InputDialog, MainAreaWidget } from '@jupyterlab/apputils';
import { NotebookActions } from '@jupyterlab/notebook';
import { OutputArea, SimplifiedOutputArea, OutputAreaModel } from '@jupyterlab/outputarea';
import { FORCE, moduleName, rustHeader, withOption } from './header.js';
import { rustIcon } from './icons.js';
import { codesIn, nextDiagnostic, toggleList } from './problems.js';

const CATEGORY = 'Rust cells';

const NAME = 'NAME';
const TEMPLATE = `%%rust_module ${NAME}
use pyo3::prelude::*;

#[pyfunction]
fn answer() -> i64 {
    42
}
`;

/** Run code in a notebook's kernel and show what it answers in a tab beside the notebook. */
export async function showBeside(app, panel, title, code) {
  const area = new SimplifiedOutputArea({
    model: new OutputAreaModel(),
    rendermime: panel.content.rendermime
  });
  area.addClass('rustcell-answer');
  const widget = new MainAreaWidget({ content: area });
  widget.title.label = title;
  widget.title.icon = rustIcon;
  widget.node.setAttribute('aria-label', title);
  app.shell.add(widget, 'main', { mode: 'split-right', ref: panel.id });
  app.shell.activateById(widget.id);
  const { kernel } = panel.sessionContext.session ?? {};
  if (!kernel) {
    throw new Error('rustcell: the notebook has no kernel');
  }
  // The notebook's count of executions stays as it is.
  area.future = kernel.requestExecute({ code, store_history: false, allow_stdin: false });
  await area.future.done;
}

/** Show rustc's own explanation of an error code. */
export function explain(app, panel, code) {
  return showBeside(app, panel, code, `%rust_explain ${code}`);
}

/** Run a cell as it would be with --force, its outputs where they always are. */
async function rebuild(cell, sessionContext) {
  const source = cell.model.sharedModel.getSource();
  cell.model.executionCount = null;
  cell.setPrompt('*');
  try {
    const code = withOption(source, FORCE);
    const reply = await OutputArea.execute(code, cell.outputArea, sessionContext, {
      cellId: cell.model.sharedModel.getId()
    });
    cell.model.executionCount = reply.content.execution_count;
  } finally {
    cell.setPrompt(cell.model.executionCount ? String(cell.model.executionCount) : '');
  }
}

/**
 * Add the commands to the application, and to the palette if there is one.
 */
export function addCommands(app, tracker, palette) {
  const current = () => tracker.currentWidget;
  const source = () => tracker.activeCell?.model.sharedModel.getSource() ?? '';
  const view = () => tracker.activeCell?.editor?.editor;
  const header = () =>
    tracker.activeCell?.model.type === 'code' ? rustHeader(source().split('\n')) : null;
  const isRust = () => header() !== null;
  const isBuilt = () => isRust() && header().magic !== 'file';

  async function newCell() {
    const { content } = current();
    NotebookActions.insertBelow(content);
    NotebookActions.changeCellType(content, 'code');
    const cell = content.activeCell;
    cell.model.sharedModel.setSource(TEMPLATE);
    await cell.ready;
    content.mode = 'edit';
    // What is typed next is its name.
    const from = TEMPLATE.indexOf(NAME);
    view().dispatch({ selection: { anchor: from, head: from + NAME.length } });
    view().focus();
  }

  async function askForCode() {
    const asked = await InputDialog.getText({
      title: 'Explain an error of rustc',
      label: 'Error code',
      placeholder: 'E0382'
    });
    return asked.button.accept ? asked.value?.trim() : '';
  }

  async function explainError() {
    const panel = current();
    const code = (view() && codesIn(view())[0]) || (await askForCode());
    if (code) {
      await explain(app, panel, code.replace(/\W/g, ''));
    }
  }

  const commands = {
    'new-cell': ['New Rust Cell', () => Boolean(current()), newCell],
    'show-crate': [
      'Show Generated Crate', isBuilt,
      () => showBeside(app, current(), 'Generated crate', withOption(source(), '--show'))
    ],
    'expand-macros': [
      'Expand Macros', () => isBuilt() && moduleName(source()) !== null,
      () => showBeside(
        app, current(), `Expanded ${moduleName(source())}`, `%rust_expand ${moduleName(source())}`
      )
    ],
    'rebuild': [
      'Build Again and Run', isBuilt,
      () => rebuild(tracker.activeCell, current().sessionContext)
    ],
    'explain-error': ["Explain the Compiler's Error", () => Boolean(current()), explainError],
    'next-problem': ['Next Problem', isRust, () => nextDiagnostic(view())],
    'list-problems': ['List Problems', isRust, () => toggleList(view())]
  };
  for (const [name, [label, isEnabled, execute]] of Object.entries(commands)) {
    const command = `rustcell:${name}`;
    const icon = name === 'new-cell' ? rustIcon : undefined;
    app.commands.addCommand(command, { label, caption: label, icon, isEnabled, execute });
    palette?.addItem({ command, category: CATEGORY });
  }
}
