import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startTestGateway, type TestGateway } from '../testing/gateway.js'
import { provenOk } from '../testing/proof.js'

const given = join(process.env.CUSTODIA_GIVEN ?? '', 'data/sshd')
const rule = 'sign-in-failures-address'
const patienceMs = 60_000

interface Expected {
  [key: string]: { groups_firing?: Record<string, unknown> | string[] }
}

/** Weeks of password guessing on a real server, through the front door of ingest, with a mapping file and no code. */
describe('the log of an SSH server', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startTestGateway()
  })
  afterAll(() => gateway.stop())

  it('raises an alert for exactly the sources with five failures in five minutes', async () => {
    const admin = await gateway.signedIn('admin')
    const mapping = readFileSync(new URL('../../../docs/mappings/sshd.yml', import.meta.url), 'utf8')
    const { token } = await provenOk(gateway, admin, 'ingestTokenCreate', {
      body: { name: 'bastion', source: 'sshd', mapping },
    })
    const bytes = readFileSync(join(given, 'sshd.ndjson'))
    const reply = await admin.ok('ingestEvents', {
      payload: { bytes, contentType: 'application/x-ndjson' },
      headers: { authorization: `Bearer ${token}` },
    })
    expect(reply).toEqual({ accepted: 490, duplicates: 0, rejected: [] })

    const expected = JSON.parse(readFileSync(join(given, 'expected.json'), 'utf8')) as Expected
    const firing = expected['event_count src_ip gte 5 in 300s']!.groups_firing!
    const sources = (Array.isArray(firing) ? firing : Object.keys(firing)).sort()
    expect(sources).toHaveLength(39)
    expect(await alertedSources(gateway, sources.length)).toEqual(sources)

    const again = await admin.ok('ingestEvents', {
      payload: { bytes, contentType: 'application/x-ndjson' },
      headers: { authorization: `Bearer ${token}` },
    })
    expect(again).toEqual({ accepted: 0, duplicates: 490, rejected: [] })
  })
})

/** The addresses alerted for, once detection has come to the end of what it was given. */
async function alertedSources(gateway: TestGateway, atLeast: number): Promise<string[]> {
  const analyst = await gateway.signedIn('analyst')
  const until = Date.now() + patienceMs
  for (let quiet = 0; ; await new Promise((resolve) => setTimeout(resolve, 500))) {
    await gateway.settled()
    const { items } = await analyst.ok('alerts', { query: { limit: 100 } })
    const sources = [
      ...new Set(items.filter((alert) => alert.rule === rule).map((alert) => alert.group.ip ?? '')),
    ].sort()
    quiet = sources.length >= atLeast ? quiet + 1 : 0
    // Some rounds more than needed: an alert too many would show.
    if (quiet > 8 || Date.now() > until) return sources
  }
}
