import type { EventLog } from '@custodia/streams/event-log'

/** Resolves as `work` does, or rejects after `ms`: nobody waits for ever for a log that answers nothing at all. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${ms} ms; whether it was written is unknown.`)), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** The log bounds its appends itself; one that does not must hold no lock, and no other gateway, for ever. */
export const graceMs = 500

/** The log for whoever works by itself: an append that is never answered ends like one that failed. */
export const answering = (log: EventLog, appendTimeoutMs: number): Pick<EventLog, 'append' | 'range' | 'read'> => ({
  append: (topic, record) => within(appendTimeoutMs + graceMs, log.append(topic, record)),
  range: (topic) => log.range(topic),
  read: (...where) => log.read(...where),
})
