import type { EventLog } from '../../event-log/index.js'
import { BaselineBook } from '../baselines/index.js'
import { DirectMachine } from './direct-machine.js'
import type { Logger } from './logger.js'
import { type DetectionMemory, MemoryWatch } from './memory-watch.js'
import { RekeyedMachine } from './rekeyed-machine.js'
import { RuleBook } from './rule-book.js'
import { runStage } from './stage.js'
import type { StageOptions } from './stage.js'

/** How often it is said how much is remembered. */
const TOLD_EVERY_MS = 60_000

export interface DetectionOptions {
  log: EventLog
  /** folders of rule files, for the very first set; a later one replaces files and rules of the same name */
  rulesDirs: readonly string[]
  logger: Logger
  /** milliseconds since the epoch */
  now: () => number
  commitEveryMs?: number
  snapshotEveryMs?: number
  /** bytes that windows may take before an alarm */
  memoryCeiling?: number
}

export interface Detection {
  /** resolves when stopped; rejects when a stage failed: what it had not marked done is read again after a restart */
  done: Promise<void>
  stop(): Promise<void>
  /** what is remembered, by rule */
  memory(): DetectionMemory
  /** rejects when that is more than the ceiling */
  checkMemory(): Promise<void>
  /** rejects while full windows forget */
  checkWindows(): Promise<void>
}

/** ③b: access events → (by actor) verdicts, alerts, re-keyed events → (by anything else) alerts. Decides, never acts. */
export const startDetection = async ({
  log,
  rulesDirs,
  logger,
  now,
  commitEveryMs = 200,
  snapshotEveryMs = 10_000,
  memoryCeiling = 2 ** 30,
}: DetectionOptions): Promise<Detection> => {
  const book = await RuleBook.open({ log, dirs: rulesDirs, logger, now })
  const memory = new MemoryWatch(memoryCeiling, logger)
  const shared = { log, book, memory, logger, now, commitEveryMs, snapshotEveryMs }
  const direct: StageOptions = {
    ...shared,
    stage: 'direct',
    baselines: new BaselineBook(log, now),
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
    memory.stop()
    await Promise.all(stages.map((stage) => stage.stop()))
  }
  memory.start(TOLD_EVERY_MS)
  const done = Promise.all(stages.map((stage) => stage.done)).then(() => undefined)
  done.catch(() => stop().catch(() => undefined)) // one stage down takes the other along; the caller sees the first error
  await Promise.all(stages.map((stage) => stage.ready))
  return {
    done,
    stop,
    memory: () => memory.report(),
    checkMemory: () => memory.check(),
    checkWindows: () => memory.checkWindows(),
  }
}
