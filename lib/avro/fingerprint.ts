/**
 * CRC-64-AVRO ("Rabin") of a schema's Parsing Canonical Form.
 * @see "Schema Fingerprints" in the Avro specification
 */

const EMPTY = 0xc15d213aa4d7a795n

const table = Array.from({ length: 256 }, (_, byte) => {
  let entry = BigInt(byte)
  for (let bit = 0; bit < 8; bit++) entry = (entry >> 1n) ^ (entry & 1n ? EMPTY : 0n)
  return entry
})

/**
 * @param canonicalForm - the schema's Parsing Canonical Form
 * @returns 8 bytes in the order in which a single-object encoding carries them: little-endian
 */
export function fingerprintOf(canonicalForm: string): Buffer {
  let fingerprint = EMPTY
  for (const byte of Buffer.from(canonicalForm, 'utf8')) {
    fingerprint = (fingerprint >> 8n) ^ (table[Number((fingerprint ^ BigInt(byte)) & 0xffn)] as bigint)
  }
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(fingerprint)
  return bytes
}

/** The fingerprint as the Avro specification prints it: 16 hexadecimal digits, the highest first. */
export function fingerprintText(bytes: Buffer): string {
  return bytes.readBigUInt64LE().toString(16).padStart(16, '0')
}
