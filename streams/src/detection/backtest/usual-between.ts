import type { AuditStore } from '../../audit-store/index.js'
import { countHours, dayIndex, freeze, hourIndex, offsetMinutes, type Baselines } from '../baselines/index.js'
import type { Reading } from './reading.js'
import type { UsualOn } from './replay.js'

/**
 * What was usual on each day of a period, counted anew as it was when it was frozen. Live, a day's is in force some minutes after
 * midnight, and what was landed later than that is not in it.
 */
export const usualBetween = async (store: AuditStore, { start, to }: Reading, timeZone: string): Promise<UsualOn> => {
  const offset = offsetMinutes(timeZone, to)
  const dayAt = (at: number): number => dayIndex(hourIndex(at, offset))
  const rows = await countHours(store, dayAt(start), offset, dayAt(to))
  const days = new Map<number, Baselines>()
  return (at) => {
    const day = dayAt(at)
    let usual = days.get(day)
    if (!usual) days.set(day, (usual = freeze(rows, day, offset)))
    return usual
  }
}
