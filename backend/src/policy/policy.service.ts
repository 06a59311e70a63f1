import { createHash } from 'node:crypto'
import { Inject, Injectable } from '@nestjs/common'
import type { BodyOf, PolicyDocument, policyRoutes, ReplyOf } from '@custodia/contracts'
import { inArray } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CalendarWatch } from '../capture/calendar-watch.js'
import type { Access } from '../gateway/access.js'
import { toCsv } from '../gateway/csv.js'
import { FileAnswer } from '../gateway/file-answer.js'
import { Policies } from '../gateway/policies.js'
import { Policy } from '../gateway/policy-in-force.js'
import { ProblemError } from '../gateway/problem.js'
import { Administrators } from '../identity/administrators.js'
import { SecondPersons } from '../identity/second-persons.js'
import { stillAllowed } from '../record-store/live-session.js'
import { opensOf } from '../power/opens.js'
import { PowerService } from '../power/power.service.js'
import type { RecordStore } from '../record-store/record-store.js'
import { accounts } from '../record-store/schema.js'
import { OutboxService } from '../response/outbox.service.js'
import { policyRows } from './policy-csv.js'

/** The policy table: shown, exported, and changed as a whole. What is shown is the very object that requests are judged by. */
@Injectable()
export class PolicyService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly policies: Policies,
    private readonly power: PowerService,
    private readonly outbox: OutboxService,
    private readonly calendar: CalendarWatch,
    private readonly administrators: Administrators,
    private readonly seconds: SecondPersons,
  ) {}

  async read(access: Access): Promise<ReplyOf<typeof policyRoutes.policy>> {
    const { policy } = access.who
    const preset = policy.settings.preset === 'simple' ? 'separation' : 'simple'
    const other = new Policy({ ...policy.settings, preset })
    const document = await this.document(policy)
    const { db } = this.store
    const wait = {
      hours: this.seconds.waitHours,
      young_until: (await this.seconds.youngUntil(db))?.toISOString(),
      alone: (await this.administrators.areTwo(db, access.who.demo)) ? undefined : (true as const),
    }
    await access.grant({ count: document.rows.length })
    return {
      ...document,
      other: { preset, ...other.tables },
      working_hours: this.calendar.workingHours(),
      decider_wait: wait,
    }
  }

  async csv(access: Access): Promise<FileAnswer> {
    const document = await this.document(access.who.policy)
    return this.file(access, toCsv(policyRows(document, new Date())), 'text/csv; charset=utf-8', 'csv')
  }

  async json(access: Access): Promise<FileAnswer> {
    const document = await this.document(access.who.policy)
    const text = JSON.stringify({ exported_at: new Date().toISOString(), ...document }, null, 2)
    return this.file(access, Buffer.from(`${text}\n`), 'application/json; charset=utf-8', 'json')
  }

  /** What only tightens is in force for every request that begins after its commit, on every gateway; what opens something waits. */
  async change(
    access: Access,
    { version, reason, ...settings }: BodyOf<typeof policyRoutes.policyChange>,
  ): Promise<ReplyOf<typeof policyRoutes.policyChange>> {
    access.about({ record_id: 'policy', fields: ['preset', settings.preset], reason })
    const reply = await this.store.serialisable(async (tx) => {
      const [standing] = await tx.select({ id: accounts.id }).from(accounts).where(stillAllowed(access.who)).limit(1)
      if (!standing) throw new ProblemError('not_signed_in')
      const before = await this.policies.current(tx)
      if (before.version !== version) throw new ProblemError('conflict')
      const opens = opensOf(before, new Policy(settings))
      if (opens.length) {
        const waiting = await this.power.propose(tx, access, {
          kind: 'policy',
          policy: { version, settings },
          opens,
          reason,
        })
        await access.grant({ count: version, fields: ['preset', settings.preset, 'proposed'] })
        return { ...(await this.document(before)), waiting: waiting.id }
      }
      const change = { changed_at: new Date().toISOString(), changed_by: access.who.id, reason }
      const policy = await this.policies.replace(tx, version, settings, change)
      if (!policy) throw new ProblemError('conflict')
      await this.power.outdate(tx)
      const document = await this.document(policy)
      await access.grant({ count: policy.version })
      return document
    }, access)
    this.outbox.kick()
    return reply
  }

  private async file(access: Access, bytes: Buffer, type: string, ending: string): Promise<FileAnswer> {
    const { policy } = access.who
    const hash = createHash('sha256').update(bytes).digest('hex')
    await access.grant({ record_id: 'policy', bytes: bytes.length, reason: `sha256:${hash}` })
    return new FileAnswer(bytes, type, `policy-v${policy.version}.${ending}`)
  }

  private async document({ settings, version, hash, change, tables }: Policy): Promise<PolicyDocument> {
    const { changed_by = '', confirmed_by = '' } = change ?? {}
    const named = await this.store.db
      .select({ id: accounts.id, name: accounts.displayName })
      .from(accounts)
      .where(inArray(accounts.id, [changed_by, confirmed_by]))
    const nameOf = (id: string) => named.find((account) => account.id === id)?.name
    const names = { changed_by_name: nameOf(changed_by), confirmed_by_name: nameOf(confirmed_by) }
    return { ...settings, version, hash, ...change, ...names, ...tables }
  }
}
