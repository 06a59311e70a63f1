import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { routes, type RouteSpec, type StepUpDetail } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import { approved, newApproval } from '../approvals/testing/new-approval.js'
import { sessions, stepUps } from '../record-store/schema.js'
import { giveProof } from '../testing/proof.js'
import { clientOf, type Detail } from '../vault/testing/requests.js'
import { startVault, type Person, type VaultUnderTest } from '../vault/testing/start-vault.js'

const ofNames = { fields: ['name'], purpose: 'identity_check' }
const plain = { fields: ['id_number'], purpose: 'identity_check' }

describe('a proof for one action', () => {
  let vault: VaultUnderTest
  let clerk: Person
  let client: ReturnType<typeof clientOf>
  let customer: Detail
  let other: Detail
  let body: typeof plain & { approval_id: string }
  let proof: Record<string, string>

  beforeAll(async () => {
    vault = await startVault()
    clerk = await vault.signIn('staff')
    client = clientOf(vault, clerk)
    customer = await client.create()
    other = await client.create()
    body = { ...plain, approval_id: await approval({ fields: ['id_number', 'name'] }) }
  })
  afterAll(() => vault?.stop())

  /** An ID number takes both: somebody else's approval, looked at first, and a proof for each use of it. */
  const approval = (over: Parameters<typeof newApproval>[3]) =>
    newApproval(vault.records, clerk.id, [customer.id, other.id], { ...approved, most: 20, ...over })
  const pathTo = ({ id }: Detail) => `/customers/${id}/reveal`
  const codeOf = (reply: { json(): unknown }) => (reply.json() as { code?: string }).code
  const reveal = (headers: Record<string, string> = proof, by = client) =>
    by.send('POST', pathTo(customer), body, headers)
  /** asked for by this very request, given, and not used */
  beforeEach(async () => {
    proof = await giveProof(vault, (await reveal({})).json())
  })

  it('is wanted for an ID number, and not for what is less', async () => {
    expect(codeOf(await reveal({}))).toBe('step_up_required')
    const less = await client.send('POST', pathTo(customer), { ...plain, fields: ['name', 'phone'] })
    expect(less.statusCode).toBe(200)
    const among = await client.send('POST', pathTo(customer), { ...body, fields: ['name', 'id_number'] })
    expect(codeOf(among)).toBe('step_up_required')
  })

  it.each<[string, () => Promise<{ json(): unknown }>]>([
    ['another customer', () => client.send('POST', pathTo(other), body, proof)],
    ['more fields', () => client.send('POST', pathTo(customer), { ...body, fields: ['id_number', 'name'] }, proof)],
    [
      'another purpose',
      async () => {
        const approval_id = await approval({ purpose: 'contract' })
        return client.send('POST', pathTo(customer), { ...body, purpose: 'contract', approval_id }, proof)
      },
    ],
    ['another address of the same route', () => client.send('POST', `${pathTo(customer)}?again`, body, proof)],
    [
      'another route',
      () => client.send('POST', '/customers/export', { ...ofNames, customer_ids: [customer.id] }, proof),
    ],
  ])('does not serve %s, and is still good for its own', async (_what, attempt) => {
    expect(codeOf(await attempt())).toBe('step_up_required')
    expect((await reveal()).statusCode).toBe(200)
  })

  it('does not serve another session of the same person', async () => {
    const [mine] = await vault.records.db.select().from(sessions).where(eq(sessions.id, clerk.session))
    await vault.records.db
      .update(stepUps)
      .set({ session: `${mine?.id}-before` })
      .where(eq(stepUps.id, proof['custodia-step-up'] ?? ''))
    expect(codeOf(await reveal())).toBe('step_up_required')
  })

  it('does not serve somebody else', async () => {
    const colleague = clientOf(vault, await vault.signIn('manager'))
    const asked = { ...ofNames, customer_ids: [customer.id] }
    const send = (by: typeof client, headers = {}) => by.send('POST', '/customers/export', asked, headers)
    const own = await giveProof(vault, (await send(client)).json())
    expect(codeOf(await send(colleague, own))).toBe('step_up_required')
    expect((await send(client, own)).statusCode).toBe(200)
  })

  it('serves once, however many come with it at the same time', async () => {
    const replies = await Promise.all(Array.from({ length: 8 }, () => reveal()))
    expect(replies.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1)
    expect(replies.filter((reply) => codeOf(reply) === 'step_up_required')).toHaveLength(7)
  })

  it('is over after minutes', async () => {
    await vault.records.db
      .update(stepUps)
      .set({ expiresAt: new Date(Date.now() - 1) })
      .where(eq(stepUps.id, proof['custodia-step-up'] ?? ''))
    expect(codeOf(await reveal())).toBe('step_up_required')
  })

  it('that was asked for and not given, or made up, is none', async () => {
    const { step_up } = (await reveal({})).json<{ step_up: StepUpDetail }>()
    expect(codeOf(await reveal({ 'custodia-step-up': step_up.id }))).toBe('step_up_required')
    expect(codeOf(await reveal({ 'custodia-step-up': '' }))).toBe('step_up_required')
  })

  it.each(['refused', undefined] as const)(
    'does not stand in for the verdict (%s), and is used up by it',
    async (verdict) => {
      vault.judge.verdict = verdict
      expect(codeOf(await reveal())).toBe(verdict ? 'limit_reached' : 'verdict_missing')
      vault.judge.verdict = 'allowed'
      expect(codeOf(await reveal())).toBe('step_up_required')
    },
  )

  it('is for requests whose body it can be bound to', () => {
    const bound: [string, RouteSpec][] = Object.entries(routes)
    expect(bound.filter(([, route]) => route.stepUp && route.consumes).map(([name]) => name)).toEqual([])
  })
})
