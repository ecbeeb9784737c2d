/** What the first bytes of a record look like that is not what its channel says: mostly a setting, told by its frame. */

/** @returns undefined where it looks like nothing that is known */
export function foreignFrame(slab: Uint8Array, start: number, end: number): string | undefined {
  const starts = (...bytes: number[]): boolean =>
    end - start >= bytes.length && bytes.every((byte, i) => slab[start + i] === byte)
  if (end - start >= 5 && starts(0)) return "a schema registry's frame (00 and an id)"
  if (starts(0x4f, 0x62, 0x6a, 1)) return 'an Avro file (Obj 01)'
  if (end - start >= 10 && starts(0xc3, 1)) return 'an Avro single-object encoding (C3 01 and a fingerprint)'
  return undefined
}
