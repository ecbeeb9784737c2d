/** Tables of text: padded columns, numbers to the right. */

/** @param rows - the first is the heading; numbers are grouped by thousands */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map(row => row.map(cell => (typeof cell === 'number' ? grouped(cell) : cell)))
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map(row => (row[column] ?? '').length)))
  const isNumber = widths.map((_, column) => rows.slice(1).some(row => typeof row[column] === 'number'))
  return cells
    .map(row => row.map((cell, i) => (isNumber[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))))
    .map(row => row.join('  ').trimEnd())
    .join('\n')
}

export function grouped(number: number): string {
  return Math.round(number).toLocaleString('en-US')
}
