/** What `seek()` of a reader takes, checked. */
import { inspect } from 'node:util'
import type { PartitionConsumer, PartitionState } from '../kafka/index.js'

/** Where reading goes on. */
export interface SeekPlace {
  /** Of the next record, from 0. */
  readonly offset: number
  /** May be left out by a member that reads only one. */
  readonly partition?: number | undefined
}

const EXAMPLE = 'seek({ partition: error.partition, offset: error.offset + 1 })'

/**
 * @throws TypeError for what is no place
 * @throws RangeError for a partition that is not one of the consumer's, or what is no offset
 */
export function checkSeekPlace(
  place: SeekPlace,
  { topic, partitions }: PartitionConsumer
): { partition: PartitionState; offset: number } {
  if (typeof place !== 'object' || (place as SeekPlace | null) === null) {
    throw new TypeError(`seek takes a place, as in ${EXAMPLE}, not ${inspect(place)}`)
  }
  const { offset } = place
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new RangeError(`offset must be a whole number from 0, not ${inspect(offset)}`)
  }
  const own = partitions.map(({ number }) => number).join(', ')
  if (place.partition === undefined && partitions.length > 1) {
    throw new RangeError(
      `this member reads the partitions ${own} of ${topic}: seek needs a partition, as in ${EXAMPLE}`
    )
  }
  const wanted = place.partition === undefined ? partitions[0]?.number : place.partition
  const partition = partitions.find(({ number }) => number === wanted)
  if (partition) return { partition, offset }
  throw new RangeError(`this member reads the partitions ${own} of ${topic}, not ${inspect(place.partition)}`)
}
