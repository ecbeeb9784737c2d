/** What is measured: partitions by record sizes. */

export interface Cell {
  readonly partitions: number
  readonly recordBytes: number
  readonly records: number
  /** Each writer tries each of them, and its best is reported. */
  readonly lingersMs: readonly number[]
}

/** Measurements of each kind; the median is reported. */
export const REPEATS = 3

export function plan(quick: boolean): readonly Cell[] {
  const cells = quick
    ? [
        [13, 100],
        [1000, 100]
      ]
    : [100, 1000].flatMap(recordBytes => [1, 13, 100, 1000].map(partitions => [partitions, recordBytes]))
  return cells.map(([partitions, recordBytes]) => ({
    partitions: partitions as number,
    recordBytes: recordBytes as number,
    records: (quick ? 1_500_000 : 4_000_000) / (recordBytes === 1000 ? 4 : 1),
    lingersMs: partitions === 1000 ? [5, 50] : [5]
  }))
}
