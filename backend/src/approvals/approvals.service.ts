import { Inject, Injectable } from '@nestjs/common'
import type { Approval, ApprovalStep, approvalRoutes, BodyOf, InputOf, Permission, ReplyOf } from '@custodia/contracts'
import { and, desc, eq, isNotNull, isNull } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import type { Caller } from '../gateway/caller.js'
import { levelOf, may, mayEver, requirePermission } from '../gateway/policy.js'
import { ProblemError } from '../gateway/problem.js'
import { SecondPersons } from '../identity/second-persons.js'
import { lockByName } from '../record-store/lock-by-name.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { approvalCustomers, approvals, approvalUses } from '../record-store/schema.js'
import { OutboxService } from '../response/outbox.service.js'
import { systemAlert } from '../response/system-alert.js'
import { CustomerReader } from '../vault/records/customer-reader.js'
import { SearchService } from '../vault/search/search.service.js'
import { Standing } from '../vault/standing.js'
import { findApprovals, type ApprovalRow, type FoundApproval } from './approval-row.js'
import { Turns } from './turns.js'
import { toDecide, toReview, within } from './waiting.js'

type Routes = typeof approvalRoutes
type NewApproval = typeof approvals.$inferInsert

/** How long a request waits for somebody to decide. */
const waitingDays = 7
const emergency = { minutes: 15, reviewHours: 24 }
const shownCustomers = 1000

