import type { INestApplicationContext } from '@nestjs/common'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import type { RecordStore } from '../record-store/record-store.js'
import { Runs, type Counts, type RunKind } from './runs.js'

interface Done {
  kind: Extract<RunKind, 'restore' | 'drill'>
  backup: string
  from: string
  startedAt: Date
  counts?: Counts
  /** why it failed */
  problem?: string
}

/** Writes a restore or drill down: a row for administrators, and an event like every other thing they do. */
export async function recordDone(app: INestApplicationContext, done: Done): Promise<void> {
  const { kind, backup, from: target, startedAt, counts, problem } = done
  const runs = new Runs(app.get<RecordStore>(RECORD_STORE))
  const by = 'system'
  const id = await runs.begin({ kind, backup, target, by, startedAt })
  const state = problem === undefined ? 'verified' : 'failed'
  await runs.end(id, { state, finishedAt: new Date(), ...(counts && { counts }), ...(problem && { problem }) })
  const capture = app.get(CaptureService)
  const facts = { actor: by, reason: kind === 'drill' ? 'restore drill' : 'restore', record_id: backup }
  const outcome = problem === undefined ? 'granted' : 'failed'
  await capture.append([capture.build('admin', outcome, { ...facts, count: counts?.['rows'] })])
}
