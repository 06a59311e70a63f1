import { RuleSet } from '@custodia/contracts'
import type { RuleFile } from '@custodia/contracts'
import type { EventLog } from '../../event-log/index.js'
import { parseJson } from './parse.js'
import { makeRuleSet } from './rule-set.js'

/** How far ahead a new set is announced. */
const ANNOUNCE_MS = 1000

/** The newest set in the log, in force or announced; undefined before the very first one. */
export const newestRuleSet = async (log: Pick<EventLog, 'range' | 'read'>): Promise<RuleSet | undefined> => {
  const [range] = await log.range('rule-sets')
  let newest: RuleSet | undefined
  if (range && range.end > range.start)
    for await (const { value } of log.read('rule-sets', 0, range.end - 1, range.end))
      newest = RuleSet.parse(parseJson(value))
  return newest
}

type MakeRuleSet = (
  files: readonly RuleFile[],
  previous: RuleSet | undefined,
  effectiveFrom: Date,
) => RuleSet | Promise<RuleSet>

/**
 * Publishes these files as the next set, whole, for every gateway and worker; nothing when they say what the newest one says.
 * Whoever calls it sees to it that nobody else does at the same time.
 */
export const publishRules = async (
  log: Pick<EventLog, 'append' | 'range' | 'read'>,
  files: readonly RuleFile[],
  now: number,
  make: MakeRuleSet = makeRuleSet,
): Promise<RuleSet | undefined> => {
  const previous = await newestRuleSet(log)
  const set = await make(files, previous, new Date(previous ? now + ANNOUNCE_MS : now))
  if (set.version === previous?.version) return undefined
  await log.append('rule-sets', { key: 'rules', value: Buffer.from(JSON.stringify(set)) })
  return set
}
