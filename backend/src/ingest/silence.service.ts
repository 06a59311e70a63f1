import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import type { AuditStore } from '@custodia/streams/audit-store'
import type { Logger } from 'pino'
import { AUDIT_STORE, LOGGER } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { Periodic } from '../periodic.js'

const minuteMs = 60_000
const lookEveryMs = 5 * minuteMs
/** Two weeks: on a weekend, the one before is among them. */
const pastMs = 14 * 24 * 60 * minuteMs
/** Nobody can say what is usual for a source that was first heard of less than a day before it fell silent. */
const knownMs = 24 * 60 * minuteMs
/** Twice the longest pause of these weeks, and never less than this. */
const leastMs = 30 * minuteMs

interface Heard {
  source: string
  first: number
  last: number
  longest: number
  told: number
}

const heard = `SELECT source, toUnixTimestamp64Milli(min(appended_at)) AS first, toUnixTimestamp64Milli(max(appended_at)) AS last,
  60000 * arrayMax(arrayDifference(arraySort(groupUniqArray(intDiv(toUnixTimestamp(appended_at), 60))))) AS longest
FROM access_events WHERE source != 'custodia' AND appended_at >= {from:DateTime64(3, 'UTC')} GROUP BY source`
const told = `SELECT record_id AS source, toUnixTimestamp64Milli(max(appended_at)) AS told FROM access_events
WHERE source = 'custodia' AND action = 'admin' AND reason = 'source_silent' AND appended_at >= {from:DateTime64(3, 'UTC')} GROUP BY record_id`

/**
 * A window over events cannot tell that there are none: a source that was regular and is not heard of any more is written
 * down, once, as an event of its own, which rules read.
 */
@Injectable()
export class SilenceService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly looks = new Periodic(
    () => this.look(Date.now()),
    (error) => this.logger.warn({ err: error }, 'whether sources are silent is not known'),
  )

  constructor(
    @Inject(AUDIT_STORE) private readonly store: AuditStore,
    private readonly capture: CaptureService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.looks.start(lookEveryMs)
  }

  async onModuleDestroy(): Promise<void> {
    await this.looks.stop()
  }

  async look(now: number): Promise<void> {
    for (const source of (await this.sources(now)).filter(isSilent(now)))
      await this.capture.append([
        this.capture.build('admin', 'failed', { actor: 'system', record_id: source.source, reason: 'source_silent' }),
      ])
  }

  private async sources(now: number): Promise<Heard[]> {
    const from = new Date(now - pastMs).toISOString().slice(0, 23).replace('T', ' ')
    const [sources, before] = await Promise.all([
      this.store.query<Record<'source' | 'first' | 'last' | 'longest', string>>(heard, { from }),
      this.store.query<Record<'source' | 'told', string>>(told, { from }),
    ])
    const toldOf = new Map(before.map((row) => [row.source, Number(row.told)]))
    return sources.map(({ source, first, last, longest }) => ({
      source,
      first: Number(first),
      last: Number(last),
      longest: Number(longest),
      told: toldOf.get(source) ?? 0,
    }))
  }
}

export const isSilent =
  (now: number) =>
  ({ first, last, longest, told: toldAt }: Heard): boolean =>
    last - first >= knownMs && toldAt < last && now - last > Math.max(2 * longest, leastMs)