/** Requests for plain values and larger exports: asked, decided by somebody else, ended, reviewed. Every step is an event. */
@Injectable()
export class ApprovalsService {
  private readonly turns = new Turns()

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly reader: CustomerReader,
    private readonly search: SearchService,
    private readonly standing: Standing,
    private readonly outbox: OutboxService,
    private readonly seconds: SecondPersons,
  ) {}

  async list(access: Access, list: 'mine' | 'decide' | 'review' | 'all'): Promise<ReplyOf<Routes['approvals']>> {
    const { who } = access
    const { db } = this.store
    const pending = await findApprovals(db, who, toDecide(who))
    const unreviewed = await findApprovals(db, who, toReview(who))
    const found = {
      decide: () => pending,
      review: () => unreviewed,
      mine: () => findApprovals(db, who, eq(approvals.requester, who.id)),
      all: () => findApprovals(db, who, within(who, 'approval.read')),
    }
    const items = await found[list]()
    await this.standing.require(who)
    await access.grant({ count: items.length })
    return {
      items: items.map(({ shown }) => shown),
      to_decide: pending.length,
      to_review: unreviewed.length,
      overdue: unreviewed.filter(({ shown }) => shown.overdue).length,
    }
  }

  async detail(access: Access, id: string): Promise<ReplyOf<Routes['approval']>> {
    const { who } = access
    const { db } = this.store
    const found = await this.find(db, access, id, 'approval.read')
    const customers = await db
      .select({ id: approvalCustomers.customerId })
      .from(approvalCustomers)
      .where(eq(approvalCustomers.approvalId, id))
      .limit(shownCustomers)
    const uses = await db
      .select()
      .from(approvalUses)
      .where(eq(approvalUses.approvalId, id))
      .orderBy(desc(approvalUses.at))
      .limit(1000)
    await access.grant({ count: uses.length })
    return {
      ...found.shown,
      customer_ids: customers.map((row) => row.id),
      uses: uses.map(({ eventId, at, count, fields, customerId }) => ({
        event_id: eventId,
        at: at.toISOString(),
        count,
        fields,
        customer_id: customerId ?? undefined,
      })),
      may: mayOf(who, found),
    }
  }

  async ask(access: Access, body: BodyOf<Routes['approvalAsk']>): Promise<Approval> {
    const { customer_ids: named, search, ...scope } = body
    const customers = named ? [...new Set(named)] : await this.search.ids(access.who, search ?? {})
    return this.open(access, customers, scope)
  }

  /** Approved by nobody: few, short, loud, and looked at by somebody else within a day. */
  async breakGlass(access: Access, body: BodyOf<Routes['approvalBreakGlass']>): Promise<Approval> {
    const { customer_ids: named, ...scope } = body
    const customers = [...new Set(named)]
    const now = Date.now()
    const taken = { ...scope, use: 'reveal' as const, most: customers.length, minutes: emergency.minutes }
    const over = {
      kind: 'break_glass' as const,
      decision: 'approve' as const,
      decidedAt: new Date(now),
      until: new Date(now + emergency.minutes * 60_000),
      reviewBy: new Date(now + emergency.reviewHours * 3_600_000),
    }
    return this.turns.take(access.who.id, () => this.open(access, customers, taken, over))
  }

  async decide(access: Access, { params, body }: InputOf<Routes['approvalDecide']>): Promise<Approval> {
    const { decision, reason } = body
    const step = decision === 'approve' ? 'approved' : 'denied'
    return this.change(access, params.id, { permission: 'approval.decide', step, reason }, (found, now) => {
      if (found.state !== 'pending') throw new ProblemError('conflict')
      const until = decision === 'approve' ? new Date(+now + found.row.minutes * 60_000) : found.row.until
      return { decision, decidedBy: access.who.id, decidedAt: now, decisionReason: reason, until }
    })
  }

  async revoke(access: Access, { params, body }: InputOf<Routes['approvalRevoke']>): Promise<Approval> {
    const { reason } = body
    return this.change(access, params.id, { permission: 'approval.revoke', step: 'revoked', reason }, (found, now) => {
      if (found.state !== 'pending' && found.state !== 'approved') throw new ProblemError('conflict')
      return { endedAt: now, endedBy: access.who.id, endReason: reason }
    })
  }

  async review(access: Access, { params, body }: InputOf<Routes['approvalReview']>): Promise<Approval> {
    const { verdict, note: reason } = body
    return this.change(access, params.id, { permission: 'approval.review', step: verdict, reason }, ({ row }, now) => {
      if (!row.reviewBy || row.reviewedAt) throw new ProblemError('conflict')
      return { reviewedBy: access.who.id, reviewedAt: now, verdict, reviewNote: reason }
    })
  }

  private async open(
    access: Access,
    customers: string[],
    { reason, ...scope }: Pick<ApprovalRow, 'use' | 'fields' | 'most' | 'purpose' | 'minutes' | 'reason'>,
    over: Partial<NewApproval> = {},
  ): Promise<Approval> {
    const { who } = access
    const id = uuidv7()
    access.about({ record_id: id, approval_id: id, fields: scope.fields, purpose: scope.purpose, reason })
    await this.requireInReach(access, customers, scope.fields)
    const until = new Date(Date.now() + waitingDays * 86_400_000)
    return this.store.db.transaction(async (tx) => {
      await this.standing.require(who, tx)
      if (over.kind === 'break_glass') {
        await this.seconds.require(tx, who) // it stands in for somebody else's yes
        await requireReviewed(tx, who)
      }
      const place = { requester: who.id, team: who.team, branch: who.branch }
      await tx.insert(approvals).values({ id, kind: 'request', ...place, ...scope, reason, until, ...over })
      for (let at = 0; at < customers.length; at += 1000)
        await tx
          .insert(approvalCustomers)
          .values(customers.slice(at, at + 1000).map((customerId) => ({ approvalId: id, customerId })))
      const event = await access.grant({ count: customers.length })
      if (over.kind === 'break_glass') await this.beLoud(tx, who, event.id, customers.length)
      return (await this.find(tx, access, id)).shown
    })
  }

  /** Nobody asks for customers that they do not see, nor for fields that their role never gets. */
  private async requireInReach(access: Access, ids: string[], fields: ApprovalRow['fields']): Promise<void> {
    const { who } = access
    const never = fields.filter((field) => !['approval', 'reveal', 'plain'].includes(levelOf(who, field)))
    if (never.length) throw new ProblemError('field_not_allowed', { fields: never })
    if (!ids.length) throw new ProblemError('not_found')
    for (let at = 0; at < ids.length; at += 1000) {
      const part = ids.slice(at, at + 1000)
      const rows = await this.reader.loadMany(who, part)
      if (rows.length < part.length) await this.standing.explainNoRow(who)
      for (const row of rows) access.require(row, 'customer.view')
    }
  }

  /**
   * One step of an approval's life: by somebody in reach and, where it is a judgement, by another person than asked. Whoever
   * asked is told at once, where it was not themself.
   */
  private async change(
    access: Access,
    id: string,
    { permission, step, reason }: { permission: Permission; step: ApprovalStep; reason: string },
    changeOf: (found: FoundApproval, now: Date) => Partial<ApprovalRow>,
  ): Promise<Approval> {
    access.about({ record_id: id, approval_id: id, reason })
    const changed = await this.store.db.transaction(async (tx) => {
      await this.standing.require(access.who, tx)
      await tx.select({ id: approvals.id }).from(approvals).where(eq(approvals.id, id)).for('update')
      const found = await this.find(tx, access, id, permission)
      if (permission !== 'approval.revoke') await this.seconds.require(tx, access.who, found.row.requester)
      const now = new Date()
      await tx.update(approvals).set(changeOf(found, now)).where(eq(approvals.id, id))
      const { shown, row } = await this.find(tx, access, id)
      const account = row.requester
      if (account !== access.who.id)
        await this.outbox.putAccount(tx, account, {
          kind: 'approval_moved',
          account,
          approval: id,
          step,
          at: now.toISOString(),
        })
      await access.grant({ subject: account, fields: row.fields, purpose: row.purpose })
      return shown
    })
    this.outbox.kick()
    return changed
  }

  private async find(db: Queries, { who }: Access, id: string, permission?: Permission): Promise<FoundApproval> {
    const [found] = await findApprovals(db, who, eq(approvals.id, id), 1)
    if (!found) return this.standing.explainNoRow(who)
    if (permission) requirePermission(who, permission, objectOf(found.row))
    return found
  }

  private async beLoud(tx: Queries, who: Caller, eventId: string, n: number): Promise<void> {
    const alert = systemAlert({
      rule: 'break-glass-access',
      title: 'Emergency access without approval',
      text: {
        en: `${who.displayName} opened customers’ data without approval, as an emergency: up to ${n} customers in ${emergency.minutes} minutes. Another person reviews it within ${emergency.reviewHours} hours.`,
        zh: `${who.displayName} 以紧急情况为由未经审批打开客户数据：${emergency.minutes} 分钟内最多 ${n} 位客户。须由他人在 ${emergency.reviewHours} 小时内复核。`,
      },
      eventId,
      actor: who.id,
      at: new Date(),
      demo: who.demo || undefined,
    })
    await this.outbox.putAlert(tx, { kind: 'raised', alert })
  }
}

/** One emergency after the other: the next waits until somebody has looked at the last. */
async function requireReviewed(tx: Queries, { id }: Caller): Promise<void> {
  await lockByName(tx, `emergency ${id}`)
  const [open] = await tx
    .select({ id: approvals.id })
    .from(approvals)
    .where(and(eq(approvals.requester, id), isNull(approvals.reviewedAt), isNotNull(approvals.reviewBy)))
    .limit(1)
  if (open) throw new ProblemError('emergency_unreviewed')
}

const objectOf = ({ requester, team, branch }: ApprovalRow) => ({ owner: requester, team, branch })

const mayOf = (who: Caller, { row, state }: FoundApproval): ('decide' | 'revoke' | 'review')[] => {
  const reaches = (permission: Permission) => mayEver(who, permission) && may(who, permission, objectOf(row))
  const another = row.requester !== who.id
  return [
    ...(state === 'pending' && another && reaches('approval.decide') ? (['decide'] as const) : []),
    ...((state === 'pending' || state === 'approved') && reaches('approval.revoke') ? (['revoke'] as const) : []),
    ...(row.reviewBy && !row.reviewedAt && another && reaches('approval.review') ? (['review'] as const) : []),
  ]
}
