import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ask, removeDataDir, startSystem, type RunningSystem } from './system.js'

const recorder = fileURLToPath(new URL('record-connections.mjs', import.meta.url))
const heardIn = (file: string): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean)
/** This machine, by its names and addresses. */
const isHere = (line: string): boolean => /^(connect|lookup) (localhost|127\.|::1$|\[?::1|0\.0\.0\.0)/.test(line)

/** No look for updates, no telemetry, no font or script of somebody else's: whoever guards ID photos talks to nobody unasked. */
describe('the whole system', () => {
  const dir = mkdtempSync(join(tmpdir(), 'custodia-connections-'))
  const [file, control] = [join(dir, 'connections'), join(dir, 'control')]
  const env = { NODE_OPTIONS: `--import ${recorder}`, RECORD_CONNECTIONS_TO: file }
  let system: RunningSystem

  beforeAll(async () => {
    writeFileSync(file, '')
    system = await startSystem({ env })
  }, 180_000)
  afterAll(async () => {
    await system?.stop()
    if (system) removeDataDir(system.dataDir)
    rmSync(dir, { recursive: true })
  })

  it('is heard when it connects to anybody, in every process of it', async () => {
    const code =
      "require('node:net').connect(9, '192.0.2.7').on('error', () => {}); fetch('http://unknown.invalid').catch(() => {})"
    const child = spawn(process.execPath, ['-e', `${code}; setTimeout(() => process.exit(), 500)`], {
      env: { ...process.env, ...env, RECORD_CONNECTIONS_TO: control },
    })
    await new Promise((resolve) => child.once('exit', resolve))
    const heard = heardIn(control)
    expect(heard).toContain('connect 192.0.2.7:9')
    expect(heard).toContain('lookup unknown.invalid')
    const processes = heardIn(file).filter((line) => line.startsWith('process'))
    expect(new Set(processes).size).toBeGreaterThanOrEqual(3) // supervisor, gateway, streams
  })

  it('starts, serves its pages and stops without asking anybody but itself', async () => {
    for (const path of ['/', '/api/docs', '/api/docs-json', '/api/v1/setup', '/readyz', '/metrics'])
      expect((await ask(system.origin + path)).status).toBeLessThan(504)
    expect(await system.stop()).toBe(0)
    const asked = heardIn(file).filter((line) => !line.startsWith('process') && !isHere(line))
    expect(asked).toEqual([])
  })
})
