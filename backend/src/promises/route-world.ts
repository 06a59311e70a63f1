import { createHash } from 'node:crypto'
import type { Role, RouteName } from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import { and, eq, isNull } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { newApproval } from '../approvals/testing/new-approval.js'
import { SoftwareAuthenticator } from '../identity/testing/authenticator.js'
import {
  accounts,
  alerts,
  customers,
  noticeDeliveries,
  notices,
  powerChanges,
  recoveries,
  reportSchedules,
  sessions,
  settings,
  stepUps,
} from '../record-store/schema.js'
import { Scheduler } from '../reports/scheduler.js'
import { aChannel } from '../notices/testing/channel.js'
import { testNotice } from '../notices/told.js'
import { FreezesService } from '../response/freezes.service.js'
import { MeasuresService } from '../response/measures.service.js'
import { TestClient, type Call } from '../testing/client.js'
import { newCustomer, type KeptCustomer } from '../testing/customers.js'
import type { TestGateway, TestPerson } from '../testing/gateway.js'
import { proofFor, provenOk } from '../testing/proof.js'
import { until } from '../testing/settled.js'

/** The people who prepare what others ask for. */
export interface Helpers {
  manager: TestClient
  analyst: TestClient
  auditor: TestClient
  admin: TestClient
}

/** What one person's requests are made of: objects that exist, and that are theirs where that matters. */
export class RouteWorld {
  private constructor(
    readonly gateway: TestGateway,
    readonly role: Role,
    readonly client: TestClient,
    readonly helpers: Helpers,
    /** this person's own, or a manager's of the same branch where this person may have none */
    readonly customer: KeptCustomer,
  ) {}

  static async of(gateway: TestGateway, role: Role, helpers: Helpers): Promise<RouteWorld> {
    const client = await gateway.signedIn(role)
    const owner = role === 'staff' || role === 'manager' ? client : helpers.manager
    const customer = await newCustomer(owner)
    // Whoever creates none is given one.
    if (role === 'service')
      await gateway.records.db.update(customers).set({ owner: client.accountId }).where(eq(customers.id, customer.id))
    return new RouteWorld(gateway, role, client, helpers, customer)
  }

  /** a customer nobody will miss */
  async spareCustomer(): Promise<KeptCustomer> {
    return newCustomer(this.role === 'staff' ? this.client : this.helpers.manager)
  }

  /** somebody else of this role, with their own browser: what they do to their session hurts nobody */
  async another(): Promise<{ person: TestPerson; client: TestClient }> {
    const person = await this.gateway.person(this.role)
    return { person, client: this.gateway.stranger(person) }
  }

  async anotherSignedIn(): Promise<{ person: TestPerson; client: TestClient }> {
    const other = await this.another()
    await other.client.signIn(other.person)
    return other
  }

  /** somebody asked in, and the secret of their link */
  async invited(): Promise<{ id: string; token: string }> {
    const body = {
      username: `in-${uuidv7().slice(-12)}`,
      display_name: 'In',
      role: this.role === 'admin' ? ('auditor' as const) : this.role,
    }
    const { id, link } = await provenOk(this.gateway, this.helpers.admin, 'accountCreate', { body })
    return { id, token: link?.split('#')[1] ?? '' }
  }

  async withRecoveryCodes(): Promise<{ person: TestPerson; client: TestClient; codes: string[] }> {
    const other = await this.anotherSignedIn()
    const headers = await this.proof(other.client, 'recoveryCodesIssue')
    return { ...other, ...(await other.client.ok('recoveryCodesIssue', { headers })) }
  }

  /** the header that tells of a fresh proof for this very request: asked for, and given; none for whoever may not ask */
  async proof<R extends RouteName>(client: TestClient, name: R, call?: Call<R>): Promise<Record<string, string>> {
    return proofFor(this.gateway, client, name, call)
  }

  /** a request for an API token with something this person may pass on, and the proof for it */
  async tokenRequest(client: TestClient) {
    const { scopes } = await client.ok('myTokens')
    const body = { name: 'a script', scopes: scopes.slice(-1), days: 1 } // of an administrator: scim
    return { body, headers: await this.proof(client, 'myTokenCreate', { body }) }
  }

