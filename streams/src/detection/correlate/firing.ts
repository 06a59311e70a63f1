import type { RuleEvent } from '../sigma/rule.js'
import type { GroupState } from '../windows/index.js'
import type { Group } from './group.js'
import type { RuleTree } from './tree.js'

/** An event as the rules are to judge it. */
export interface Occurrence {
  readonly id: string
  /** of its id, where the memory's ids are numbers already */
  readonly number?: number
  /** the time it is judged at, milliseconds */
  readonly time: number
  readonly event: RuleEvent
}

export interface Firing {
  tree: RuleTree
  group: Group
  state: GroupState
  time: number
  eventId: string
  value: number
  /** of a look ahead: the window can take no more */
  full?: boolean
}

/** Ids of what the firing counted, oldest first, the event that fired last. Asked for before the next event is judged. */
export const countedIds = ({ tree, state, time, eventId }: Firing): string[] => {
  if (tree.root.kind === 'detection') return [eventId]
  return state.window.idsAt(time)
}
