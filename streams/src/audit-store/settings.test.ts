import { describe, expect, it } from '@jest/globals'
import { auditRetention, auditServers, auditStoreEnvironment, auditStoreProblems } from './settings.js'
import { z } from 'zod'

const read = (env: Record<string, string>) => z.object(auditStoreEnvironment).parse(env)
const url = 'https://reader:secret@ch:8443/custodia'

describe('the settings of the audit store', () => {
  it('name no server, 3 months hot and 12 kept by default', () => {
    expect(auditServers(read({}))).toBeUndefined()
    expect(auditRetention(read({}))).toEqual({ hotMonths: 3, keepMonths: 12 })
    expect(auditStoreProblems({}, 'CUSTODIA_CLICKHOUSE_READER_URL')).toEqual([])
  })

  it('let one URL stand for every user, and each be named instead', () => {
    const env = read({ CUSTODIA_CLICKHOUSE_URL: 'https://ch/custodia', CUSTODIA_CLICKHOUSE_READER_URL: url })
    expect(auditServers(env)).toMatchObject({
      reader: url,
      writer: 'https://ch/custodia',
      migrator: 'https://ch/custodia',
    })
    expect(auditServers(read({ CUSTODIA_CLICKHOUSE_READER_URL: url }))).toMatchObject({
      reader: url,
      writer: undefined,
    })
  })

  it('are wrong with a sentence that names the keys, and no value', () => {
    const problems = (env: Record<string, string>) =>
      auditStoreProblems(env, 'CUSTODIA_CLICKHOUSE_WRITER_URL').join('\n')
    expect(problems({ CUSTODIA_CLICKHOUSE_READER_URL: url })).toMatch(/CUSTODIA_CLICKHOUSE_WRITER_URL is missing/)
    expect(problems({ CUSTODIA_CLICKHOUSE_CLUSTER: 'audit' })).toMatch(/CLUSTER: the embedded audit store has none/)
    expect(problems({ CUSTODIA_AUDIT_HOT_MONTHS: '13' })).toMatch(/HOT_MONTHS is longer/)
    expect(problems({ CUSTODIA_CLICKHOUSE_URL: url, CUSTODIA_CLICKHOUSE_COLD_VOLUME: 'cold' })).toMatch(
      /STORAGE_POLICY/,
    )
    const two = problems({
      CUSTODIA_CLICKHOUSE_WRITER_URL: url,
      CUSTODIA_CLICKHOUSE_READER_URL: 'https://u:secret@ch/other',
    })
    expect(two).toMatch(/do not name the same database/)
    expect(two).not.toMatch(/secret/)
  })

  it('keep nothing for so long that its end could not be told', () => {
    expect(() => read({ CUSTODIA_AUDIT_KEEP_MONTHS: '241' })).toThrow()
  })
})
