import { Inject, Injectable } from '@nestjs/common'
import type { RuleFile } from '@custodia/contracts'
import { newestRuleSet } from '@custodia/streams/detection'
import type { EventLog } from '@custodia/streams/event-log'
import { EVENT_LOG, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { CONFIG, type Config } from '../config.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { ruleVersions } from '../record-store/schema.js'
import { type FoundRule, readFolder } from './folders.js'
import { everyVersion, goLive, liveFiles, lockRules, retire, standOf } from './rule-rows.js'
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

/**
 * Files become versions. The very first set is taken over as it is in force. Later a text that is not known yet is offered: as
 * a proposal that nobody has made, to be backtested and approved like any other. A file of the house is in force at once
 * where the house wants it so and nobody has edited that rule: who may write there may do anything to this machine.
 */
@Injectable()
export class Importer {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Config,
    private readonly capture: CaptureService,
    private readonly workshop: RuleWorkshop,
  ) {}

  /** undefined: there is nothing to begin with yet; otherwise the house's files that cannot be used */
  async run(): Promise<{ broken: RuleFile[] } | undefined> {
    const folders = await Promise.all(this.config.rulesDirs.map(readFolder))
    const [shipped, house] = [folders.slice(0, -1).flat(), folders.at(-1) ?? []]
    return this.store.db.transaction(async (tx) => {
      await lockRules(tx)
      if (!(await everyVersion(tx).limit(1)).length && !(await this.begin(tx, shipped, house))) return undefined
      const broken: RuleFile[] = []
      const news = [...(await unknown(tx, house)), ...(await this.putBack(tx, house))]
      for (const file of news) if (!(await this.take(tx, file, true))) broken.push(file)
      const own = new Set(house.map(({ name }) => name))
      const released = shipped.filter(({ name }) => !own.has(name))
      for (const file of await unknown(tx, released)) await this.take(tx, file, false)
      return { broken: broken.map(({ file, yaml }) => ({ file, yaml })) }
    })
  }

  /** Each as a proposal that nobody has made; whatever the house does with its own files, these wait to be approved. */
  async offer(found: readonly FoundRule[]): Promise<Offered> {
    return this.store.db.transaction(async (tx) => {
      await lockRules(tx)
      const fresh = await unknown(tx, found)
      const told: Offered = { offered: [], known: found.length - fresh.length, refused: [] }
      for (const file of fresh) {
        const { problems } = await this.workshop.changes(await liveFiles(tx), {
          file: fileOf(file.name),
          yaml: file.yaml,
        })
        const [wrong] = problems
        const line = wrong?.line === undefined ? '' : `line ${wrong.line}: `
        if (wrong) told.refused.push({ file: file.file, problem: `${line}${wrong.reason}` })
        else if (await this.take(tx, file, false))
          told.offered.push(`${file.name}@${(await standOf(tx, file.name)).last}`)
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

  /** Files of the house that have an earlier text of theirs again: as new, where the one in force came from the file as well. */
  private async putBack(tx: Queries, house: readonly FoundRule[]): Promise<FoundRule[]> {
    if (this.config.rules.files !== 'follow') return []
    const versions = await everyVersion(tx)
    return house.filter(({ name, hash }) => {
      const own = versions.filter((version) => version.name === name)
      const live = own.find(({ state, author, decidedBy }) => state === 'live' && !author && !decidedBy)
      return live && live.hash !== hash && own.some((version) => version.hash === hash)
    })
  }

  /** False: it cannot be used. */
  private async take(tx: Queries, found: FoundRule, ofHouse: boolean): Promise<boolean> {
    const { name, yaml, cases } = found
    const inForce = await liveFiles(tx)
    const { last, live } = await standOf(tx, name)
    const text = { file: fileOf(name), yaml }
    const others = ofHouse ? await this.replaced(tx, inForce, text) : []
    const { problems, two_persons: twoPersons } = await this.workshop.changes(
      inForce.filter(({ file }) => !others.includes(file)),
      text,
    )
    if (problems.length) return false
    const row = { name, number: last + 1, yaml, cases: cases ?? live?.cases ?? null, base: live?.number ?? null }
    const reason = ofHouse ? 'a file of the house' : 'a file of this release'
    const offered: NewVersion = { ...row, reason, twoPersons, state: 'proposed', proposedAt: new Date() }
    const atOnce = ofHouse && this.config.rules.files === 'follow' && !live?.author
    await tx.insert(ruleVersions).values(offered)
    if (atOnce) await goLive(tx, row, { by: null, why: null })
    for (const file of atOnce ? others : []) await retire(tx, nameOf(file))
    const fields = [atOnce ? 'rule.import' : 'rule.offer']
    const facts = { actor: 'system', record_id: `${name}@${row.number}`, fields, reason }
    await this.capture.append([this.capture.build('rule_change', 'granted', facts)])
    return true
  }

  /** Files in force with a rule of the same name, which a file of the house takes the place of unless somebody edited them. */
  private async replaced(tx: Queries, inForce: readonly RuleFile[], text: RuleFile): Promise<string[]> {
    const names = new Set(await this.workshop.ask('names', text))
    const rules = await this.workshop.ask('files', inForce)
    const live = (await everyVersion(tx)).filter(({ state, author }) => state === 'live' && author)
    const edited = new Set(live.map(({ name }) => fileOf(name)))
    const same = rules.filter(({ name, file }) => file !== text.file && !edited.has(file) && names.has(name))
    return [...new Set(same.map(({ file }) => file))]
  }
}

/** Texts that no version of their file has ever had: what was refused once is not offered again. */
const unknown = async (tx: Queries, found: readonly FoundRule[]): Promise<FoundRule[]> => {
  const known = new Set((await everyVersion(tx)).map(({ name, hash }) => `${name} ${hash}`))
  return found.filter(({ name, hash }) => !known.has(`${name} ${hash}`))
}
