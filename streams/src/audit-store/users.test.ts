import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { cluster, singleNode } from './schema/layout.js'
import { printableUsers } from './server-users.js'
import { startEmptyAuditStore, type TestAuditStore } from './testing/index.js'
import { usersSql } from './users.js'

let audit: TestAuditStore
beforeAll(async () => {
  audit = await startEmptyAuditStore()
})
afterAll(() => audit.stop())

const formatted = async (statements: string[]): Promise<string[]> => {
  const texts: string[] = []
  for (const sql of statements) {
    const [row] = await audit.store.query<{ text: string }>('SELECT formatQuerySingleLine({sql:String}) AS text', {
      sql,
    })
    texts.push(row?.text ?? '')
  }
  return texts
}

const logins = {
  reader: { name: 'custodia_gateway', password: 'secret-r' },
  writer: { name: 'custodia_streams', password: 'secret-w' },
  migrator: { name: 'custodia_schema', password: 'secret-m' },
}
const servers = {
  reader: 'https://custodia_gateway:secret-r@ch:8443/custodia',
  writer: 'https://custodia_streams:secret-w@ch:8443/custodia',
  migrator: 'https://custodia_schema:secret-m@ch:8443/custodia',
  admin: undefined,
  cluster: undefined,
}

describe('the users of the audit store', () => {
  it.each([
    { kind: 'a single node', layout: singleNode },
    { kind: 'a cluster', layout: cluster({ name: 'audit', database: 'custodia' }) },
  ])('are made by statements that ClickHouse can read ($kind)', async ({ layout }) => {
    const texts = await formatted(usersSql({ layout, database: 'custodia', logins }))
    for (const text of texts) expect(text.includes('ON CLUSTER audit')).toBe(layout.onCluster !== '')
  })

  it('have the rights of their work and no others', async () => {
    const texts = await formatted(usersSql({ layout: singleNode, database: 'custodia', logins }))
    const grantsOf = (role: string) => texts.filter((text) => text.startsWith('GRANT') && text.endsWith(`TO ${role}`))
    expect(grantsOf('custodia_reader')).toEqual(['GRANT SELECT ON custodia.* TO custodia_reader'])
    expect(texts).toContainEqual(expect.stringMatching(/^ALTER ROLE custodia_reader .*SETTINGS readonly = 2/))
    expect(grantsOf('custodia_writer')).toEqual([
      'GRANT INSERT ON custodia.access_events TO custodia_writer',
      'GRANT INSERT ON custodia.verdicts TO custodia_writer',
      'GRANT INSERT ON custodia.alerts TO custodia_writer',
      'GRANT INSERT ON custodia.dead_letters TO custodia_writer',
      'GRANT INSERT ON custodia.late_events TO custodia_writer',
      'GRANT SELECT ON custodia.schema_migrations TO custodia_writer',
    ])
    expect(grantsOf('custodia_migrator').join()).not.toMatch(/\*\.\*|USER|ROLE|ALL|DELETE/)
  })

  it('go out without a password: as places for them when printed, as salted hashes when made', () => {
    expect(printableUsers(servers).join('\n')).not.toMatch(/secret|sha256_hash/)
    const made = usersSql({ layout: singleNode, database: 'custodia', logins }).join('\n')
    expect(made).not.toContain('secret')
    expect(made).toMatch(/IDENTIFIED WITH sha256_hash BY '[0-9a-f]{64}' SALT '[0-9a-f]{32}'/)
  })

  it('are three, and named', () => {
    expect(() => printableUsers({ ...servers, writer: servers.reader })).toThrow('fewer than three users')
    expect(() => printableUsers({ ...servers, writer: 'https://ch:8443/custodia' })).toThrow('WRITER_URL names no user')
  })
})