  /** somebody else's of this role */
  async apiToken(): Promise<{ client: TestClient; id: string; token: string }> {
    const { client } = await this.anotherSignedIn()
    return { client, ...(await client.ok('myTokenCreate', await this.tokenRequest(client))) }
  }

  /** a program without cookies, with a token of somebody of this role */
  async scim() {
    const { client, token } = await this.apiToken()
    const by = new TestClient(this.gateway.app, client.accountId, this.gateway.heard)
    return { by, headers: { authorization: `Bearer ${token}` } }
  }

  /** a reset of this person's factors, asked for by one administrator and, if `approved`, approved by another; its time is over */
  async recoveryOf(account: string, approved: boolean): Promise<string> {
    const { db } = this.gateway.records
    const id = uuidv7()
    const [askedBy, dueAt] = [this.helpers.auditor.accountId, new Date(Date.now() - 1000)]
    const state = approved ? ('waiting' as const) : ('asked' as const)
    const approvedBy = approved ? this.client.accountId : null // whoever has another role is refused all the same
    await db
      .insert(recoveries)
      .values({ id, accountId: account, reason: 'lost the phone', askedBy, approvedBy, state, dueAt })
    return id
  }

  /** the administrator's role for this person, proposed by the helpers' administrator */
  async powerChange(target: string): Promise<string> {
    const id = uuidv7()
    const row = {
      id,
      kind: 'administrator' as const,
      target,
      reason: 'takes over',
      askedBy: this.helpers.admin.accountId,
    }
    await this.gateway.records.db.insert(powerChanges).values(row)
    return id
  }

  /** lets `token` stop this reset, as the link of its notice would */
  async cancelWith(recovery: string, token: string): Promise<void> {
    const cancelHash = createHash('sha256').update(token).digest()
    await this.gateway.records.db.update(recoveries).set({ cancelHash }).where(eq(recoveries.id, recovery))
  }

  /** a fresh proof that the session of this account was asked for */
  async stepUpOf(accountId: string): Promise<string> {
    const { db } = this.gateway.records
    const id = uuidv7()
    const [session] = await db
      .select({ id: sessions.id })
      .from(sessions)
      .where(and(eq(sessions.accountId, accountId), isNull(sessions.endedAt)))
    const expiresAt = new Date(Date.now() + 60_000)
    const target = Buffer.alloc(32)
    await db.insert(stepUps).values({ id, accountId, session: session?.id ?? '', target, challenge: 'none', expiresAt })
    return id
  }

  /** somebody to be acted upon */
  async bystander(): Promise<string> {
    return (await this.gateway.person('staff')).account.id
  }

  /** whom the helpers' administrator made manager a moment ago, and from when on they decide */
  async newDecider(): Promise<[account: string, from: string]> {
    const { account } = await this.gateway.person('manager')
    const decidesFrom = new Date(Date.now() + 3_600_000)
    const given = { decidesFrom, decidesGivenBy: this.helpers.admin.accountId }
    await this.gateway.records.db.update(accounts).set(given).where(eq(accounts.id, account.id))
    return [account.id, decidesFrom.toISOString()]
  }

  /** a review that is open, and somebody whom this person has to review in it, or an administrator */
  async review(): Promise<{ id: string; account: string }> {
    const account = await this.bystander()
    const managerId = this.role === 'manager' ? this.client.accountId : null
    await this.gateway.records.db.update(accounts).set({ managerId }).where(eq(accounts.id, account))
    const { id } = await this.helpers.admin.ok('reviewOpen')
    return { id, account }
  }

  /** too many have left at once, as the personnel system says */
  async leaversStopped(): Promise<void> {
    const value = { stopped: { at: new Date().toISOString(), source: 'scim' } }
    await this.gateway.records.db.insert(settings).values({ key: 'leavers', value }).onConflictDoUpdate({
      target: settings.key,
      set: { value },
    })
  }

  /** somebody whom a rule has frozen */
  async frozenByRule(): Promise<string> {
    const id = await this.bystander()
    const alert = anAlert({ id: uuidv7(), actor: id, time: new Date().toISOString() })
    const freezes = this.gateway.app.get(FreezesService)
    await this.gateway.records.db.transaction((tx) => freezes.byAlert(tx, alert, id, 600))
    return id
  }

