/** The records of the demo: a signal that can be checked, since each record follows from its sequence number. */

/** One record. */
export interface Sample {
  readonly sequence: number
  readonly value: number
  readonly text: string
}

export const schema = {
  type: 'record',
  name: 'Sample',
  namespace: 'millrace.demo',
  fields: [
    { name: 'sequence', type: 'long' },
    { name: 'value', type: 'double' },
    { name: 'text', type: 'string' }
  ]
} as const

/** Bytes of a record that are not its text: the frame, a sequence number of five bytes, the value, the text's length. */
const OTHER_BYTES = 10 + 5 + 8 + 2

/** @param recordBytes - how many bytes a record has on the wire, about */
export function sampleMaker(recordBytes: number): (sequence: number) => Sample {
  const text = 'x'.repeat(Math.max(0, recordBytes - OTHER_BYTES))
  return sequence => ({ sequence, value: valueOf(sequence), text })
}

/** Whether a record is exactly what was written under its sequence number. */
export function sampleChecker(recordBytes: number): (sample: Sample) => boolean {
  const make = sampleMaker(recordBytes)
  const { text } = make(0)
  return sample => sample.value === valueOf(sample.sequence) && sample.text === text
}

function valueOf(sequence: number): number {
  return Math.sin(sequence / 100)
}
