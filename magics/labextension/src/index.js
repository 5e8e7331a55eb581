// The plugin: what each editor gets, which notebooks are followed, which commands there are.

import { ICommandPalette } from '@jupyterlab/apputils';
import {
  EditorExtensionRegistry, IEditorExtensionRegistry, IEditorLanguageRegistry
} from '@jupyterlab/codemirror';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ViewPlugin } from '@codemirror/view';
import { PathExt } from '@jupyterlab/coreutils';
import { addCommands, explain } from './commands.js';
import { CoursePanel } from './course.js';
import { rustCells } from './language.js';
import { announcer } from './announce.js';
import { Problems, problemMarks } from './problems.js';

const plugin = {
  id: 'rustcell:plugin',
  description: 'Rust cells: highlighting, problems, commands.',
  autoStart: true,
  requires: [IEditorExtensionRegistry, IEditorLanguageRegistry, INotebookTracker],
  optional: [ICommandPalette],
  activate(app, extensions, languages, tracker, palette) {
    const problems = new Problems((panel, code) => explain(app, panel, code), announcer());
    const languageOf = rustCells(languages);
    extensions.addExtension({
      name: 'rustcell',
      factory: ({ model }) =>
        EditorExtensionRegistry.createImmutableExtension([
          languageOf(model),
          problemMarks,
          ViewPlugin.define(view => {
            queueMicrotask(() => problems.resume(model, view));
            return {};
          })
        ])
    });
    tracker.widgetAdded.connect((_, panel) => problems.follow(panel));
    addCommands(app, tracker, palette);
  }
};

const coursePlugin = {
  id: 'rustcell:course',
  description: 'The course in the side bar.',
  autoStart: true,
  requires: [INotebookTracker],
  activate(app, tracker) {
    const panel = new CoursePanel(
      path => app.commands.execute('docmanager:open', { path }),
      () => PathExt.dirname(tracker.currentWidget?.context.path ?? ''),
      app.serviceManager.serverSettings
    );
    app.shell.add(panel, 'left', { rank: 700, type: 'Course' });
  }
};

export default [plugin, coursePlugin];
