import { Injectable } from '@nestjs/common'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What this process tells Prometheus. Labels are routes, statuses and names of parts; never people or records. */
@Injectable()
export class Metrics {
  readonly registry = new Registry()
  readonly request = new Histogram({
    name: 'custodia_http_request_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: seconds,
    registers: [this.registry],
  })
  readonly append = new Histogram({
    name: 'custodia_append_seconds',
    help: 'Time until events of a request were durable',
    labelNames: ['outcome'] as const,
    buckets: seconds,
    registers: [this.registry],
  })
  readonly appended = new Counter({
    name: 'custodia_appended_events_total',
    help: 'Access events made durable by this process',
    registers: [this.registry],
  })
  readonly heldWait = new Histogram({
    name: 'custodia_held_wait_seconds',
    help: 'Time a held access waited for its verdict',
    labelNames: ['verdict'] as const,
    buckets: seconds,
    registers: [this.registry],
  })
  readonly lag = new Gauge({
    name: 'custodia_lag_records',
    help: 'Records of the log that a part still has before it',
    labelNames: ['part'] as const,
    registers: [this.registry],
  })
  /** no series where no worker shares this data directory; rules' names are for the desk alone */
  readonly detectionMemory = new Gauge({
    name: 'custodia_detection_memory_bytes',
    help: 'What the windows of all rules hold, and how much they may',
    labelNames: ['of'] as const,
    registers: [this.registry],
  })
  readonly backupAge = new Gauge({
    name: 'custodia_backup_age_seconds',
    help: 'Time since the newest backup of this state was begun',
    labelNames: ['state'] as const, // no series where no backup is known
    registers: [this.registry],
  })

  constructor() {
    // CPU, memory, garbage collection and the delay of the event loop.
    collectDefaultMetrics({ register: this.registry, prefix: 'custodia_' })
  }
}
