import { Inject, Injectable } from '@nestjs/common'
import type { RuleFile, RuleProblem } from '@custodia/contracts'
import { newestRuleSet } from '@custodia/streams/detection'
import { acts } from '@custodia/streams/detection/workshop'
import type { EventLog } from '@custodia/streams/event-log'
import { EVENT_LOG, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { CONFIG, type Config } from '../config.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { ruleVersions } from '../record-store/schema.js'
import { type FoundRule, readFolder } from './folders.js'
import { endOfFile, everyVersion, goLive, liveFiles, lockRules, proposedFiles, standOf } from './rule-rows.js'
import { fileOf, nameOf } from './file-names.js'
import { RuleWorkshop } from './rule-workshop.js'

export interface Offered {
  /** `name@version` */
  offered: string[]
  /** how many have this text, or had it once */
  known: number
  refused: { file: string; problem: string }[]
}
type NewVersion = typeof ruleVersions.$inferInsert
type Origin = 'house' | 'release' | 'command'

const reasons: Readonly<Record<Origin, string>> = {
  house: 'a file of the house',
  release: 'a file of this release',
  command: 'imported by command',
}

/**
 * Files become versions. The very first set is taken over as it is in force. Later a text that is not known yet is offered: as
 * a proposal that nobody has made, to be backtested and approved like any other. A file of the house is in force at once
 * where the house wants it so, nobody has edited that rule, and nothing freezes or holds by it: that takes two persons, whoever
 * may write files. What waits takes as many as a draft does. A proposal that nobody has made ends when its file says something else by now, or is gone.
 */
@Injectable()
export class Importer {
  /** what the folders had when they were last read: the text of each file, by its name */
  private seen: ReadonlyMap<string, string> = new Map()

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Config,
    private readonly capture: CaptureService,
    private readonly workshop: RuleWorkshop,
  ) {}

  /** undefined: there is nothing to begin with yet; otherwise why files of the house, or cases of either, cannot be used */
  async run(): Promise<{ problems: RuleProblem[] } | undefined> {
    const folders = await Promise.all(this.config.rulesDirs.map(readFolder))
    const [shipped, house] = [folders.slice(0, -1).flat(), folders.at(-1) ?? []]
    const own = new Set(house.map(({ name }) => name))
    const released = shipped.filter(({ name }) => !own.has(name))
    const now = new Map([...released, ...house].map(({ name, hash }) => [name, hash]))
    const told = await this.store.db.transaction(async (tx) => {
      await lockRules(tx)
      if (!(await everyVersion(tx).limit(1)).length && !(await this.begin(tx, shipped, house))) return undefined
      for (const [name, hash] of this.seen)
        if (now.get(name) !== hash) await this.withdraw(tx, name, now.has(name) ? 'file_changed' : 'file_gone', hash)
      const news = new Set([...(await unknown(tx, house)), ...(await this.putBack(tx, house))])
      const refused = await this.takeAll(tx, [...news], 'house')
      await this.takeAll(tx, await unknown(tx, released), 'release')
      // of a file that is known already nothing is taken, and its cases are as unreadable
      const unreadable = [...released, ...house].flatMap((file) => file.unreadable ?? [])
      return { problems: [...new Set([...unreadable, ...refused.flatMap(({ problems }) => problems)])] }
    })
    if (told) this.seen = now
    return told
  }

  /** Each as a proposal that nobody has made; whatever the house does with its own files, these wait to be approved. */
  async offer(found: readonly FoundRule[]): Promise<Offered> {
    return this.store.db.transaction(async (tx) => {
      await lockRules(tx)
      const fresh = await unknown(tx, found)
      const told: Offered = { offered: [], known: found.length - fresh.length, refused: [] }
      const refused = await this.takeAll(tx, fresh, 'command')
      for (const file of fresh) {
        const [wrong] = refused.find((one) => one.file === file)?.problems ?? []
        const line = wrong?.line === undefined ? '' : `line ${wrong.line}: `
        if (wrong) told.refused.push({ file: wrong.file, problem: `${line}${wrong.reason}` })
        else told.offered.push(`${file.name}@${(await standOf(tx, file.name)).last}`)
      }
      return told
    })
  }

  /** What detection judges by becomes the first version of each file. */
  private async begin(tx: Queries, shipped: readonly FoundRule[], house: readonly FoundRule[]): Promise<boolean> {
    const set = await newestRuleSet(this.log)
    if (!set) return false
    const first = (name: string, yaml: string, cases: string | undefined): NewVersion => {
      const row = { name, number: 1, yaml, cases: cases ?? null, reason: 'the first set' }
      return { ...row, state: 'live', twoPersons: false, decidedAt: new Date(set.effective_from) }
    }
    const found = [...shipped, ...house]
    const live = set.files.map(({ file, yaml }) => {
      const name = nameOf(file)
      return first(name, yaml, found.find((one) => one.name === name && one.yaml === yaml)?.cases)
    })
    if (live.length) await tx.insert(ruleVersions).values(live)
    return true
  }

  /**
   * Files of the house that have an earlier text of theirs again: as new, where the one in force came from a file as well. Once:
   * what has waited or was refused since that one went live is not offered again.
   */
  private async putBack(tx: Queries, house: readonly FoundRule[]): Promise<FoundRule[]> {
    if (this.config.rules.files !== 'follow') return []
    const versions = await everyVersion(tx)
    return house.filter(({ name, hash }) => {
      const own = versions.filter((version) => version.name === name)
      const live = own.find(({ state, author }) => state === 'live' && !author)
      const last = own.findLast((version) => version.hash === hash)
      return live && last && last.number < live.number
    })
  }

  /** Those that cannot be used, and why. One may need another that comes with it, in whatever order they are. */
  private async takeAll(tx: Queries, files: readonly FoundRule[], origin: Origin): Promise<Refused[]> {
    const refused: Refused[] = []
    for (const file of files) {
      const problems = await this.take(tx, file, origin)
      if (problems.length) refused.push({ file, problems })
    }
    const again = refused.length > 0 && refused.length < files.length
    return again
      ? this.takeAll(
          tx,
          refused.map(({ file }) => file),
          origin,
        )
      : refused
  }

  /** Why it cannot be used, if so; otherwise it is a version now. */
  private async take(tx: Queries, found: FoundRule, origin: Origin): Promise<RuleProblem[]> {
    const { name, yaml, cases, unreadable } = found
    if (unreadable) return [unreadable]
    const { last, live } = await standOf(tx, name)
    const text = { file: fileOf(name), yaml }
    const inForce = await liveFiles(tx)
    const alone = await this.workshop.changes(inForce, text)
    const judged = alone.problems.length
      ? await this.workshop.changes(over(inForce, await proposedFiles(tx)), text)
      : alone
    if (judged.problems.length) return alone.problems.map((problem) => asOwn(problem, text.file))
    await this.withdraw(tx, name, 'file_changed')
    const row = { name, number: last + 1, yaml, cases: cases ?? live?.cases ?? null, base: live?.number ?? null }
    const reason = reasons[origin]
    const follows = origin === 'house' && this.config.rules.files === 'follow'
    const atOnce = follows && !live?.author && !acts(judged) && !alone.problems.length
    const twoPersons = !atOnce && judged.two_persons
    const offered: NewVersion = { ...row, reason, twoPersons, state: 'proposed', proposedAt: new Date() }
    await tx.insert(ruleVersions).values(offered)
    if (atOnce) await goLive(tx, row, { by: null, why: null })
    await this.tell(atOnce ? 'rule.import' : 'rule.offer', row, reason)
    return []
  }

  /** Ends proposals of a file that nobody has made: those of one text, or all. */
  private async withdraw(tx: Queries, name: string, why: 'file_changed' | 'file_gone', hash?: string): Promise<void> {
    for (const row of await endOfFile(tx, name, why, hash)) await this.tell('rule.end', row, why)
  }

  private async tell(step: string, { name, number }: { name: string; number: number }, reason: string): Promise<void> {
    const facts = { actor: 'system', record_id: `${name}@${number}`, fields: [step], reason }
    await this.capture.append([this.capture.build('rule_change', 'granted', facts)])
  }
}

