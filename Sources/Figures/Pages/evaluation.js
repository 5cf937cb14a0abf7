// A click on a heading sorts by it, best first, a second click worst first. Rows without a value stay at the end
// either way; those of equal values in the order of the ranking.

(() => {
  for (const table of document.querySelectorAll('table.sortable')) {
    const body = table.tBodies[0];
    const buttons = [...table.querySelectorAll('thead button')];
    const key = (row, column) => {
      const cell = row.cells[column];
      return cell.tagName === 'TH' ? cell.firstChild.textContent : cell.dataset.value && +cell.dataset.value;
    };
    const place = row => +row.cells[0].dataset.value;
    const order = (a, b) => typeof a === 'string' ? a.localeCompare(b) : a - b;
    for (const button of buttons) button.addEventListener('click', () => {
      const heading = button.closest('th');
      const column = +button.dataset.column;
      const best = button.dataset.best;
      const other = best === 'ascending' ? 'descending' : 'ascending';
      const direction = heading.getAttribute('aria-sort') === best ? other : best;
      const sign = direction === 'ascending' ? 1 : -1;
      for (const each of buttons) each.closest('th').removeAttribute('aria-sort');
      heading.setAttribute('aria-sort', direction);
      const rows = [...body.rows].sort((a, b) => {
        const [left, right] = [key(a, column), key(b, column)];
        if (left === undefined || right === undefined) {
          return (left === undefined) - (right === undefined) || place(a) - place(b);
        }
        return sign * order(left, right) || place(a) - place(b);
      });
      body.append(...rows);
    });
  }
})();
