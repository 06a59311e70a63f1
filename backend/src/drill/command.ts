import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { DrillResult } from '@custodia/contracts'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { openRunningSystem } from '../cli/running-system.js'
import { StartError } from '../cli/start-error.js'
import { readConfigFromEnvironment } from '../config.js'
import type { RecordStore } from '../record-store/record-store.js'
import { askForDrill, findDrill, type DrillRow } from './drill-row.js'

/** Exit codes: he was stopped; nobody noticed, or nothing stopped him. A drill that could not be played is 1 like every error. */
const notStopped = 3
const lookEveryMs = 500
/** A gateway takes up what is asked for within a second. */
const takeUpMs = 30_000

export const drillFlags = { json: { type: 'boolean' } } as const

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/**
 * `custodia drill`: whoever may run it can read the key file and so everything; it needs no other sign-in. It only asks, and
 * writes down that it did: a gateway of the running system plays.
 */
export async function drillCommand(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: drillFlags })
  const app = await openRunningSystem(readConfigFromEnvironment())
  try {
    const store = app.get<RecordStore>(RECORD_STORE)
    const asked = await store.db.transaction(async (tx) => {
      const row = await askForDrill(tx, 'system')
      if (!row) throw new StartError('A drill is running already: wait for its result.')
      const capture = app.get(CaptureService)
      const facts = { actor: 'system', record_id: row.id, reason: 'drill, asked for on the command line' }
      await capture.append([capture.build('admin', 'granted', facts)])
      return row
    })
    const { result, problem } = await finished(store, asked.id)
    if (!result) throw new StartError(`The drill was not played to its end: ${problem ?? 'nobody says why'}`)
    say(values.json ? JSON.stringify(result, undefined, 2) : textOf(result))
    process.exitCode = result.hold_ms === undefined && result.freeze_ms === undefined ? notStopped : 0
  } finally {
    await app.close()
  }
}

async function finished(store: RecordStore, id: string): Promise<DrillRow> {
  for (let waited = 0; ; waited += lookEveryMs) {
    const row = await findDrill(store.db, id)
    if (!row) throw new StartError('The drill is gone.')
    if (row.finishedAt) return row
    if (row.state === 'asked' && waited > takeUpMs)
      throw new StartError('No gateway takes the drill up: see whether one runs (custodia health gateway).')
    await sleep(lookEveryMs)
  }
}

const ms = (value: number | undefined): string => (value === undefined ? 'never' : `${value} ms`)

/** For people. */
export function textOf(result: DrillResult): string {
  const { served, refused, worked_ms, rule, detect_ms, hold_ms, freeze_ms, notify_ms, notices } = result
  const told = notices === 'nobody' ? 'nobody is to be told: no channel wants it' : ms(notify_ms)
  const lines = [
    `The insider got ${served} photos in ${(worked_ms / 1000).toFixed(1)} s; ${refused} more were refused.`,
  ]
  if (!rule) return [...lines, 'Nobody noticed: no rule that is in force fired.'].join('\n')
  return [
    ...lines,
    `After the access that broke the rule ${rule}:`,
    `  detected  ${ms(detect_ms)}`,
    `  held      ${ms(hold_ms)}`,
    `  frozen    ${ms(freeze_ms)}`,
    `  notified  ${told}`,
  ].join('\n')
}
