import type { Topic } from '@custodia/contracts'
import { EventLogError, type EventLog, type NewRecord, type Position } from '@custodia/streams/event-log'

/**
 * What goes wrong with appends: `refuses` says no at once and certainly (a full disk), `fails` does not know whether it
 * wrote, `loses the answer` wrote and does not say so, `hangs` never answers at all.
 */
export type Fault = 'refuses' | 'fails' | 'loses the answer' | 'hangs'

/** The real log, with a fault that can be switched on and off between it and whoever appends. Reading goes on. */
export class FaultyLog implements EventLog {
  fault: Fault | undefined

  constructor(private readonly real: EventLog) {}

  append(topic: Topic, record: NewRecord): Promise<Position> {
    return this.through(() => this.real.append(topic, record))
  }

  appendAll(topic: Topic, records: NewRecord[]): Promise<Position[]> {
    return this.through(() => this.real.appendAll(topic, records))
  }

  consume: EventLog['consume'] = (...args) => this.real.consume(...args)
  tail: EventLog['tail'] = (...args) => this.real.tail(...args)
  read: EventLog['read'] = (...args) => this.real.read(...args)
  range: EventLog['range'] = (topic) => this.real.range(topic)
  committed: EventLog['committed'] = (group, topic) => this.real.committed(group, topic)
  check = (): Promise<void> => this.through(() => this.real.check())
  close = (): Promise<void> => this.real.close()

  private async through<T>(work: () => Promise<T>): Promise<T> {
    if (this.fault === 'hangs') return new Promise<never>(() => undefined)
    if (this.fault === 'refuses') throw new EventLogError('No space left on the device.', true)
    if (this.fault === 'fails') throw new EventLogError('The connection was lost.', false)
    const result = await work()
    if (this.fault === 'loses the answer') throw new EventLogError('The connection was lost.', false)
    return result
  }
}
