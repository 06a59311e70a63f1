import { Inject, Injectable } from '@nestjs/common'
import type { EventRow } from '@custodia/contracts'
import type { AuditStore } from '@custodia/streams/audit-store'
import { AUDIT_STORE } from '../adapters.js'
import { readCursor, writeCursor, type PagePlace } from '../gateway/page-cursor.js'
import { ProblemError } from '../gateway/problem.js'
import { boundsOf, isOfCustomer, paramsOf, placesOf, within, type EventFilter } from './event-conditions.js'
import { finalOf, type VerdictsOf } from './final-outcome.js'
import { hourMs, nextLength, stretchBefore, type Stretch } from './look-back.js'
import { NamesService } from './names.service.js'

export interface FoundEvents {
  items: EventRow[]
  /** goes on behind the last one, or behind what was looked through */
  next?: string
  /** so far back was looked, when that is not the whole */
  searched_to?: string
}

const columns = `id, v, time, source, actor, actor_role, team, branch, action, outcome, reason, subject, customer_id, record_id, record_ids, part_of, fields, count, bytes,
  purpose, approval_id, ip, country, city, asn, device, user_agent, session, factor, off_hours, workday, calendar, new_device, relation, segment, moved, run, idle_days, canary, amount,
  demo, drill, request_id, writer, seq`

/** One question looks through no more than this before it says how far it came. */
const patienceMs = 2_000

const present = ([, value]: [string, unknown]): boolean =>
  value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)

type Row = Omit<EventRow, 'final_outcome'>
type Place = Pick<Row, 'time' | 'id'>

/**
 * Access events as people read them, newest first. Rows are read without their verdicts, in stretches that grow into the past,
 * and verdicts for the few that are shown: what a question costs does not grow with the table.
 */
@Injectable()
export class EventsService {
  constructor(
    @Inject(AUDIT_STORE) private readonly audit: AuditStore,
    private readonly names: NamesService,
  ) {}

  async find(filter: EventFilter, limit: number, cursor?: string): Promise<FoundEvents> {
    const before = cursor === undefined ? undefined : readCursor(cursor)
    const { places, reached } = await this.placesOf(filter, limit + 1, before)
    const shown = places.slice(0, limit)
    const items = await this.names.inEvents(await this.judged(await this.rowsAt(shown)))
    const last = shown.at(-1)
    if (places.length > limit && last) return { items, next: writeCursor({ at: new Date(last.time), id: last.id }) }
    if (reached === undefined) return { items }
    const searched_to = new Date(reached).toISOString()
    return { items, next: writeCursor({ at: new Date(reached), id: '' }), searched_to }
  }

  /** Where the newest that match are; `reached`: how far back was looked when patience ended before they were enough. */
  private async placesOf(
    filter: EventFilter,
    wanted: number,
    before: PagePlace | undefined,
  ): Promise<{ places: Place[]; reached: number | undefined }> {
    const [started, bounds] = [Date.now(), boundsOf(filter)]
    const since = Math.max(bounds.from, await this.earliest())
    const places: Place[] = []
    // Where an id says when, that is the one place to look; and one customer's rows lie together.
    const atOnce = (Number.isFinite(bounds.from) && (filter.id ?? filter.ids)) || isOfCustomer(filter)
    let length = atOnce ? Infinity : hourMs
    let upper = Math.min(bounds.to, before ? +before.at + 1 : Infinity)
    for (let covered = 0; upper > since;) {
      const began = Date.now()
      const stretch = stretchBefore(upper, length, { since, now: started })
      places.push(...(await this.inStretch(filter, stretch, before, wanted - places.length)))
      if (places.length >= wanted) break
      upper = stretch.since
      if (upper > since && Date.now() - started > patienceMs) return { places, reached: upper }
      covered += length
      length = nextLength({ length, tookMs: Date.now() - began, covered, found: places.length / wanted })
    }
    return { places, reached: undefined }
  }

  /** When somebody did something last before a moment. */
  async lastBefore(actor: string, moment: number): Promise<string | undefined> {
    const { items } = await this.find({ by: actor, to: new Date(moment).toISOString() }, 1)
    return items[0]?.time
  }

