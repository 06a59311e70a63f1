import { Inject, Injectable } from '@nestjs/common'
import { type InputOf, PLACEHOLDERS, type RuleDecision, type RuleVersion, type routes } from '@custodia/contracts'
import { and, desc, eq } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import type { Access } from '../gateway/access.js'
import { asProblem } from '../gateway/problem.filter.js'
import { ProblemError } from '../gateway/problem.js'
import { SecondPersons } from '../identity/second-persons.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { ruleVersions } from '../record-store/schema.js'
import { NamesService } from '../timelines/names.service.js'
import { RuleKeeper } from './keeper.js'
import {
  asVersion,
  endThoseOfFrozen,
  goLive,
  liveFiles,
  lockRules,
  peopleOf,
  standOf,
  storeClock,
  versionRow,
} from './rule-rows.js'
import type { RuleVersionRow } from './rule-rows.js'
import { isGoodEnough } from './trial.js'
import { fileOf, listsFirst } from './file-names.js'
import { RuleWorkshop } from './rule-workshop.js'

type Step = Pick<InputOf<typeof routes.rulePropose>, 'params' | 'body'>
type Work = (tx: Queries, row: RuleVersionRow) => Promise<RuleVersionRow>

/**
 * From a draft into force: whoever edits, tries, proposes; where a rule freezes or holds, or one in force might see less,
 * somebody else puts it into force.
 */