interface Refused {
  file: FoundRule
  problems: RuleProblem[]
}

/** Files, and others that stand in their place or beside them. */
const over = (files: readonly RuleFile[], others: readonly RuleFile[]): RuleFile[] => [
  ...files.filter(({ file }) => !others.some((other) => other.file === file)),
  ...others,
]

/** What a file would break elsewhere is told of that file: the other one goes on as it is. */
const asOwn = (problem: RuleProblem, own: string): RuleProblem => {
  const { file, reason, reason_zh: zh = reason } = problem
  if (file === own) return problem
  return { file: own, reason: `would break ${file}: ${reason}`, reason_zh: `会使 ${file} 无法使用：${zh}` }
}

/**
 * Texts that no version of their file has ever had: what was refused once is not offered again. One that ended because its file
 * said something else meanwhile is, once the file has been written again since: two gateways that have different files for a
 * while would otherwise offer theirs in turns.
 */
const unknown = async (tx: Queries, found: readonly FoundRule[]): Promise<FoundRule[]> => {
  const versions = await everyVersion(tx)
  return found.filter(({ name, hash, changedAt }) => {
    const own = versions.filter((version) => version.name === name && version.hash === hash)
    return own.every(
      ({ decision, decidedAt }) =>
        decision === 'file_gone' || (decision === 'file_changed' && decidedAt !== null && decidedAt < changedAt),
    )
  })
}
