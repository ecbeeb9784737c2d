/** The commit points of a reader, one for each of its partitions. */
import type { Ends } from '../channel/index.js'
import type { Deadline } from '../deadline.js'
import { endOffsets, type PartitionState } from '../kafka/index.js'
import { CommitPoint } from './commit-point.js'
import type { OpenReader } from './open-reader.js'

export class CommitPoints {
  readonly #points: ReadonlyMap<PartitionState, CommitPoint>

  constructor({ consumer, client, ids, end }: OpenReader) {
    const { topic, partitions } = consumer
    const { commits } = client.client
    const topicId = ids.data.id
    this.#points = new Map(
      partitions.map(state => {
        const { number: partition, start } = state
        const committed = start.isCommitted ? start.offset : -1
        const endOffset = async (deadline: Deadline): Promise<number> =>
          (await endOffsets(client.client, topic, [partition], deadline)).get(partition) ?? -1
        return [state, new CommitPoint({ commits, topic, partition, committed, topicId, endOffset })]
      })
    )
    end.tellCommitted(() => this.#committed())
  }

  /** Commits everything before `offset` in one partition; nothing where it is negative. @param leaderEpoch - of the last record before it */
  async commit(partition: PartitionState, offset: number, leaderEpoch: number, deadline: Deadline): Promise<void> {
    await this.#points.get(partition)?.commit(offset, leaderEpoch, deadline)
  }

  /** Commits once more what is committed. @param isWanted - whether it shall be tried again while the coordinator is away */
  async renew(isWanted: () => boolean): Promise<void> {
    await Promise.all([...this.#points.values()].map(point => point.renew(isWanted)))
  }

  /** Resolves when no commit is under way any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#points.values()].map(point => point.settled()))
  }

  /** Whether everything that was handed out is committed. */
  coverAll(): boolean {
    return [...this.#points].every(
      ([{ start, position }, point]) => (!start.isCommitted && position <= start.offset) || point.covers(position)
    )
  }

  seek(partition: PartitionState, offset: number): void {
    this.#points.get(partition)?.seek(offset)
  }

  /** A broker said that the log does not have `offset`, at which reading stands. */
  outOfRange(partition: PartitionState, offset: number): void {
    this.#points.get(partition)?.outOfRange(offset)
  }

  /** What is committed, by partition, where anything is. */
  #committed(): Ends {
    const all = [...this.#points].map(([{ number }, { committed }]) => [number, committed] as const)
    return new Map(all.filter(([, offset]) => offset >= 0))
  }
}
