import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AccessEvent } from '@custodia/contracts'
import { startAuditStore, type TestAuditStore } from '@custodia/streams/audit-store/testing'
import { clientOf } from '../testing/requests.js'
import { startVault, type Person, type VaultUnderTest } from '../testing/start-vault.js'

let audit: TestAuditStore
let vault: VaultUnderTest
let clerk: Person
let client: ReturnType<typeof clientOf>
let stopped = false
beforeAll(async () => {
  audit = await startAuditStore()
  vault = await startVault(audit.store)
  clerk = await vault.signIn('staff')
  client = clientOf(vault, clerk)
})
afterAll(async () => {
  await vault.stop()
  if (!stopped) await audit.stop()
})

/** Puts what was logged into the audit store, with a verdict on what was held. */
async function land(): Promise<void> {
  const events = await vault.events()
  const place = (event: AccessEvent, at: number) => ({
    log_partition: 0,
    log_offset: at,
    appended_at: event.time,
    raw: JSON.stringify(event),
  })
  const rows = events.map((event, at) => JSON.stringify({ ...event, ...place(event, at) }))
  const held = events.filter((event) => event.outcome === 'held' && !event.part_of)
  const verdicts = held.map((event, at) =>
    JSON.stringify({
      event_id: event.id,
      verdict: 'allowed',
      actor: event.actor,
      time: event.time,
      ...place(event, at),
    }),
  )
  await audit.store.insert('access_events', rows, { token: `events ${events.length}` })
  await audit.store.insert('verdicts', verdicts, { token: `verdicts ${events.length}` })
}

describe('who looked at a customer', () => {
  it('is told with names and final outcomes: views, searches, exports and refusals, newest first', async () => {
    const { id } = await client.create()
    await client.search({ q: '张伟' })
    await client.send('POST', `/customers/${id}/reveal`, { fields: ['phone'] })
    await client.send('POST', `/customers/${id}/reveal`, { fields: ['phone'], purpose: 'contract' })
    await client.prove('POST', '/customers/export', { customer_ids: [id], fields: ['name'], purpose: 'contract' })
    await clientOf(vault, await vault.signIn('staff', 'beijing')).send('GET', `/customers/${id}`)
    await land()
    const analyst = clientOf(vault, await vault.signIn('analyst'))
    const reply = await analyst.send('GET', `/customers/${id}/accesses`)
    const told = reply
      .json()
      .items.map((a: Record<string, string>) => [a.action, a.outcome, a.purpose ?? ''].join(' ').trim())
    expect(told).toEqual([
      'view refused',
      'export allowed contract',
      'export refused contract', // until it was proven
      'reveal allowed contract',
      'reveal refused',
      'search granted',
      'create granted',
    ])
    expect(reply.json().items[1]).toMatchObject({ actor: clerk.id, actor_name: `staff ${clerk.id}` })
    const pages: unknown[] = []
    let next: string | undefined
    do {
      const page = (
        await analyst.send('GET', `/customers/${id}/accesses?limit=4${next ? `&cursor=${next}` : ''}`)
      ).json()
      pages.push(...page.items)
      next = page.next
    } while (next)
    expect(pages).toEqual(reply.json().items)
    const asked = (await vault.events()).find((event) => event.id === reply.headers['custodia-event-id'])
    expect(asked).toMatchObject({ action: 'list', outcome: 'granted', customer_id: id, count: 7 })
  })

  it('is not for the clerk, and not without the audit store', async () => {
    const { id } = await client.create()
    expect((await client.send('GET', `/customers/${id}/accesses`)).json().code).toBe('not_allowed')
    const auditor = clientOf(vault, await vault.signIn('auditor'))
    expect((await auditor.send('GET', `/customers/${id}/accesses?cursor=x`)).json().code).toBe('invalid_input')
    await audit.stop()
    stopped = true
    expect((await auditor.send('GET', `/customers/${id}/accesses`)).json().code).toBe('audit_store_unavailable')
  })
})
