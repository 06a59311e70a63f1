import { Inject, Injectable } from '@nestjs/common'
import type { CustomerField, QueryOf, ReplyOf, vaultRoutes } from '@custodia/contracts'
import { and, desc, eq, inArray, lt, or, sql, type SQL } from 'drizzle-orm'
import { DateTime } from 'luxon'
import { KEY_PROVIDER, RECORD_STORE } from '../../adapters.js'
import { within } from '../../approvals/waiting.js'
import { CONFIG, type Config } from '../../config.js'
import type { Access } from '../../gateway/access.js'
import type { Caller } from '../../gateway/caller.js'
import { levelOf, scopeOf } from '../../gateway/policy.js'
import { ProblemError } from '../../gateway/problem.js'
import { stillAllowed } from '../../record-store/live-session.js'
import type { RecordStore } from '../../record-store/record-store.js'
import { approvalCustomers, approvals, customers } from '../../record-store/schema.js'
import type { KeyProvider } from '../keys/key-provider.js'
import { readCursor, writeCursor } from '../../gateway/page-cursor.js'
import { CustomerPresenter } from '../records/customer-presenter.js'
import { Standing } from '../standing.js'
import { planQuery, planTag, type Alternative } from './query-plan.js'
import { SearchTokens } from './tokens.js'

type Query = QueryOf<typeof vaultRoutes.customersSearch>
type Page = ReplyOf<typeof vaultRoutes.customersSearch>
/** Conditions, and the names under which the event tells which criteria were used. */
interface Criteria {
  where: SQL[]
  fields: string[]
}

const mostInScope = 10_000

/** Finds customers by tokens, as far as the policy lets this person reach; what is found is shown masked. */
@Injectable()
export class SearchService {
  private readonly tokens: SearchTokens

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(KEY_PROVIDER) keys: KeyProvider,
    @Inject(CONFIG) private readonly config: Config,
    private readonly presenter: CustomerPresenter,
    private readonly standing: Standing,
  ) {
    this.tokens = new SearchTokens(keys.hmacKey('search-index'))
  }

  async search(access: Access, query: Query): Promise<Page> {
    const { who } = access
    const { where, fields } = this.criteria(who, query)
    access.about({ fields })
    const rows = await this.store.db
      .select()
      .from(customers)
      .where(and(stillAllowed(who), reachOf(who), ...where, query.cursor ? behind(query.cursor) : undefined))
      .orderBy(desc(customers.createdAt), desc(customers.id))
      .limit(query.limit + 1)
    if (!rows.length) await this.standing.require(who)
    const shown = rows.slice(0, query.limit)
    const items = await this.presenter.page(who, shown)
    await access.grant({ record_ids: shown.map(({ id }) => id), count: shown.length })
    const last = shown.at(-1)
    const next = rows.length > shown.length && last ? writeCursor({ at: last.createdAt, id: last.id }) : undefined
    return { items, next }
  }

  /** Everybody whom a search finds now, for an approval's scope; more than that many are asked for in parts. */
  async ids(who: Caller, query: Omit<Query, 'cursor' | 'limit'>): Promise<string[]> {
    const { where } = this.criteria(who, { ...query, limit: mostInScope })
    const rows = await this.store.db
      .select({ id: customers.id })
      .from(customers)
      .where(and(stillAllowed(who), reachOf(who), ...where))
      .orderBy(desc(customers.createdAt), desc(customers.id))
      .limit(mostInScope + 1)
    if (rows.length > mostInScope)
      throw new ProblemError('invalid_input', { errors: [{ path: 'body.search', message: 'finds too many' }] })
    return rows.map(({ id }) => id)
  }

  private criteria(who: Caller, query: Query): Criteria {
    // A field that is absent for this person must not be guessed at by searching for it.
    const alternatives = planQuery(this.tokens, query.q ?? '').filter(
      ({ field }) => levelOf(who, fieldOf(field)) !== 'absent',
    )
    const { captured_from: from, captured_to: to } = query
    const where: SQL[] = []
    if (query.q) where.push(alternatives.length ? or(...alternatives.map(fits))! : sql`false`)
    if (query.business_type) where.push(eq(customers.businessType, query.business_type))
    if (query.tag) where.push(levelOf(who, 'tags') === 'absent' ? sql`false` : fits(planTag(this.tokens, query.tag)))
    if (from ?? to) where.push(levelOf(who, 'photos') === 'absent' ? sql`false` : this.captured(from, to))
    if (query.mine === 'true') where.push(eq(customers.owner, who.id))
    if (query.approval) where.push(this.namedIn(who, query.approval))
    const fields = [...new Set(alternatives.map(({ field }) => field as string))]
    if (query.business_type) fields.push('business_type')
    if (query.tag) fields.push('tag')
    if (from ?? to) fields.push('captured_at')
    if (query.mine === 'true') fields.push('owner')
    if (query.approval) fields.push('approval')
    return { where, fields }
  }

  /** A request that this person may not read names nobody. */
  private namedIn(who: Caller, approval: string): SQL {
    const named = this.store.db
      .select({ id: approvalCustomers.customerId })
      .from(approvalCustomers)
      .innerJoin(approvals, eq(approvals.id, approvalCustomers.approvalId))
      .where(and(eq(approvals.id, approval), within(who, 'approval.read')))
    return inArray(customers.id, named)
  }

  /** A photo captured between the beginning of one day and the end of the other, in the system's time zone. */
  private captured(from: string | undefined, to: string | undefined): SQL {
    if (from && to && from > to)
      throw new ProblemError('invalid_input', {
        errors: [{ path: 'query.captured_to', message: 'before captured_from' }],
      })
    const startOf = (day: string) => DateTime.fromISO(day, { zone: this.config.timeZone }).startOf('day')
    const after = from ? sql`and p.captured_at >= ${startOf(from).toISO()}::timestamptz` : sql``
    const before = to ? sql`and p.captured_at < ${startOf(to).plus({ days: 1 }).toISO()}::timestamptz` : sql``
    return sql`exists (select 1 from photos p where p.customer_id = ${customers.id} ${after} ${before})`
  }
}

const fieldOf = (field: Alternative['field']): CustomerField => (field === 'tag' ? 'tags' : field)

/** Customers that have every token of an alternative. */
function fits({ field, all }: Alternative): SQL {
  const tokens = sql.join(
    all.map((token) => sql`${token}`),
    sql`, `,
  )
  return sql`${customers.id} in (
    select t.customer_id from search_tokens t where t.field = ${field} and t.token in (${tokens})
    group by t.customer_id having count(*) = ${all.length})`
}

/** The policy's reach as a condition; without any reach nobody is found. */
function reachOf(who: Caller): SQL | undefined {
  const scope = scopeOf(who, 'customer.search')
  if (scope === 'all') return undefined
  if (scope === 'team' && who.team) return and(eq(customers.branch, who.branch), eq(customers.team, who.team))
  if (scope === 'branch') return eq(customers.branch, who.branch)
  return scope ? eq(customers.owner, who.id) : sql`false`
}

function behind(cursor: string): SQL | undefined {
  const { at, id } = readCursor(cursor)
  return or(lt(customers.createdAt, at), and(eq(customers.createdAt, at), lt(customers.id, id)))
}
