import type { LiveSummary } from '@custodia/contracts'
import { actionGroup, actionGroups, type ActionGroup } from '../ui/action-colors.js'

const MINUTE = 60_000

export interface MinuteSeries {
  /** starts of the minutes, oldest first, without gaps */
  minutes: number[]
  groups: { group: ActionGroup; values: number[] }[]
}

/** The last hour minute by minute: quiet minutes are zeros, groups that did not occur are left out. */
export const minuteSeries = (counts: LiveSummary['per_minute'], now: number, length = 60): MinuteSeries => {
  const last = Math.floor(now / MINUTE)
  const minutes = Array.from({ length }, (_, index) => (last - length + 1 + index) * MINUTE)
  const values = new Map<ActionGroup, number[]>()
  for (const { minute, action, count } of counts) {
    const index = Math.floor(Date.parse(minute) / MINUTE) - (last - length + 1)
    if (index < 0 || index >= length) continue
    const group = actionGroup(action)
    const row = values.get(group) ?? new Array<number>(length).fill(0)
    row[index] = (row[index] ?? 0) + count
    values.set(group, row)
  }
  return {
    minutes,
    groups: actionGroups.flatMap((group) => {
      const row = values.get(group)
      return row ? [{ group, values: row }] : []
    }),
  }
}
