/**
 * The class page's script: sorts and filters the table that is already there, so that the page is whole without it.
 * The page's policy names its hash; a test says so where the two do not fit.
 */
export const CLASS_SCRIPT = `
(() => {
  const table = document.getElementById('submissions');
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const shown = document.getElementById('shown');
  const [text, outcome, check] = ['text', 'outcome', 'check'].map((id) => document.getElementById('filter-' + id));
  const controls = { q: text, outcome, check };
  // The filters are in the address, so that a link leads to what somebody saw. Other hashes are places in the page.
  const read = () => {
    if (!location.hash.includes('=')) return false;
    const given = new URLSearchParams(location.hash.slice(1));
    for (const [name, control] of Object.entries(controls)) control.value = given.get(name) ?? '';
    for (const control of [outcome, check]) if (control.selectedIndex < 0) control.value = '';
    return true;
  };
  const write = () => {
    const given = new URLSearchParams(Object.entries(controls).map(([name, { value }]) => [name, value.trim()]).filter(([, value]) => value !== ''));
    const hash = String(given);
    if (hash !== '' || location.hash.includes('=')) history.replaceState(null, '', hash === '' ? location.pathname + location.search : '#' + hash);
  };
  const filter = () => {
    const wanted = text.value.trim().toLowerCase();
    for (const row of rows) {
      row.hidden = !(row.textContent.toLowerCase().includes(wanted)
        && (outcome.value === '' || row.dataset.outcome === outcome.value)
        && (check.value === '' || row.dataset.failed.split(' ').includes(check.value)));
    }
    shown.textContent = rows.filter((row) => !row.hidden).length + ' of ' + rows.length + ' shown';
  };
  const compare = (a, b) => {
    const [x, y] = [a, b].map((value) => (value === '' ? NaN : Number(value)));
    if (Number.isNaN(x) || Number.isNaN(y)) return a < b ? -1 : a > b ? 1 : 0;
    return x - y;
  };
  const sort = (header) => {
    const column = header.cellIndex;
    const ascending = header.getAttribute('aria-sort') !== 'ascending';
    for (const other of header.parentNode.cells) other.removeAttribute('aria-sort');
    header.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
    const key = (row) => row.cells[column].dataset.key;
    rows.sort((a, b) => (ascending ? 1 : -1) * compare(key(a), key(b)));
    body.append(...rows);
  };
  for (const header of table.tHead.rows[0].cells) header.querySelector('button').addEventListener('click', () => sort(header));
  for (const control of [text, outcome, check]) {
    control.addEventListener('input', () => {
      filter();
      write();
    });
  }
  addEventListener('hashchange', () => {
    const linked = read();
    if (!linked) for (const control of Object.values(controls)) control.value = '';
    filter();
    if (linked) document.getElementById('table').scrollIntoView();
  });
  document.getElementById('controls').hidden = false;
  const linked = read();
  filter();
  if (linked) document.getElementById('table').scrollIntoView();
})();
`;

export const CLASS_SCRIPT_SHA256 = 'wYLWEd+ZlDFP3ApITaKPSMwZdiViEWbqcqP015xSqYA=';
