/**
 * Which partitions of a data topic a member of a replication group reads.
 * Pure arithmetic, kept apart from the consumer so that it can be tested without a broker.
 */

/**
 * Partitions to hand to `assign()` for one member.
 *
 * @param member - the reader's place in its group: `index` 0 is the principal, `size` counts it too
 * @param partitionCount - partitions the topic has at this moment; more than `member.size` after a scale-down
 * @returns partition numbers, ascending; empty while the topic still lacks this member's partition
 * @throws RangeError when `member.index` is not in `[0, member.size)`
 * @see "Manual Partition Assignment" in the documentation of Kafka's `KafkaConsumer`
 */
export function partitionsOf(
  member: { readonly index: number; readonly size: number },
  partitionCount: number
): number[] {
  const { index, size } = member
  if (!(index >= 0 && index < size)) throw new RangeError(`group member ${index} does not exist in a group of ${size}`)
  // Stepping by the group's size, not one partition each: after a scale-down the records of the members that left
  // must still be read, and the remaining members have to agree, without talking, on who reads them.
  const partitions: number[] = []
  for (let partition = index; partition < partitionCount; partition += size) partitions.push(partition)
  return partitions
}
