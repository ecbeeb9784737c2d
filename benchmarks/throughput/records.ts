/** The records that are written and read: Avro `{ i: long, s: string }`. */

export interface Entry {
  readonly i: number
  readonly s: string
}

export const schema = JSON.stringify({
  type: 'record',
  name: 'Entry',
  fields: [
    { name: 'i', type: 'long' },
    { name: 's', type: 'string' }
  ]
})

/** Bytes of a record that are not its text: a long of three or four bytes, and the text's length. */
const OTHER_BYTES = 6

/** The text of records whose Avro body has `recordBytes` bytes, or one less. */
export function textOf(recordBytes: number): string {
  return 'x'.repeat(recordBytes - OTHER_BYTES)
}

/** The sum of `i` over all records, 0 to `records - 1`. */
export function sumOf(records: number): number {
  return (records * (records - 1)) / 2
}
