import { type AccessEvent, heldActions } from '@custodia/contracts'
import type { TimedEvent } from '@custodia/streams/detection/cases'
import { calendar, type Person } from './company.js'
import { segmentOf } from './customers.js'
import { relationTo } from './relatives.js'

const held = new Set<string>(heldActions)

export type Did = (at: number, over: Partial<AccessEvent> & Pick<AccessEvent, 'action'>) => void

/** Writes down what made-up people do, as the gateway would have, by the real calendar. */
export class Gateway {
  private written = 0

  /** an access as the gateway would have appended it; outcome `held` where it holds */
  event(person: Person, at: number, over: Partial<AccessEvent> & Pick<AccessEvent, 'action'>): TimedEvent {
    const time = new Date(at)
    const { workday, off_hours } = calendar(time, person.team)
    const event: AccessEvent = {
      id: `e-${String(this.written++).padStart(9, '0')}`,
      v: 1,
      time: time.toISOString(),
      source: 'custodia',
      actor: person.id,
      actor_role: person.role,
      team: person.team,
      branch: person.branch,
      outcome: held.has(over.action) ? 'held' : 'granted',
      ip: person.ip,
      country: person.country,
      device: person.device,
      session: `s-${person.id}`,
      workday,
      off_hours,
      segment: segmentOf(over.customer_id),
      ...relationTo(person, over.customer_id),
      ...over,
    }
    return { at, event }
  }
}
