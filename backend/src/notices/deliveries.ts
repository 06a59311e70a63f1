import { Inject, Injectable } from '@nestjs/common'
import { and, eq, isNull, lt, lte, or, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import { locks } from '../record-store/locks.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { alerts, noticeChannels, noticeDeliveries as deliveries, notices } from '../record-store/schema.js'
import { secondsUntilNext, wants } from './decide.js'
import type { Outcome } from './outcome.js'
import type { Told } from './told.js'

export type Channel = typeof noticeChannels.$inferSelect
export type Delivery = typeof deliveries.$inferSelect

/** One gateway's turn with one delivery. */
export interface Claim {
  delivery: Delivery
  channel: Channel
  notice: (typeof notices.$inferSelect)['notice']
}

/** Longer than any attempt takes; when its gateway died meanwhile, another sends it after this. */
const claimSeconds = 120
const patienceHours = 24
const keptDays = 30

const inSeconds = (seconds: number) => sql`now() + make_interval(secs => ${seconds})`

/** Who is to be told what, in PostgreSQL: each notice once for each channel, whoever hears of it and whoever sends it. */
@Injectable()
export class Deliveries {
  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  /** `since`: when it became known; a channel that was added later is not told. Heard of again, nothing happens. */
  async announce(told: Told, since: Date): Promise<void> {
    await this.store.db.transaction(async (tx) => {
      // one at a time, so that two of one group find each other
      await tx.execute(sql`select pg_advisory_xact_lock(${locks.announcing})`)
      const { id, notice } = told
      const added = await tx.insert(notices).values({ id, notice }).onConflictDoNothing().returning({ id: notices.id })
      if (!added.length) return
      const channels = await tx.select().from(noticeChannels).where(lte(noticeChannels.createdAt, since))
      for (const channel of channels)
        if (channel.settings.enabled && wants(channel.settings, told)) await this.enqueue(tx, channel, told)
    })
  }

  /** Joins what waits of its group, or follows what was sent of it when its time is over, or goes out. */
  private async enqueue(
    tx: Queries,
    { id: channelId, settings }: Channel,
    { id: noticeId, group: groupKey, notice }: Told,
  ) {
    const row = { id: uuidv7(), noticeId, channelId, groupKey, giveUpAt: inSeconds(patienceHours * 3600) }
    const ofGroup = and(
      eq(deliveries.channelId, channelId),
      eq(deliveries.groupKey, groupKey),
      sql`${deliveries.createdAt} > now() - make_interval(mins => ${settings.group_minutes})`,
      sql`${deliveries.state} <> 'joined'`,
    )
    const [newest] = await tx
      .select()
      .from(deliveries)
      .where(ofGroup)
      .orderBy(sql`id desc`)
      .limit(1)
      .for('update')
    if (newest?.state === 'waiting' && newest.attempts === 0 && !newest.claimedUntil) {
      const repeats = sql`${deliveries.repeats} + 1`
      await tx.update(deliveries).set({ repeats }).where(eq(deliveries.id, newest.id))
      await tx.insert(deliveries).values({ ...row, state: 'joined' })
      return
    }
    // What warns of the system itself is for everybody on duty, not for whoever is called first.
    const turn = notice.kind === 'guard' ? 0 : settings.after_minutes
    const wait = Math.max(turn, newest ? settings.group_minutes : 0)
    await tx.insert(deliveries).values({ ...row, dueAt: inSeconds(wait * 60) })
  }

  /** Channels for which something is due. */
  async channelsDue(): Promise<string[]> {
    const rows = await this.store.db
      .selectDistinct({ id: deliveries.channelId })
      .from(deliveries)
      .innerJoin(noticeChannels, eq(noticeChannels.id, deliveries.channelId))
      .where(and(due, sql`(${noticeChannels.settings}->>'enabled')::boolean`))
    return rows.map(({ id }) => id)
  }

  /** The next one of a channel, for nobody else until it is settled or the claim runs out. */
  async claim(channelId: string): Promise<Claim | undefined> {
    return this.store.db.transaction(async (tx) => {
      const [row] = await tx
        .select({ delivery: deliveries, channel: noticeChannels, notice: notices.notice })
        .from(deliveries)
        .innerJoin(noticeChannels, eq(noticeChannels.id, deliveries.channelId))
        .innerJoin(notices, eq(notices.id, deliveries.noticeId))
        .where(and(eq(deliveries.channelId, channelId), due))
        .orderBy(deliveries.dueAt)
        .limit(1)
        .for('update', { of: deliveries, skipLocked: true })
      if (!row) return undefined
      const [delivery] = await tx
        .update(deliveries)
        .set({ claimedUntil: inSeconds(claimSeconds) })
        .where(eq(deliveries.id, row.delivery.id))
        .returning()
      return delivery && { ...row, delivery }
    })
  }

  /** One that failed, taken up again for a person who asks for it, with a day more; undefined while it is being sent. */
  async reclaim(tx: Queries, { id, channelId, noticeId }: Delivery): Promise<Claim | undefined> {
    const [delivery] = await tx
      .update(deliveries)
      .set({
        state: 'waiting',
        dueAt: sql`now()`,
        claimedUntil: inSeconds(claimSeconds),
        giveUpAt: inSeconds(patienceHours * 3600),
      })
      .where(and(eq(deliveries.id, id), unclaimed))
      .returning()
    const [channel] = await tx.select().from(noticeChannels).where(eq(noticeChannels.id, channelId))
    const [row] = await tx.select().from(notices).where(eq(notices.id, noticeId))
    return delivery && channel && row && { delivery, channel, notice: row.notice }
  }

  /** Somebody else has seen to it before this channel's turn came. */
  async isAcknowledged({ channel, notice }: Claim): Promise<boolean> {
    if (channel.settings.after_minutes === 0 || !notice.alert_id) return false
    const [alert] = await this.store.db.select().from(alerts).where(eq(alerts.id, notice.alert_id))
    return alert !== undefined && alert.state !== 'open'
  }

  async settle(claim: Claim, outcome: Outcome, random = Math.random()): Promise<void> {
    const attempts = claim.delivery.attempts + 1
    if (outcome.kind === 'delivered')
      return this.end(claim, { state: 'sent', attempts, sentAt: sql`now()`, error: null })
    const error = outcome.reason
    const wait = outcome.kind === 'retry' ? secondsUntilNext(attempts, outcome.afterSeconds, random) : 0
    const inTime = Date.now() + wait * 1000 < claim.delivery.giveUpAt.getTime()
    if (outcome.kind === 'retry' && inTime)
      return this.put(claim, { attempts, error, dueAt: inSeconds(wait), claimedUntil: null })
    await this.end(claim, { state: 'undelivered', attempts, error })
    await this.callNext(claim.delivery.noticeId)
  }

  async postpone(claim: Claim, until: Date): Promise<void> {
    await this.put(claim, { dueAt: until, claimedUntil: null })
  }

  async notNeeded(claim: Claim): Promise<void> {
    await this.end(claim, { state: 'not_needed' })
  }

  /** Of what nothing follows any more only the newest is kept. */
  async forget(): Promise<void> {
    const old = sql`${deliveries.createdAt} < now() - make_interval(days => ${keptDays})`
    await this.store.db.delete(deliveries).where(and(old, sql`${deliveries.state} <> 'waiting'`))
    const orphan = sql`not exists (select from ${deliveries} where ${deliveries.noticeId} = ${notices.id})`
    await this.store.db
      .delete(notices)
      .where(and(orphan, sql`${notices.createdAt} < now() - make_interval(days => ${keptDays})`))
  }

  /** On-call order: when one cannot be told, the next is called at once. */
  private async callNext(noticeId: string): Promise<void> {
    await this.store.db.execute(sql`
      update ${deliveries} set due_at = now() where id = (
        select d.id from ${deliveries} d join ${noticeChannels} c on c.id = d.channel_id
        where d.notice_id = ${noticeId} and d.state = 'waiting' and d.attempts = 0 and d.claimed_until is null
          and (c.settings->>'after_minutes')::int > 0
        order by d.due_at limit 1)`)
  }

  private end(claim: Claim, change: Change): Promise<void> {
    return this.put(claim, { ...change, dueAt: null, claimedUntil: null })
  }

  /** Only while the claim is ours: who was too slow changes nothing. */
  private async put({ delivery }: Claim, change: Change): Promise<void> {
    const { id, claimedUntil } = delivery
    if (!claimedUntil) throw new Error('settled without a claim')
    await this.store.db
      .update(deliveries)
      .set(change)
      .where(and(eq(deliveries.id, id), eq(deliveries.claimedUntil, claimedUntil)))
  }
}

type Change = Parameters<ReturnType<Queries['update']>['set']>[0]

const unclaimed = or(isNull(deliveries.claimedUntil), lt(deliveries.claimedUntil, sql`now()`))
const due = and(eq(deliveries.state, 'waiting'), lte(deliveries.dueAt, sql`now()`), unclaimed)
