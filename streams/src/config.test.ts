import { describe, expect, it } from '@jest/globals'
import { readConfig } from './config.js'
import { ConfigError } from './settings/index.js'

describe('the configuration of the streams process', () => {
  it('needs nothing: everything below ./data, the embedded audit store, the shipped rules and the house’s', () => {
    const config = readConfig({})
    expect(config).toMatchObject({ audit: 'embedded', logLevel: 'info' })
    expect(config.logDir).toBe(`${config.dataDir}/log`)
    expect(config.rulesDirs).toEqual([expect.stringMatching(/streams\/rules$/), `${config.dataDir}/rules`])
  })

  it('takes a ClickHouse server or a socket', () => {
    expect(readConfig({ CUSTODIA_CLICKHOUSE_URL: 'http://ch:8123' }).audit).toMatchObject({ writer: 'http://ch:8123' })
    expect(readConfig({ CUSTODIA_AUDIT_SOCKET: '/run/a.sock' }).audit).toEqual({ socketPath: '/run/a.sock' })
  })

  it('names every wrong key at once, and no value', () => {
    const read = () =>
      readConfig({
        CUSTODIA_LOG_LEVEL: 'secret-1',
        CUSTODIA_DATA_DIR: '',
        CUSTODIA_CLICKHOUSE_URL: 'secret-2',
        CUSTODIA_AUDIT_SOCKET: '/secret-3',
      })
    expect(read).toThrow(ConfigError)
    expect(read).toThrow(/DATA_DIR.*CLICKHOUSE_URL.*LOG_LEVEL.*two audit stores/s)
    expect(read).not.toThrow(/secret/)
  })
})
