// Downloads: each table can be saved as CSV without any request, through a data: link made when it is asked for.

/** One field, quoted where needed. A text that a spreadsheet would take for a formula gets a leading apostrophe. */
export function field(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Lines of fields as CSV. */
export function csv(lines) {
  return lines.map((line) => line.map(field).join(',')).join('\r\n') + '\r\n';
}

/** Every row of a chart, at full precision. */
export function chartCsv({ columns, rows, headings }) {
  return csv([headings ?? columns, ...rows]);
}

/** A table of the page; numbers are taken from `data-v`, where they stand at full precision. */
export function tableCsv(table) {
  return csv([...table.rows].map((row) => [...row.cells].map((cell) => cell.dataset.v ?? cell.textContent.trim().replace(/\s+/g, ' '))));
}

/** Puts a link after every table that has a name. */
export function offerDownloads(fromChart) {
  for (const table of document.querySelectorAll('table[data-csv]')) {
    const link = document.createElement('a');
    link.className = 'csv';
    link.href = '#';
    link.download = `${table.dataset.csv}.csv`;
    link.textContent = 'Download CSV';
    link.addEventListener('click', () => {
      const text = fromChart(table.dataset.csv) ?? tableCsv(table);
      link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`;
    });
    table.closest('.scroll, table').after(link);
  }
}
