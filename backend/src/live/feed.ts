import { AccessEvent, type FeedItem } from '@custodia/contracts'
import type { Consumer, EventLog } from '@custodia/streams/event-log'
import type { NamesService } from '../timelines/names.service.js'

const shownPerSecond = 5
const readPerBatch = 50
const secondsKept = 60

/** A sample of accesses and their rate, once a second while somebody looks. May drop anything: it is there to be glanced at. */
export class Feed {
  private tail?: Consumer
  private timer?: NodeJS.Timeout
  private readonly perSecond: number[] = []
  private seen = 0
  private sample: AccessEvent[] = []

  constructor(
    private readonly log: EventLog,
    private readonly names: NamesService,
  ) {}

  start(tell: (message: { items: FeedItem[]; per_minute: number }) => void, somebodyLooks: () => boolean): void {
    this.tail = this.log.tail({ topic: 'access-events' }, (records) => {
      // People are what is watched here and in the chart beside it, not what the system loads by itself.
      const byPeople = records.filter(({ key }) => key !== 'system')
      this.seen += byPeople.length
      if (!somebodyLooks()) return
      for (const record of byPeople.slice(0, readPerBatch)) {
        if (this.sample.length >= shownPerSecond) break
        const event = AccessEvent.safeParse(JSON.parse(Buffer.from(record.value).toString()))
        if (event.success && event.data.actor !== 'system') this.sample.push(event.data)
      }
    })
    this.timer = setInterval(() => void this.tick(tell, somebodyLooks), 1000)
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await this.tail?.stop()
  }

  private async tick(
    tell: (message: { items: FeedItem[]; per_minute: number }) => void,
    somebodyLooks: () => boolean,
  ): Promise<void> {
    const { seen, sample } = this
    this.seen = 0
    this.sample = []
    this.perSecond.push(seen)
    if (this.perSecond.length > secondsKept) this.perSecond.shift()
    if (!somebodyLooks()) return
    // A name that cannot be looked up right now is no reason to stop the clock.
    const names = await this.names.of(sample.map((event) => event.actor)).catch(() => new Map<string, string>())
    const per_minute = this.perSecond.reduce((sum, n) => sum + n, 0)
    const items = sample.map(({ id, time, actor, action, outcome, customer_id, drill }) => ({
      id,
      time,
      actor,
      action,
      outcome,
      customer_id,
      drill,
      actor_name: actor && names.get(actor),
      sample: Math.max(1, Math.round(seen / Math.max(sample.length, 1))),
    }))
    tell({ items, per_minute })
  }
}
