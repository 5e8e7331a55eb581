// The course at a glance, in the left side bar: chapters and exercises, what is done, one click to
// open. The server reads what `%progress` reads; no kernel is needed.

import { PageConfig, PathExt, URLExt } from '@jupyterlab/coreutils';
import { NotebookActions } from '@jupyterlab/notebook';
import { ServerConnection } from '@jupyterlab/services';
import { Widget } from '@lumino/widgets';
import { courseIcon } from './icons.js';

// Milliseconds in which several cells that end are one reason to look again.
const PATIENCE = 500;

/** Make an element; texts are set as text. */
function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

export class CoursePanel extends Widget {
  /**
   * @param {(path: string) => void} open opens a notebook
   * @param {() => string} folder the folder to look for a course from
   * @param {object} settings how to reach the server
   */
  constructor(open, folder, settings) {
    super({ node: element('nav') });
    this.id = 'rustcell-course';
    this.title.icon = courseIcon;
    this.title.caption = 'Course';
    this.addClass('rustcell-course');
    this.node.setAttribute('aria-label', 'Course');
    this._open = open;
    this._folder = folder;
    this._settings = settings;
    this._opened = new Set();
    NotebookActions.executed.connect(() => this._later());
  }

  onAfterShow() {
    void this.refresh();
  }

  /** Ask the server again and show what it answers. */
  async refresh() {
    let found;
    try {
      found = await this._ask();
    } catch (error) {
      found = { course: null, problem: `The server does not tell the course: ${error.message}` };
    }
    const shown = found.course ? this._course(found.course) : [element('p', {}, found.problem)];
    this.node.replaceChildren(...shown);
  }

  async _ask() {
    const { baseUrl } = this._settings;
    const query = URLExt.objectToQueryString({ path: this._folder() });
    const url = URLExt.join(baseUrl, 'rustcell', 'course') + query;
    const response = await ServerConnection.makeRequest(url, {}, this._settings);
    if (!response.ok) {
      throw await ServerConnection.ResponseError.create(response);
    }
    return response.json();
  }

  _later() {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this.isVisible && this.refresh(), PATIENCE);
  }

  _course(course) {
    const { chapters, next } = course;
    const all = chapters.flatMap(chapter => chapter.exercises);
    const said = [`${course.chapters_read} of ${count(chapters.length, 'chapter')} read`];
    if (all.length) {
      said.push(
        `${course.solved} of ${count(all.length, 'exercise')} solved`,
        `${course.points} of ${count(course.points_in_all, 'point')}`
      );
    }
    const [value, max] = all.length
      ? [course.points, course.points_in_all]
      : [course.chapters_read, chapters.length];
    const progress = element('progress', { max: max || 1, value });
    progress.setAttribute('aria-label', 'progress in the course');
    return [
      element('h2', {}, course.title),
      progress,
      element('p', {}, said.join(', ')),
      next ? element('p', {}, 'Next: ', this._link(course, next.notebook, next.text)) : '',
      element('ul', {}, ...chapters.map(chapter => this._chapter(course, chapter)))
    ];
  }

  _chapter(course, chapter) {
    const { exercises } = chapter;
    const link = this._link(course, chapter.notebook, chapter.title);
    const [number] = chapter.slug.split('_');
    const item = element('li', {}, `${number} `, link, chapter.read ? ' — read' : '');
    if (exercises.length) {
      const solved = exercises.filter(exercise => exercise.solved).length;
      const summary = `${count(exercises.length, 'exercise')}, ${solved} solved`;
      const rows = exercises.map(exercise => this._exercise(course, chapter, exercise));
      const open = this._opened.has(chapter.slug);
      const details = element(
        'details', { open }, element('summary', {}, summary), element('ul', {}, ...rows)
      );
      details.addEventListener('toggle', () => this._remember(chapter.slug, details.open));
      item.append(details);
    }
    return item;
  }

  _exercise(course, chapter, { id, points, solved }) {
    const link = this._link(course, chapter.exercise_notebook, id);
    return element('li', {}, link, ` — ${count(points, 'point')}${solved ? ', solved' : ''}`);
  }

  _link({ folder }, notebook, text) {
    const path = PathExt.join(folder, notebook);
    const link = element('a', { href: PageConfig.getUrl({ treePath: path }) }, text);
    link.addEventListener('click', event => {
      event.preventDefault();
      this._open(path);
    });
    return link;
  }

  _remember(slug, open) {
    open ? this._opened.add(slug) : this._opened.delete(slug);
  }
}
