import { Inject, Injectable } from '@nestjs/common'
import type { BodyOf, LeaverBrakeState, LeaverSource, leaverRoutes } from '@custodia/contracts'
import { and, count, eq, gte } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { CONFIG, type Config } from '../config.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import { stillAllowed } from '../record-store/live-session.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { accounts, freezes, settings } from '../record-store/schema.js'
import { OutboxService } from '../response/outbox.service.js'
import { systemAlert } from '../response/system-alert.js'

/** What every freeze of a leaver is called. */
export const leaverReason = 'left, as the personnel system says'

const key = 'leavers'
const hourMs = 3_600_000
/** So many at once are never too many: in a small house one person is a large share. */
const alwaysAllowed = 3

interface Kept {
  stopped?: { at: string; source: LeaverSource }
  released?: { at: string; until: string; people: number; by: string; by_name: string }
}

/**
 * More leavers in an hour than a house has are a personnel system that is wrong, or somebody who holds its token: then nobody
 * else is closed until an administrator says that they are real. Counted for SCIM, files and the directory together.
 */
@Injectable()
export class LeaverBrake {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly capture: CaptureService,
    private readonly outbox: OutboxService,
  ) {}

  /** Throws `leavers_stopped` where so many more are too many. In the (serialisable) transaction in which they leave. */
  async require(tx: Queries, more: number): Promise<void> {
    const kept = await this.kept(tx)
    if (kept.stopped) throw new ProblemError('leavers_stopped')
    const { released } = kept
    const now = Date.now()
    const isReleased = released !== undefined && Date.parse(released.until) > now
    // What an administrator let go on is not held against the hour that follows.
    const since = isReleased ? released.at : new Date(Math.max(now - hourMs, Date.parse(released?.until ?? '') || 0))
    const left = await this.leftSince(tx, new Date(since))
    const most = isReleased ? released.people : await this.perHour(tx, left)
    if (left + more > most) throw new ProblemError('leavers_stopped')
  }

  /** Runs what may close people; where the brake takes hold of it, everybody on duty hears so, once. */
  async watch<T>(source: LeaverSource, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'leavers_stopped') await this.stop(source)
      throw error
    }
  }

  async state(db: Queries = this.store.db): Promise<LeaverBrakeState> {
    const { stopped, released } = await this.kept(db)
    const inForce = released && Date.parse(released.until) > Date.now()
    const left = await this.leftSince(db, new Date(Date.now() - hourMs))
    return {
      per_hour: await this.perHour(db, left),
      stopped,
      released: inForce ? { until: released.until, people: released.people, by_name: released.by_name } : undefined,
    }
  }

  async release(
    access: Access,
    { reason, people }: BodyOf<typeof leaverRoutes.leaverBrakeRelease>,
  ): Promise<LeaverBrakeState> {
    const { who } = access
    access.about({ record_id: key, reason, count: people })
    return this.store.serialisable(async (tx) => {
      const [mine] = await tx
        .select({ id: accounts.id })
        .from(accounts)
        .where(and(eq(accounts.id, who.id), stillAllowed(who)))
      if (!mine) throw new ProblemError('not_signed_in')
      if (!(await this.kept(tx)).stopped) throw new ProblemError('conflict', { detail: 'No leaver is held back.' })
      const [at, until] = [new Date(), new Date(Date.now() + hourMs)].map((time) => time.toISOString())
      await this.keep(tx, {
        released: { at: at ?? '', until: until ?? '', people, by: who.id, by_name: who.displayName },
      })
      await access.grant()
      return this.state(tx)
    }, access)
  }

  /** Apart from the transaction that it refused. */
  private async stop(source: LeaverSource): Promise<void> {
    await this.store.serialisable(async (tx) => {
      if ((await this.kept(tx)).stopped) return
      const at = new Date()
      const facts = { actor: 'system', record_id: key, reason: `too many leavers at once: ${source}` }
      const event = this.capture.build('admin', 'refused', facts)
      await this.keep(tx, { stopped: { at: at.toISOString(), source } })
      await this.outbox.putAlert(tx, { kind: 'raised', alert: alertOf(source, event.id, at) })
      await this.capture.append([event])
    })
    this.outbox.kick()
  }

  private async perHour(tx: Queries, left: number): Promise<number> {
    const { perHour, share } = this.config.leavers
    const [open] = await tx
      .select({ n: count() })
      .from(accounts)
      .where(and(eq(accounts.status, 'active'), eq(accounts.drill, false)))
    return Math.max(alwaysAllowed, Math.min(perHour, Math.floor(((open?.n ?? 0) + left) * share)))
  }

  private async leftSince(tx: Queries, since: Date): Promise<number> {
    const [row] = await tx
      .select({ n: count() })
      .from(freezes)
      .where(and(eq(freezes.reason, leaverReason), gte(freezes.setAt, since)))
    return row?.n ?? 0
  }

  private async kept(tx: Queries): Promise<Kept> {
    const [row] = await tx.select().from(settings).where(eq(settings.key, key))
    return (row?.value ?? {}) as Kept
  }

  private async keep(tx: Queries, value: Kept): Promise<void> {
    await tx.insert(settings).values({ key, value }).onConflictDoUpdate({ target: settings.key, set: { value } })
  }
}

const sources: Record<LeaverSource, { en: string; zh: string }> = {
  scim: { en: 'The personnel system (SCIM)', zh: '人事系统（SCIM）' },
  file: { en: 'A file of people', zh: '人员文件' },
  directory: { en: 'The directory', zh: '目录服务' },
}

const alertOf = (source: LeaverSource, eventId: string, at: Date) =>
  systemAlert({
    rule: 'leavers-stopped',
    title: 'Too many leavers at once',
    text: {
      en: `${sources[source].en} says that more people have left in an hour than is usual. Nobody else is closed until an administrator lets it go on (Accounts). Find out whether it is true.`,
      zh: `${sources[source].zh}在一小时内报告的离职人数超出常态。在管理员于“账号”页放行之前，不再停用任何人。请核实是否属实。`,
    },
    eventId,
    at,
  })
