import type { EventLog } from '../../event-log/index.js'
import { DirectMachine } from './direct-machine.js'
import type { Logger } from './logger.js'
import { RekeyedMachine } from './rekeyed-machine.js'
import { RuleBook } from './rule-book.js'
import { runStage } from './stage.js'
import type { StageOptions } from './stage.js'

export interface DetectionOptions {
  log: EventLog
  /** folders of rule files; a later one replaces files and rules of the same name */
  rulesDirs: readonly string[]
  logger: Logger
  /** milliseconds since the epoch */
  now: () => number
  commitEveryMs?: number
  snapshotEveryMs?: number
}

export interface Detection {
  /** resolves when stopped; rejects when a stage failed: what it had not marked done is read again after a restart */
  done: Promise<void>
  stop(): Promise<void>
}

/** ③b: access events → (by actor) verdicts, alerts, re-keyed events → (by anything else) alerts. Decides, never acts. */
export const startDetection = async ({
  log,
  rulesDirs,
  logger,
  now,
  commitEveryMs = 200,
  snapshotEveryMs = 10_000,
}: DetectionOptions): Promise<Detection> => {
  const book = await RuleBook.open({ log, dirs: rulesDirs, logger, now })
  const shared = { log, book, logger, now, commitEveryMs, snapshotEveryMs }
  const direct: StageOptions = {
    ...shared,
    stage: 'direct',
    topic: 'access-events',
    group: 'detection',
    machine: () => new DirectMachine(),
  }
  const rekeyed: StageOptions = {
    ...shared,
    stage: 'rekeyed',
    topic: 'rekeyed',
    group: 'detection-rekeyed',
    machine: () => new RekeyedMachine(),
    before: { group: direct.group, topic: direct.topic },
  }
  const stages = [runStage(direct), runStage(rekeyed)]
  const stop = async (): Promise<void> => {
    await Promise.all(stages.map((stage) => stage.stop()))
    await book.close()
  }
  const done = Promise.all(stages.map((stage) => stage.done)).then(() => undefined)
  done.catch(() => stop().catch(() => undefined)) // one stage down takes the other along; the caller sees the first error
  await Promise.all(stages.map((stage) => stage.ready))
  return { done, stop }
}
