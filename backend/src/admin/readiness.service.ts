import { Inject, Injectable } from '@nestjs/common'
import type { AuditStore } from '@custodia/streams/audit-store'
import type { EventLog } from '@custodia/streams/event-log'
import type { Logger } from 'pino'
import { AUDIT_STORE, EVENT_LOG, LOGGER, PHOTO_STORE, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { Metrics } from '../capture/metrics.js'
import { CONFIG, type Config } from '../config.js'
import { Hearing } from '../gateway/hearing.js'
import type { PhotoStore } from '../photo-store/photo-store.js'
import type { RecordStore } from '../record-store/record-store.js'
import { detectionMemory } from '../triage/detection-memory.js'
import { lagOf } from '../triage/pipeline-lag.js'

export interface Part {
  part: string
  ok: boolean
  lag?: number
  /** the gate works without it: nobody is sent elsewhere because of it */
  optional?: true
}

const optional = new Set(['notices'])

const patienceMs = 2000

/** Asks every part that an access needs, each for a bounded time. Names parts; why one fails is for the log alone. */
@Injectable()
export class ReadinessService {
  private running?: Promise<Part[]>

  constructor(
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(RECORD_STORE) private readonly records: RecordStore,
    @Inject(AUDIT_STORE) private readonly audit: AuditStore,
    @Inject(PHOTO_STORE) private readonly photos: PhotoStore,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly capture: CaptureService,
    private readonly metrics: Metrics,
    private readonly hearing: Hearing,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Many who ask at once share one round. */
  parts(): Promise<Part[]> {
    return (this.running ??= this.ask().finally(() => (this.running = undefined)))
  }

  /** Brings the gauges up to date. */
  async measure(): Promise<void> {
    const [memory] = await Promise.all([detectionMemory(this.config.dataDir, patienceMs), this.parts()])
    this.metrics.detectionMemory.reset()
    if (!memory) return
    this.metrics.detectionMemory.set({ of: 'windows' }, memory.bytes)
    this.metrics.detectionMemory.set({ of: 'ceiling' }, memory.ceiling)
  }

  private async ask(): Promise<Part[]> {
    const [lags, ...parts] = await Promise.all([
      this.lags(),
      this.check('event log', this.log),
      this.check('verdicts', this.capture),
      this.check('record store', this.records),
      this.check('audit store', this.audit),
      this.check('photo store', this.photos),
    ])
    // A gateway that cannot hear of freezes shows nothing protected (503 out_of_touch): others do.
    return [...parts, { part: 'in touch', ok: !this.hearing.lost }, ...lags]
  }

  private async check(part: string, port: { check(): Promise<void> }): Promise<Part> {
    return {
      part,
      ok: await this.within(
        part,
        port.check().then(() => true),
        false,
      ),
    }
  }

  private async lags(): Promise<Part[]> {
    const parts = await this.within('pipeline', lagOf(this.log), [{ part: 'pipeline', ok: false }])
    for (const { part, lag } of parts) if (lag !== undefined) this.metrics.lag.set({ part }, lag)
    return parts.map(({ part, ok, lag }) => ({ part, ok, lag, ...(optional.has(part) && { optional: true }) }))
  }

  /** The answer, or what stands for it when it fails or takes too long. */
  private async within<T>(part: string, answer: Promise<T>, instead: T): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), patienceMs)
    })
    try {
      return await Promise.race([answer, late])
    } catch (error) {
      this.logger.warn({ part, err: error }, 'not ready')
      return instead
    } finally {
      clearTimeout(timer)
    }
  }
}
