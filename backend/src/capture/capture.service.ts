import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { keyOf, type AccessAction, type AccessEvent, type EventPlace, type Verdict } from '@custodia/contracts'
import type { EventLog, Position } from '@custodia/streams/event-log'
import { v7 as uuidv7 } from 'uuid'
import { EVENT_LOG } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { Caller, Origin } from '../gateway/caller.js'
import { ProblemError } from '../gateway/problem.js'
import { Enricher } from './enricher.js'
import { Metrics } from './metrics.js'
import { Runs } from './runs.js'
import { VerdictListener } from './verdicts.js'
import { within } from './within.js'
import { Writer } from './writer.js'

/** The log bounds its appends itself, and knows more when it gives up: it goes first. */
const graceMs = 500

/** What an access was about, as the room that serves it knows. Ids and counts, never values. */
export type AccessFacts = Partial<
  Pick<
    AccessEvent,
    | 'subject'
    | 'customer_id'
    | 'record_id'
    | 'record_ids'
    | 'fields'
    | 'count'
    | 'bytes'
    | 'purpose'
    | 'approval_id'
    | 'reason'
    | 'factor'
    | 'relation'
    | 'segment'
    | 'actor'
    | 'actor_role'
    | 'team'
    | 'branch'
    | 'session'
    | 'new_device'
    | 'idle_days'
    | 'canary'
    | 'demo'
    | 'drill'
  >
>

/** Opening a customer, for the run that it may be part of. */
const opens = new Set<AccessAction>(['view', 'reveal', 'photo_view', 'photo_download'])

/** Builds, enriches and appends access events. The gateway and ingest share it; nothing else writes to the topic. */
@Injectable()
export class CaptureService implements OnModuleInit, OnModuleDestroy {
  private readonly patienceMs: number
  private readonly writer: Writer
  private readonly verdicts: VerdictListener
  private readonly runs = new Runs()

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Config,
    private readonly enricher: Enricher,
    private readonly metrics: Metrics,
  ) {
    this.patienceMs = config.appendTimeoutMs + graceMs
    this.writer = new Writer(log, this.patienceMs)
    this.verdicts = new VerdictListener(log)
  }

  /** One event of our own, enriched, not yet appended. */
  build(
    action: AccessAction,
    outcome: AccessEvent['outcome'],
    facts: AccessFacts,
    origin?: Origin,
    caller?: Caller,
  ): AccessEvent {
    const time = new Date()
    const event: AccessEvent = {
      id: uuidv7(),
      v: 1,
      time: time.toISOString(),
      source: 'custodia',
      action,
      outcome,
      actor: caller?.id,
      actor_role: caller?.role,
      team: caller?.team || undefined,
      branch: caller?.branch || undefined,
      session: caller?.session,
      factor: caller?.scopes && 'token',
      new_device: caller?.newDevice || undefined,
      moved: caller?.moved,
      run:
        caller && facts.customer_id && opens.has(action)
          ? this.runs.open(caller.session, facts.customer_id)
          : undefined,
      demo: caller?.demo || undefined,
      drill: caller?.drill || undefined,
      ip: origin?.ip,
      device: origin?.device,
      user_agent: origin?.userAgent,
      request_id: origin?.requestId,
      ...this.enricher.enrich(time, { ip: origin?.ip, team: caller?.team }),
      ...facts,
    }
    return event
  }

  /** Durable when it resolves; otherwise the caller gets 503 and no byte of the record. */
  async append(events: AccessEvent[], origin?: Origin): Promise<Position[]> {
    const took = this.metrics.append.startTimer()
    try {
      const positions = await this.writer.append(events, origin?.traceparent)
      took({ outcome: 'durable' })
      this.metrics.appended.inc(events.length)
      return positions
    } catch (cause) {
      took({ outcome: 'failed' })
      throw unavailable(cause)
    }
  }

  /**
   * Appends a held access, the last of `events`, and waits for the verdict on it. Resolves only when it is allowed, with
   * the place of the access in the log; `onDurable` is called before the wait.
   */
  async appendHeld(
    events: AccessEvent[],
    held: AccessEvent,
    onDurable: () => void = () => {},
    origin?: Origin,
  ): Promise<EventPlace | undefined> {
    const expected = this.verdicts.expect(held.id)
    let place: EventPlace | undefined
    try {
      place = (await this.append(events, origin)).at(-1)
      onDurable()
    } catch (error) {
      expected.forget()
      throw error
    }
    const took = this.metrics.heldWait.startTimer()
    const verdict = await expected.verdict(this.config.holdTimeoutMs)
    took({ verdict: verdict?.verdict ?? 'expired' })
    if (verdict?.verdict === 'allowed') return place
    if (verdict?.verdict === 'refused')
      throw new ProblemError('limit_reached', { rule: verdict.rule, limit: verdict.limit })
    await this.notServed(held)
    throw new ProblemError('verdict_missing', { headers: { 'retry-after': '1' } })
  }

  /** Rejects with a sentence when held accesses cannot be answered now. */
  async check(): Promise<void> {
    this.verdicts.check()
  }

  /**
   * Writes down that a held access was not served, whatever detection said of it: reports tell it apart from what was,
   * rules go on counting it, for the conservative side. By the key of the access, so that its verdicts share its partition.
   */
  async notServed(held: AccessEvent): Promise<void> {
    const time = new Date().toISOString()
    const verdict: Verdict = { event_id: held.id, verdict: 'expired', actor: held.actor, time }
    try {
      const record = { key: keyOf(held), value: Buffer.from(JSON.stringify(verdict)) }
      await within(this.patienceMs, this.log.append('verdicts', record))
    } catch (cause) {
      throw unavailable(cause)
    }
  }

  async onModuleInit(): Promise<void> {
    await this.verdicts.ready
  }

  async onModuleDestroy(): Promise<void> {
    await this.verdicts.close()
  }
}

const unavailable = (cause: unknown): ProblemError =>
  new ProblemError('event_log_unavailable', { headers: { 'retry-after': '1' } }, { cause })
