/** What a finding is. */
import type { Step } from './system-packages.js'

/** In the order in which to mend things. */
export const areas = ['here', 'building', 'features', 'native'] as const

export interface Finding {
  readonly area: (typeof areas)[number]
  readonly name: string
  /** `unfit` is there and cannot be used. */
  readonly state: 'ok' | 'missing' | 'unfit'
  readonly detail: string
  /** Whether no channel can be opened as long as it is not ok. */
  readonly isNeeded: boolean
  readonly steps: readonly Step[]
}

/** Without which no channel can be opened. */
export function needed(
  area: Finding['area'],
  name: string,
  state: Finding['state'],
  detail: string,
  steps: readonly Step[] = []
): Finding {
  return { area, name, state, detail, isNeeded: true, steps }
}