  /** When somebody did something first from a moment on. */
  async firstAfter(actor: string, moment: number): Promise<string | undefined> {
    const now = Date.now()
    let length = hourMs
    for (let since = moment; since < now + hourMs; since += length, length *= 6) {
      const [row] = await this.query<{ time: string }>(
        `select time from access_events where time >= {since:DateTime64(3, 'UTC')} and time < {until:DateTime64(3, 'UTC')}
           and actor = {actor:String} order by time limit 1`,
        { actor, since: momentOf(since), until: momentOf(since + length) },
      )
      if (row) return new Date(row.time).toISOString()
      if (Date.now() - now > patienceMs) return undefined
    }
    return undefined
  }

  /** A query of the audit store; when it does not answer the reader hears which part is down. Reports may take their time. */
  async query<Row>(sql: string, params: Record<string, unknown> = {}, maxSeconds = 10): Promise<Row[]> {
    try {
      return await this.audit.query<Row>(sql, params, { maxSeconds })
    } catch (cause) {
      throw new ProblemError('audit_store_unavailable', {}, { cause })
    }
  }

  /** The same record landed twice is one: `limit 1 by`, where FINAL would read more. */
  private inStretch(
    filter: EventFilter,
    { since, until }: Stretch,
    before: PagePlace | undefined,
    limit: number,
  ): Promise<Place[]> {
    const { table, where } = placesOf(filter)
    if (before) where.push(`(time, id) < ({before_time:DateTime64(3, 'UTC')}, {before_id:String})`)
    const params = {
      ...paramsOf(filter),
      since: momentOf(since),
      until: momentOf(until),
      ...(before && { before_time: momentOf(+before.at), before_id: before.id }),
      limit,
    }
    return this.query<Place>(
      `select time, id from ${table} where ${where.join(' and ')} order by time desc, id desc limit 1 by id limit {limit:UInt32}`,
      params,
    )
  }

  /** Whole rows, only of what is shown. */
  private async rowsAt(places: readonly Place[]): Promise<Row[]> {
    const times = places.map(({ time }) => Date.parse(time))
    if (!times.length) return []
    return this.query<Row>(
      `select ${columns} from access_events where ${within} and id in {ids:Array(String)} order by time desc, id desc limit 1 by id`,
      {
        ids: places.map(({ id }) => id),
        since: momentOf(Math.min(...times)),
        until: momentOf(Math.max(...times) + 1),
      },
    )
  }

  private async judged(rows: readonly Row[]): Promise<EventRow[]> {
    const verdicts = await this.verdictsOn(rows)
    return rows.map((row) => {
      const final = { ...row, ...finalOf(row, verdicts) }
      return Object.fromEntries(Object.entries(final).filter(present)) as unknown as EventRow
    })
  }

  /** The verdicts on what was held. */
  async verdictsOn(rows: readonly Pick<Row, 'id' | 'part_of' | 'outcome' | 'time'>[]): Promise<VerdictsOf> {
    const held = rows.filter(({ outcome }) => outcome === 'held')
    const ids = [...new Set(held.map(({ id, part_of }) => part_of || id))]
    if (!ids.length) return new Map()
    const times = held.map(({ time }) => Date.parse(time))
    const found = await this.query<{ event_id: string; kinds: string[]; rule: string }>(
      `select event_id, groupUniqArray(verdict) as kinds, anyIf(rule, verdict = 'refused') as rule from verdicts
       where event_id in {ids:Array(String)} and (event_day = toDate(0)
         or event_day between toDate({since:DateTime64(3, 'UTC')}) - 1 and toDate({until:DateTime64(3, 'UTC')}) + 1)
       group by event_id`,
      { ids, since: momentOf(Math.min(...times)), until: momentOf(Math.max(...times)) },
    )
    return new Map(found.map((each) => [each.event_id, each]))
  }

  /** The hour of the first event; the index knows it. */
  private async earliest(): Promise<number> {
    const [row] = await this.query<{ hour: string; n: number }>(
      'select min(toStartOfHour(time)) as hour, count() as n from access_events',
    )
    return row && Number(row.n) > 0 ? Date.parse(row.hour) : Infinity
  }
}

/** ISO 8601 with or without offset → what a DateTime64(3, 'UTC') parameter takes. */
export const clickhouseTime = (iso: string | undefined): string | undefined =>
  iso && new Date(iso).toISOString().replace('T', ' ').replace('Z', '')

/** The times that are landed; a Date, which days are compared as, ends not much later. */
const [first, last] = [0, Date.parse('2106-01-01T00:00:00.000Z')]
const momentOf = (ms: number): string =>
  clickhouseTime(new Date(Math.min(Math.max(ms, first), last)).toISOString()) ?? ''
