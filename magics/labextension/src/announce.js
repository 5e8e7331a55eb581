/**
 * Add a place of the page that screen readers read out when its text changes.
 *
 * @returns {(text: string) => void} gives it a text; an empty one is silent
 */
export function announcer() {
  const status = document.createElement('div');
  status.className = 'rustcell-status';
  status.setAttribute('role', 'status');
  document.body.append(status);
  return text => {
    status.textContent = text;
  };
}
