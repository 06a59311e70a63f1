import type { EventRow } from '@custodia/contracts'
import { call } from '../api/client.js'
import { useCall } from '../api/use-call.js'
import { doneBy } from './timeline.js'

const PAGE = 100

export interface EventStretch {
  from: string
  to: string
  actor?: string | undefined
  ip?: string | undefined
}

/** The events of a stretch of time, a page at a time, up to `most`: enough for a strip, not a report. */
export const useStretch = (of: () => EventStretch | undefined, most = 600) =>
  useCall(async (signal): Promise<{ events: EventRow[]; cut: boolean } & Partial<EventStretch>> => {
    const stretch = of()
    const events: EventRow[] = []
    let cursor: string | undefined
    if (!stretch) return { events, cut: false }
    do {
      const page = await call('events', { query: { ...stretch, cursor, limit: PAGE }, signal })
      events.push(...page.items)
      cursor = page.next
    } while (cursor && events.length < most)
    return { ...stretch, events: stretch.actor ? doneBy(events, stretch.actor) : events, cut: cursor !== undefined }
  })
