import { Verdict } from '@custodia/contracts'
import type { Consumer, EventLog } from '@custodia/streams/event-log'

/** Hears every verdict and wakes the request that waits for it. Listens before the access is appended, so none is missed. */
export class VerdictListener {
  private readonly waiting = new Map<string, (verdict: Verdict) => void>()
  private readonly tail: Consumer

  constructor(log: EventLog) {
    this.tail = log.tail({ topic: 'verdicts' }, (records) => {
      if (!this.waiting.size) return
      for (const record of records) {
        const verdict = Verdict.safeParse(JSON.parse(Buffer.from(record.value).toString()))
        if (verdict.success) this.waiting.get(verdict.data.event_id)?.(verdict.data)
      }
    })
  }

  /** Resolves with the verdict, or with undefined when none came in time. Call before appending the event. */
  expect(eventId: string): { verdict: (timeoutMs: number) => Promise<Verdict | undefined>; forget: () => void } {
    let settle: (verdict: Verdict | undefined) => void = () => {}
    const arrived = new Promise<Verdict | undefined>((resolve) => (settle = resolve))
    this.waiting.set(eventId, settle)
    const forget = () => this.waiting.delete(eventId)
    return {
      forget,
      verdict: async (timeoutMs) => {
        const timer = setTimeout(() => settle(undefined), timeoutMs)
        const verdict = await arrived
        clearTimeout(timer)
        forget()
        return verdict
      },
    }
  }

  /** rejects when the tail broke: the gateway is not ready then */
  get done(): Promise<void> {
    return this.tail.done
  }

  async close(): Promise<void> {
    await this.tail.stop()
  }
}
