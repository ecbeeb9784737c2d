/** A reader's place in its group. */
import { inspect } from 'node:util'

/** Which member of which group a reader is. Alone it is member 0 of a group of 1. */
export interface GroupMember {
  /**
   * The group's name, the same for all members: by default the channel's name. Kafka knows the group as
   * `<name>.<channelName>`.
   */
  readonly name: string
  /** 0 for the principal, counting up to `size - 1`. */
  readonly index: number
  /** Members of the group, the principal included. */
  readonly size: number
}

/** Largest group: Kafka clusters do not take topics of more partitions gladly. */
const LARGEST_GROUP = 100_000

/**
 * @param group - as the user gave it
 * @param defaultName - the name of a group that has none
 * @throws TypeError, RangeError that name the part that is wrong
 */
export function groupMember(group: Partial<GroupMember> | undefined, defaultName: string): GroupMember {
  // A Map has none of these fields, and would be member 0 of a group of 1 without a word.
  if (group !== undefined && Object.prototype.toString.call(group) !== '[object Object]') {
    throw new TypeError('group must be an object { name, index, size }')
  }
  const { name = defaultName, index = 0, size = 1 } = group ?? {}
  if (typeof name !== 'string' || name === '') throw new TypeError('group.name must be a text that is not empty')
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_GROUP) {
    throw new RangeError(`group.size must be a whole number from 1 to ${LARGEST_GROUP}, not ${inspect(size)}`)
  }
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    const of = group?.size === undefined ? ', as group.size is not given' : ''
    throw new RangeError(`group.index must be a whole number from 0 to ${size - 1}${of}, not ${inspect(index)}`)
  }
  return { name, index, size }
}
