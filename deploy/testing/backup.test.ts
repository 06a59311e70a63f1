import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { custodia } from './command.js'
import { startRefused, startSystem, type RunningSystem } from './system.js'

describe('backup and restore by command', () => {
  let base: string
  let system: RunningSystem
  let env: Record<string, string>
  const at = (name: string) => join(base, name)

  beforeAll(async () => {
    base = mkdtempSync(join(tmpdir(), 'custodia-test-'))
    chmodSync(base, 0o711)
    mkdirSync(at('target'))
    const made = await custodia('backup --new-identity', {})
    const recipient = /^Set CUSTODIA_BACKUP_RECIPIENT=(age1\w+)$/m.exec(made.stdout)?.[1] ?? ''
    writeFileSync(at('identity.txt'), made.stdout, { mode: 0o600 })
    env = {
      CUSTODIA_DATA_DIR: at('data'),
      CUSTODIA_BACKUP_TARGET: at('target'),
      CUSTODIA_BACKUP_RECIPIENT: recipient,
      CUSTODIA_BACKUP_SCHEDULE: 'off',
    }
    system = await startSystem({ dataDir: at('data'), env })
  }, 180_000)
  afterAll(async () => {
    await system?.stop()
    rmSync(base, { recursive: true, force: true })
  })

  it('makes one of the running system, tells how to keep what opens it, and lists it', async () => {
    const first = await custodia('backup', env)
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' })
    expect(first.stdout).not.toMatch(/"level":/)
    expect(first.stdout).toMatch(/^Backup \S+Z is in .*, read back and verified:/)
    expect(first.stdout).toContain('Keep apart from this machine')
    expect((await custodia('backup --list', env)).stdout).toMatch(/^\S+Z {2}verified\n$/)
  }, 120_000)

  it('tries the newest beside the running system', async () => {
    const drill = await custodia(`restore --drill --identity-file ${at('identity.txt')}`, env)
    expect({ code: drill.code, stderr: drill.stderr }).toEqual({ code: 0, stderr: '' })
    expect(drill.stdout).not.toMatch(/"level":|^\s+at /m) // what went well is told, and nothing else
    expect(drill.stdout).toMatch(/Drill passed in \d+ s: backup \S+ can be restored\./)
    expect(existsSync(at('data/drill'))).toBe(false)
  }, 120_000)

  it('refuses to restore over the running system, without the identity, and from nothing', async () => {
    const over = await custodia(`restore --identity-file ${at('identity.txt')}`, env)
    expect([over.code, over.stderr]).toEqual([1, expect.stringContaining('is not empty')])
    const empty = { ...env, CUSTODIA_DATA_DIR: at('new') }
    expect((await custodia('restore', empty)).stderr).toContain('Nothing says what opens the backup')
    mkdirSync(at('nothing'))
    const from = await custodia(`restore --from ${at('nothing')} --identity-file ${at('identity.txt')}`, empty)
    expect(from.stderr).toContain('holds no verified backup')
    expect(existsSync(at('new'))).toBe(false)
  }, 60_000)

  it('restores to an empty machine, which then starts; half a restore does not', async () => {
    await system.stop()
    const there = { ...env, CUSTODIA_DATA_DIR: at('machine') }
    const restored = await custodia(`restore --identity-file ${at('identity.txt')}`, there)
    expect({ code: restored.code, stderr: restored.stderr }).toEqual({ code: 0, stderr: '' })
    expect(restored.stdout).not.toMatch(/"level":/)
    expect(restored.stdout).toMatch(/Restored and compared in \d+ s/)
    system = await startSystem({ dataDir: at('machine'), env: there })
    const next = await custodia('backup', there) // into the same target: it is the same installation
    expect(next.code).toBe(0)
    expect(next.stdout).not.toContain('Keep apart') // the owner knows

    mkdirSync(at('half'))
    writeFileSync(at('half/RESTORE-UNFINISHED'), '')
    const { code, stderr } = await startRefused({ ...env, CUSTODIA_DATA_DIR: at('half') })
    expect([code, stderr]).toEqual([1, expect.stringContaining('did not finish')])
  }, 300_000)
})
