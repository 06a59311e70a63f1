import { RuleSet } from '@custodia/contracts'
import { untilAnswered, type EventLog, type LogRecord } from '../../event-log/index.js'
import type { Baselines } from '../baselines/index.js'
import type { Rule } from '../sigma/rule.js'
import type { Logger } from './logger.js'
import { parseJson } from './parse.js'
import { publishRules } from './publish-rules.js'
import { readRuleFiles } from './rule-files.js'
import { compileRules } from './rule-set.js'

/** A set is never in force earlier than this after it was appended, however long the append took. */
const NOTICE_MS = 500
/** The log is asked for new sets this often at most; well below the notice, so that no set can be missed. */
const ASK_AGAIN_MS = 300

/** A set as it is in force from a moment of log-append time on, the same for every partition. */
export interface SetInForce {
  version: string
  from: number
  rules: readonly Rule[]
  /** what is usual, as frozen last; absent: not known */
  baselines?: Baselines
}

interface Entry {
  set: RuleSet
  from: number
  rules?: readonly Rule[]
}

interface Options {
  log: EventLog
  /** what the first set is made of, where nobody has published one */
  dirs: readonly string[]
  logger: Logger
  now: () => number
}

/** The rule sets in the log, read back in order. The first is made of the folders' files; gateways publish the others. */
export class RuleBook {
  private readonly entries: Entry[] = []
  private next = 0
  private askedAt = -Infinity
  private asking: Promise<void> = Promise.resolve()

  private constructor(private readonly options: Options) {}

  static async open(options: Options): Promise<RuleBook> {
    const book = new RuleBook(options)
    await book.ask()
    if (!book.entries.length) await book.publishFirst()
    return book
  }

  /** Resolves when every set that can be in force at `at`, a log-append time, is known here. */
  async knowsUntil(at: number): Promise<void> {
    if (at > this.askedAt + ASK_AGAIN_MS) await this.ask(at)
  }

  /** the set for a record appended at `at`; undefined before the very first one */
  inForce(at: number): SetInForce | undefined {
    return this.open(this.entries.findLast((entry) => entry.from <= at))
  }

  versioned(version: string): SetInForce | undefined {
    return this.open(this.entries.findLast((entry) => entry.set.version === version))
  }

  private open(entry: Entry | undefined): SetInForce | undefined {
    if (!entry) return undefined
    entry.rules ??= compileRules(entry.set.files).rules
    return { version: entry.set.version, from: entry.from, rules: entry.rules }
  }

  /** one reader at a time, so that each set is added once */
  private ask(at = Infinity): Promise<void> {
    const turn = this.asking.then(() => (at > this.askedAt + ASK_AGAIN_MS ? this.readOn() : undefined))
    this.asking = turn.catch(() => undefined) // whoever asked is told; the next one asks again
    return turn
  }

  private async readOn(): Promise<void> {
    const { log, now } = this.options
    const asked = now()
    const [range] = await log.range('rule-sets')
    this.next = Math.max(this.next, range?.start ?? 0)
    for await (const record of log.read('rule-sets', 0, this.next, range?.end)) {
      this.next = record.offset + 1
      this.add(record)
    }
    this.askedAt = asked
  }

  private add({ value, appendedAt, offset }: LogRecord): void {
    const parsed = RuleSet.safeParse(parseJson(value))
    if (!parsed.success) return this.options.logger.error({ offset }, 'a rule set in the log cannot be read')
    const first = this.entries.length === 0
    const announced = Date.parse(parsed.data.effective_from)
    this.entries.push({ set: parsed.data, from: first ? announced : Math.max(announced, appendedAt + NOTICE_MS) })
  }

  private async publishFirst(): Promise<void> {
    const { log, dirs, logger, now } = this.options
    const files = await readRuleFiles(dirs)
    const set = await untilAnswered(() => publishRules(log, files, now()))
    await this.ask()
    logger.info(
      { version: set?.version, rules: set?.rules.length, problems: set?.problems },
      'first rule set published',
    )
  }
}
