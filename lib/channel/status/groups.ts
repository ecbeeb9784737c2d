/** The readers of a channel by their groups, as somebody sees them who is none of them. */
import type { PeerRecord } from './peer.js'

export interface ReaderGroup {
  /** `null` for a reader of pypz that is not replicated: it is a group by itself. */
  readonly name: string | null
  /** As its newest principal says, else as many as have the highest index. */
  readonly size: number
  /** By index. */
  readonly readers: readonly PeerRecord[]
}

export function groupsOf(readers: readonly PeerRecord[]): ReaderGroup[] {
  const byName = new Map<string, PeerRecord[]>()
  for (const reader of readers) {
    const key = reader.groupName === null ? `alone ${reader.name}` : `group ${reader.groupName}`
    const others = byName.get(key)
    if (others) others.push(reader)
    else byName.set(key, [reader])
  }
  return [...byName.values()].map(members => {
    const sorted = members.sort((a, b) => a.groupIndex - b.groupIndex || a.opened - b.opened)
    return { name: sorted[0]?.groupName ?? null, size: sizeOf(sorted), readers: sorted }
  })
}

function sizeOf(members: readonly PeerRecord[]): number {
  const principal = members.filter(({ groupIndex }) => groupIndex === 0).at(-1)
  return principal?.groupSize || Math.max(...members.map(({ groupIndex }) => groupIndex + 1))
}
