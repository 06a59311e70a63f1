import { Inject, Injectable } from '@nestjs/common'
import type { LiveSummary } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'
import { and, count, eq } from 'drizzle-orm'
import { EVENT_LOG, RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { RecordStore } from '../record-store/record-store.js'
import { alerts } from '../record-store/schema.js'
import { FreezesService } from '../response/freezes.service.js'
import { onTheDesk } from './alert-rows.js'
import { EventsService } from '../timelines/events.service.js'
import { NamesService } from '../timelines/names.service.js'
import { RulesService } from '../rules/rules.service.js'
import { PeopleService } from './people.service.js'
import { detectionMemory, forgottenText, memoryText } from './detection-memory.js'
import { lagOf } from './pipeline-lag.js'

const memoryPatienceMs = 1000
const lastHour = 'time >= now64(3) - interval 1 hour and not ifNull(drill, false)'

/** The numbers of the live page: counts only. */
@Injectable()
export class SummaryService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    private readonly events: EventsService,
    private readonly names: NamesService,
    private readonly freezes: FreezesService,
    private readonly people: PeopleService,
    private readonly rules: RulesService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async summary(): Promise<LiveSummary> {
    const [perMinute, readers, refused, open, frozen, requests, pipeline, memory, passedOver, ruleFiles, deadLetters] =
      await Promise.all([
        this.events.query<{ minute: string; action: string; n: number }>(
          `select minute, action, sum(accesses) as n from accesses_per_minute where minute >= toStartOfMinute(now() - interval 1 hour) group by minute, action order by minute`,
        ),
        this.events.query<{ key: string; n: number }>(
          `select actor as key, uniqExact(customer_id) as n from accesses where ${lastHour} and final_outcome in ('granted', 'allowed')
         and action in ('view', 'reveal', 'photo_view', 'photo_download') and customer_id != '' group by key order by n desc, key limit 8`,
        ),
        this.events.query<{ key: string; n: number }>(
          `select if(verdict_rule != '', verdict_rule, reason) as key, count() as n from accesses where ${lastHour} and final_outcome = 'refused' and reason != 'step_up_required' group by key order by n desc, key limit 8`,
        ),
        this.store.db
          .select({ severity: alerts.severity, n: count() })
          .from(alerts)
          .where(and(eq(alerts.state, 'open'), onTheDesk, eq(alerts.drill, false)))
          .groupBy(alerts.severity),
        this.freezes.inForce(),
        this.people.liftRequests(),
        lagOf(this.log),
        this.memory(),
        this.passedOver(),
        this.ruleFiles(),
        this.log.range('dead-letters'),
      ])
    const names = await this.names.of(readers.map((reader) => reader.key))
    return {
      per_minute: perMinute.map(({ minute, action, n }) => ({ minute, action, count: Number(n) })),
      top_readers: readers.map(({ key, n }) => ({ key, name: names.get(key), count: Number(n) })),
      refused: refused.map(({ key, n }) => ({ key, count: Number(n) })),
      open_alerts: Object.fromEntries(open.map(({ severity, n }) => [severity, n])),
      frozen,
      lift_requests: requests,
      pipeline: [...pipeline, ...memory, ...passedOver, ruleFiles],
      dead_letters: deadLetters.reduce((sum, { start, end }) => sum + end - start, 0),
    }
  }

  /** Told where workers share this machine; elsewhere `custodia health streams` is asked beside them. */
  private async memory(): Promise<LiveSummary['pipeline']> {
    const memory = await detectionMemory(this.config.dataDir, memoryPatienceMs)
    if (!memory) return []
    const forgotten = forgottenText(memory)
    return [
      { part: 'memory', ok: memory.ok, detail: memoryText(memory) },
      ...(forgotten ? [{ part: 'windows', ok: memory.whole, detail: forgotten }] : []),
    ]
  }

  /** How many events came too late for which rules to count them: nobody would know of them otherwise. */
  private async passedOver(): Promise<LiveSummary['pipeline']> {
    const rules = await this.events.query<{ rule: string; n: number }>(
      `select arrayJoin(passed_over) as rule, uniqExact(event_id, received_at) as n from late_events where appended_at >= now() - interval 1 day group by rule order by n desc, rule limit 8`,
    )
    return rules.length
      ? [{ part: 'passed_over', ok: true, detail: rules.map(({ rule, n }) => `${rule} ${n}`).join(' · ') }]
      : []
  }

  /** A rule file that could not be loaded watches nobody: the desk must see that where it looks. */
  private async ruleFiles(): Promise<LiveSummary['pipeline'][number]> {
    try {
      const { problems } = await this.rules.current()
      const files = [...new Set(problems.map(({ file }) => file))]
      return { part: 'rules', ok: files.length === 0, detail: files.join(', ') || undefined }
    } catch {
      return { part: 'rules', ok: false }
    }
  }
}
