import { Verdict } from '@custodia/contracts'
import type { Consumer, EventLog } from '@custodia/streams/event-log'

/** Hears every verdict and wakes the request that waits for it. Listens before the access is appended, so none is missed. */
export class VerdictListener {
  private readonly waiting = new Map<string, (verdict: Verdict) => void>()
  private readonly tail: Consumer
  private failure?: unknown

  constructor(log: EventLog) {
    this.tail = log.tail({ topic: 'verdicts' }, (records) => {
      for (const record of records) if (this.waiting.size) this.hear(record.value)
    })
    this.tail.done.catch((error: unknown) => (this.failure = error))
  }

  /** Resolves once every verdict from now on will be heard. */
  get ready(): Promise<void> {
    return this.tail.ready
  }

  /** Throws when verdicts are no longer heard: nothing that waits for one can be served then. */
  check(): void {
    if (this.failure) throw new Error('verdicts are no longer heard', { cause: this.failure })
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

  async close(): Promise<void> {
    await this.tail.stop()
  }

  /** A record that is no verdict answers nobody, and must not silence those after it. */
  private hear(value: Uint8Array): void {
    const verdict = Verdict.safeParse(jsonOf(value))
    if (verdict.success) this.waiting.get(verdict.data.event_id)?.(verdict.data)
  }
}

function jsonOf(value: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(value).toString())
  } catch {
    return undefined
  }
}