  /** somebody on whom a rule has put a measure */
  async restricted(): Promise<string> {
    const id = await this.bystander()
    const alert = anAlert({ id: uuidv7(), actor: id, time: new Date().toISOString() })
    const measures = this.gateway.app.get(MeasuresService)
    await this.gateway.records.db.transaction((tx) => measures.byAlert(tx, alert, id, 'mask', 600))
    return id
  }

  /** an alert as detection raises it, taken up by the response */
  async alert(): Promise<string> {
    const { log, records } = this.gateway
    const alert = anAlert({ id: uuidv7(), actor: undefined, respond: [{ do: 'alert' }] })
    await log.append('alerts', { key: alert.id, value: Buffer.from(JSON.stringify({ kind: 'raised', alert })) })
    await until(async () => (await records.db.select().from(alerts).where(eq(alerts.id, alert.id))).length)
    return alert.id
  }

  async schedule(by: TestClient): Promise<string> {
    const body = { kind: 'access', every: 'week', time_zone: 'Asia/Shanghai' } as const
    return (await by.ok('scheduleCreate', { body })).id
  }

  /** a kept run of a schedule that fell due */
  async reportRun(): Promise<string> {
    const { app, records } = this.gateway
    const schedule = await this.schedule(this.helpers.auditor)
    const aWeekAgo = new Date(Date.now() - 7 * 86_400_000)
    await records.db.update(reportSchedules).set({ nextAt: aWeekAgo }).where(eq(reportSchedules.id, schedule))
    await app.get(Scheduler).makeDue()
    const runs = await this.helpers.auditor.ok('reportRuns')
    const run = runs.items.find((item) => item.schedule_id === schedule)
    if (!run) throw new Error('the schedule was not run')
    return run.id
  }

  async noticeChannel(): Promise<string> {
    return (await this.helpers.admin.ok('noticeChannelCreate', { body: aChannel({ enabled: false }) })).id
  }

  /** a notice that could not be sent */
  async undeliveredNotice(): Promise<string> {
    const { db } = this.gateway.records
    const [id, noticeId, channelId] = [uuidv7(), uuidv7(), await this.noticeChannel()]
    await db.insert(notices).values({ id: noticeId, notice: testNotice(new Date()) })
    const failed = { state: 'undelivered' as const, error: 'HTTP 500', attempts: 1, giveUpAt: new Date() }
    await db.insert(noticeDeliveries).values({ id, noticeId, channelId, groupKey: 'test', ...failed })
    return id
  }

  /** a request of this branch, waiting; or, with `over`, an emergency use to be reviewed */
  async approval(requester: string, over: Parameters<typeof newApproval>[3] = {}): Promise<string> {
    return newApproval(this.gateway.records, requester, [this.customer.id], over)
  }

  async ingestToken(): Promise<{ id: string; token: string }> {
    const name = `t-${uuidv7().slice(-8)}`
    return provenOk(this.gateway, this.helpers.admin, 'ingestTokenCreate', { body: { name, source: name } })
  }
}

const place = { origin: 'http://localhost:8080', rpId: 'localhost' }
const challengeOf = (options: Record<string, unknown>): string => String(options['challenge'])

/** What a browser would send to add a passkey to this person. */
export async function newPasskey(
  world: RouteWorld,
  client: TestClient,
): Promise<{
  authenticator: SoftwareAuthenticator
  body: { challenge_id: string; name: string; response: Record<string, unknown> }
}> {
  const authenticator = new SoftwareAuthenticator()
  const { challenge_id, options } = await client.ok('passkeyBegin', {
    headers: await world.proof(client, 'passkeyBegin'),
  })
  const response = authenticator.register({ ...place, challenge: challengeOf(options) })
  return { authenticator, body: { challenge_id, name: 'laptop', response } }
}

export async function passkeyAnswer(client: TestClient, authenticator: SoftwareAuthenticator) {
  const { challenge_id, options } = await client.ok('passkeyOptions')
  return { challenge_id, response: authenticator.sign({ ...place, challenge: challengeOf(options) }) }
}