@Injectable()
export class VersionsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly keeper: RuleKeeper,
    private readonly names: NamesService,
    private readonly capture: CaptureService,
    private readonly workshop: RuleWorkshop,
    private readonly seconds: SecondPersons,
  ) {}

  /** Keeps a draft; one's own newest one is written over as long as nobody has seen it as a proposal. */
  async edit(access: Access, { params, body }: InputOf<typeof routes.ruleEdit>): Promise<RuleVersion> {
    const { id: name } = params
    const { who } = access.about({ record_id: name, fields: ['rule.edit'], reason: body.reason })
    const row = await this.alone(async (tx) => {
      const { last, live } = await standOf(tx, name)
      if ((body.base === undefined) !== (last === 0)) throw new ProblemError('conflict')
      const from = body.base === undefined ? undefined : await versionRow(tx, name, body.base)
      if (body.base !== undefined && !from) throw new ProblemError('not_found')
      const text = { file: fileOf(name), yaml: body.yaml }
      const { two_persons, problems } = await this.workshop.changes(await liveFiles(tx), text)
      const kept = {
        yaml: body.yaml,
        cases: body.cases ?? live?.cases ?? null,
        reason: body.reason,
        base: from && (wasInForce(from) ? from.number : from.base),
        twoPersons: two_persons || problems.length > 0,
        createdAt: new Date(),
        trial: null,
      }
      const newest = await versionRow(tx, name, last)
      const own = newest?.state === 'draft' && newest.author === who.id ? newest : undefined
      if (body.replaces !== undefined && body.replaces !== (own?.createdAt.toISOString() ?? null))
        throw new ProblemError('conflict', {
          detail: 'This draft was saved elsewhere since it was opened. Load it again.',
        })
      const [saved] = own
        ? await tx.update(ruleVersions).set(kept).where(isVersion(own)).returning()
        : await tx
            .insert(ruleVersions)
            .values({ ...kept, name, number: last + 1, state: 'draft', author: who.id })
            .returning()
      if (!saved) throw new ProblemError('conflict')
      await access.grant({ record_id: `${name}@${saved.number}` })
      return saved
    })
    return this.readable(row)
  }

  async propose(access: Access, { params, body }: Step): Promise<RuleVersion> {
    const row = await this.step(access, 'rule.propose', { params, body }, async (tx, draft) => {
      if (draft.state !== 'draft') throw new ProblemError('conflict')
      if (draft.author !== access.who.id) throw new ProblemError('not_allowed')
      const { twoPersons } = await this.requireUsable(tx, draft)
      const proposed = { state: 'proposed' as const, proposedAt: storeClock, reason: body.reason, twoPersons }
      const [row] = await tx.update(ruleVersions).set(proposed).where(isVersion(draft)).returning()
      if (!row) throw new ProblemError('conflict')
      return twoPersons ? row : goLive(tx, row, { by: access.who.id, why: body.reason })
    })
    if (row.state === 'live') await this.keeper.publish()
    return this.readable(row)
  }

  async approve(access: Access, asked: Step): Promise<RuleVersion> {
    const row = await this.decide(access, asked)
    await this.keeper.publish()
    return this.readable(row)
  }

  /** Each by itself: what is refused is told and written down, and holds no other up. They come into force as one set. */
  async approveEach(
    access: Access,
    { body }: InputOf<typeof routes.ruleApproveEach>,
  ): Promise<{ items: RuleDecision[] }> {
    const items: RuleDecision[] = []
    try {
      for (const { name, number } of listsFirst(body.versions)) {
        const each = access.another()
        const told = await this.decide(each, { params: { id: name, number }, body }).then(
          ({ state }) => ({ state }),
          async (error: unknown) => ({ problem: await refusedAlone(each, error) }),
        )
        items.push({ name, number, ...told, event_id: each.event?.id })
      }
    } finally {
      await this.keeper.publish()
    }
    const count = items.filter(({ problem }) => !problem).length
    await access.grant({ fields: ['rule.approve'], reason: body.reason, count })
    return { items }
  }

  /**
   * Where two persons are needed, a proposal that nobody made (it came as a file) is proposed by the first one who approves it,
   * and put into force by another.
   */
  private decide(access: Access, { params, body }: Step): Promise<RuleVersionRow> {
    return this.step(access, 'rule.approve', { params, body }, async (tx, proposed) => {
      if (proposed.state !== 'proposed') throw new ProblemError('conflict')
      const { twoPersons } = await this.requireUsable(tx, proposed)
      if (twoPersons) await this.seconds.require(tx, access.who, proposed.author)
      if (!twoPersons || proposed.author !== null) return goLive(tx, proposed, { by: access.who.id, why: body.reason })
      access.about({ fields: ['rule.propose'] })
      const reason = `${proposed.reason}: ${body.reason}`
      const taken = { author: access.who.id, proposedAt: storeClock, reason, twoPersons }
      const [row] = await tx.update(ruleVersions).set(taken).where(isVersion(proposed)).returning()
      if (!row) throw new ProblemError('conflict')
      return row
    })
  }

  async reject(access: Access, { params, body }: Step): Promise<RuleVersion> {
    const row = await this.step(access, 'rule.reject', { params, body }, async (tx, open) => {
      const mine = open.author === access.who.id
      if (open.state !== 'proposed' && !(open.state === 'draft' && mine)) throw new ProblemError('conflict')
      const ended = { state: 'ended' as const, decidedAt: storeClock, decidedBy: access.who.id, decision: body.reason }
      const [row] = await tx.update(ruleVersions).set(ended).where(isVersion(open)).returning()
      if (!row) throw new ProblemError('conflict')
      return row
    })
    return this.readable(row)
  }

  /** Goes back to what was in force once: without a backtest, for it may be urgent, but not without a second person. */
  async rollback(access: Access, { params, body }: Step): Promise<RuleVersion> {
    const row = await this.step(access, 'rule.rollback', { params, body }, async (tx, old) => {
      if (old.state !== 'retired') throw new ProblemError('conflict')
      const { last, live } = await standOf(tx, old.name)
      const text = { file: fileOf(old.name), yaml: old.yaml }
      const { two_persons: twoPersons } = await this.workshop.usable(await liveFiles(tx), text)
      const { name, yaml, cases } = old
      const who = { author: access.who.id, reason: body.reason, proposedAt: storeClock }
      const again = { name, yaml, cases, number: last + 1, base: live?.number ?? null, rollbackTo: old.number }
      const [row] = await tx
        .insert(ruleVersions)
        .values({ ...again, ...who, twoPersons, state: 'proposed' })
        .returning()
      if (!row) throw new ProblemError('conflict')
      return twoPersons ? row : goLive(tx, row, { by: access.who.id, why: body.reason })
    })
    if (row.state === 'live') await this.keeper.publish()
    return this.readable(row)
  }

  async history(access: Access, name: string): Promise<{ name: string; versions: RuleVersion[] }> {
    access.about({ record_id: name, fields: ['rule'] })
    await this.store.db.transaction((tx) => this.endOfFrozen(tx))
    const rows = await this.store.db
      .select()
      .from(ruleVersions)
      .where(eq(ruleVersions.name, name))
      .orderBy(desc(ruleVersions.number))
      .limit(50)
    if (!rows.length && name !== PLACEHOLDERS) throw new ProblemError('not_found') // the house's lists are there, empty at first
    await access.grant({ count: rows.length })
    const names = await this.names.of(rows.flatMap(peopleOf))
    return { name, versions: rows.map((row) => asVersion(row, names)) }
  }

  /** One step of one version, with its event as the last word of the transaction. */
  private async step(access: Access, field: string, { params, body }: Step, work: Work): Promise<RuleVersionRow> {
    const { id: name, number } = params
    access.about({ record_id: `${name}@${number}`, fields: [field], reason: body.reason })
    return this.alone(async (tx) => {
      const before = await versionRow(tx, name, number)
      if (!before) throw new ProblemError('not_found')
      const after = await work(tx, before)
      await access.grant({ record_id: `${name}@${after.number}` })
      return after
    })
  }

  /** Nobody else changes rules meanwhile, and proposals of frozen people have ended, whatever becomes of the work. */
  private async alone<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    await this.store.db.transaction((tx) => this.endOfFrozen(tx))
    return this.store.db.transaction(async (tx) => {
      await this.endOfFrozen(tx)
      return work(tx)
    })
  }

  private async endOfFrozen(tx: Queries): Promise<void> {
    await lockRules(tx)
    const ended = await endThoseOfFrozen(tx)
    const facts = { actor: 'system', fields: ['rule.end'], reason: 'author_frozen' }
    const events = ended.map(({ name, number }) =>
      this.capture.build('rule_change', 'granted', { ...facts, record_id: `${name}@${number}` }),
    )
    if (events.length) await this.capture.append(events)
  }

  /** It loads, was made from what is in force, and its backtest passed; going back needs none. */
  private async requireUsable(tx: Queries, row: RuleVersionRow): Promise<{ twoPersons: boolean }> {
    const { live } = await standOf(tx, row.name)
    if ((live?.number ?? null) !== row.base) throw new ProblemError('rule_overtaken')
    const text = { file: fileOf(row.name), yaml: row.yaml }
    const { two_persons: twoPersons } = await this.workshop.usable(await liveFiles(tx), text)
    if (row.rollbackTo === null && !isGoodEnough(row, Date.now())) throw new ProblemError('backtest_missing')
    return { twoPersons }
  }

  private async readable(row: RuleVersionRow): Promise<RuleVersion> {
    return asVersion(row, await this.names.of(peopleOf(row)))
  }
}

/** Writes down that one of several was not given, or was taken back, and says why. */
const refusedAlone = async (access: Access, error: unknown): Promise<NonNullable<RuleDecision['problem']>> => {
  const problem = asProblem(error)
  await (access.event ? access.undo() : access.refuse(problem))
  const { detail_zh: zh } = problem.extra
  return { code: problem.code, detail: problem.toProblem('').detail, ...(typeof zh === 'string' && { detail_zh: zh }) }
}

/** What was never in force stands on what it was made from. */
const wasInForce = ({ state }: RuleVersionRow): boolean => state === 'live' || state === 'retired'

const isVersion = ({ name, number }: Pick<RuleVersionRow, 'name' | 'number'>) =>
  and(eq(ruleVersions.name, name), eq(ruleVersions.number, number))
