import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { askHealth, serveHealth } from './index.js'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'custodia-health-'))
})
afterAll(() => rm(dir, { recursive: true }))

const well = (part: string) => ({ part, check: () => Promise.resolve() })

describe('the health of the streams process', () => {
  it('names no part when all are well', async () => {
    const server = await serveHealth(dir, [well('event log'), well('audit store')])
    expect(await askHealth(dir)).toEqual([])
    await server.close()
  })

  it('names the parts that fail, and those that do not answer', async () => {
    const silent = { part: 'silent', check: () => new Promise(() => undefined) }
    const broken = { part: 'broken', check: () => Promise.reject(new Error('gone')) }
    const server = await serveHealth(dir, [well('event log'), silent, broken])
    expect(await askHealth(dir)).toEqual(['silent', 'broken'])
    await server.close()
  })

  it('rejects when there is no such process, and when a killed one left its socket behind', async () => {
    await expect(askHealth(dir)).rejects.toThrow('No worker')
    const script = `require('node:net').createServer().listen(${JSON.stringify(join(dir, 'run', 'streams-1-1.sock'))}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', script])
    expect(readdirSync(join(dir, 'run'))).toEqual(['streams-1-1.sock'])
    await expect(askHealth(dir)).rejects.toThrow('No worker')
    expect(readdirSync(join(dir, 'run'))).toEqual([])
  })

  it('asks every worker of the data directory', async () => {
    const first = await serveHealth(dir, [well('event log')])
    const second = await serveHealth(dir, [{ part: 'audit store', check: () => Promise.reject(new Error('gone')) }])
    expect(await askHealth(dir)).toEqual(['audit store'])
    await second.close()
    expect(await askHealth(dir)).toEqual([])
    await first.close()
  })
})
