import { Inject, Injectable } from '@nestjs/common'
import type { Freeze, InputOf, LiftRequest, ReplyOf, routes } from '@custodia/contracts'
import { and, asc, desc, eq, gt, ilike, isNull, or } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { SecondPersons } from '../identity/second-persons.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts, liftRequests } from '../record-store/schema.js'
import { FreezesService } from '../response/freezes.service.js'
import { MeasuresService } from '../response/measures.service.js'
import { OutboxService } from '../response/outbox.service.js'
import { NamesService } from '../timelines/names.service.js'
import { asPerson, frozenNow, loadPerson, selectPeople } from './person-rows.js'

/** People as the security desk sees them, and the desk's hand on the freeze. */
@Injectable()
export class PeopleService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly freezes: FreezesService,
    private readonly measures: MeasuresService,
    private readonly outbox: OutboxService,
    private readonly names: NamesService,
    private readonly seconds: SecondPersons,
  ) {}

  async list(access: Access, { query }: InputOf<typeof routes.people>): Promise<ReplyOf<typeof routes.people>> {
    const like = query.q && `%${query.q.replace(/[\\%_]/g, '\\$&')}%`
    const rows = await selectPeople(this.store.db)
      .where(
        and(
          like ? or(ilike(accounts.displayName, like), ilike(accounts.username, like)) : undefined,
          query.frozen === 'true' ? frozenNow : undefined,
          query.role ? eq(accounts.role, query.role) : undefined,
          query.cursor ? gt(accounts.username, query.cursor) : undefined,
        ),
      )
      .orderBy(asc(accounts.username))
      .limit(query.limit + 1)
    const items = rows.slice(0, query.limit).map(asPerson)
    await access.grant({ fields: ['people'], count: items.length })
    return { items, next: rows.length > query.limit ? items.at(-1)?.username : undefined }
  }

  async detail(access: Access, id: string): Promise<ReplyOf<typeof routes.person>> {
    access.about({ subject: id })
    const person = await loadPerson(this.store.db, id)
    const reply = {
      ...person,
      freezes: await this.names.inFreezes(await this.freezes.ofAccount(id)),
      lift_requests: await this.liftRequests(id),
    }
    await access.grant({ fields: ['person'] })
    return reply
  }

  async freeze(access: Access, { params, body }: InputOf<typeof routes.personFreeze>): Promise<Freeze> {
    access.about({ subject: params.id, reason: body.reason })
    if (params.id === access.who.id) throw new ProblemError('own_account')
    const until = new Date(Date.now() + body.minutes * 60_000)
    const freeze = await this.store.serialisable(async (tx) => {
      const set = await this.freezes.byHand(tx, { account: params.id, reason: body.reason, until, by: access.who.id })
      if (!set) throw new ProblemError('conflict', { detail: 'This account is frozen for longer than that already.' })
      await access.grant({ record_id: set.id })
      return set
    }, access)
    this.outbox.kick({ kind: 'frozen', freeze })
    return freeze
  }

  async lift(access: Access, { params, body }: InputOf<typeof routes.personLift>): Promise<Freeze> {
    access.about({ subject: params.id, reason: body.reason })
    if (params.id === access.who.id) throw new ProblemError('own_account')
    const freeze = await this.store.serialisable(async (tx) => {
      await this.seconds.require(tx, access.who)
      const lifted = await this.freezes.liftByHand(tx, params.id, access.who.id, body.reason, body.freeze)
      if (lifted.two_persons) await this.seconds.require(tx, access.who, lifted.lift_asked_by)
      await this.measures.endAll(tx, params.id, access.who.id)
      await this.seconds.again(tx, params.id, access.who.id)
      await access.grant({ record_id: lifted.id })
      return lifted
    }, access)
    this.outbox.kick()
    return freeze
  }

  /** Where two persons are needed: this is the first. */
  async askToLift(access: Access, { params, body }: InputOf<typeof routes.personLiftAsk>): Promise<Freeze> {
    access.about({ subject: params.id, reason: body.reason })
    if (params.id === access.who.id) throw new ProblemError('own_account')
    const freeze = await this.store.serialisable(async (tx) => {
      await this.seconds.require(tx, access.who)
      const asked = await this.freezes.askToLift(tx, params.id, access.who.id, body.reason, body.freeze)
      await access.grant({ record_id: asked.id })
      return asked
    }, access)
    this.outbox.kick()
    return freeze
  }

  async unrestrict(access: Access, { params, body }: InputOf<typeof routes.personUnrestrict>): Promise<void> {
    access.about({ subject: params.id, reason: body.reason })
    if (params.id === access.who.id) throw new ProblemError('own_account')
    await this.store.serialisable(async (tx) => {
      await this.seconds.require(tx, access.who)
      const ended = await this.measures.endAll(tx, params.id, access.who.id)
      if (!ended) throw new ProblemError('conflict', { detail: 'There are no measures on this account.' })
      await access.grant({ count: ended })
    }, access)
    this.outbox.kick()
  }

  /** Requests that nobody has answered, or all of one account. */
  async liftRequests(account?: string): Promise<LiftRequest[]> {
    const rows = await this.store.db
      .select({ request: liftRequests, name: accounts.displayName })
      .from(liftRequests)
      .innerJoin(accounts, eq(accounts.id, liftRequests.accountId))
      .where(account ? eq(liftRequests.accountId, account) : and(isNull(liftRequests.answeredAt), frozenNow))
      .orderBy(desc(liftRequests.at))
      .limit(100)
    return rows.map(({ request, name }) => ({
      id: request.id,
      account: request.accountId,
      account_name: name,
      freeze_id: request.freezeId,
      message: request.message,
      at: request.at.toISOString(),
      answered_at: request.answeredAt?.toISOString(),
    }))
  }
}
