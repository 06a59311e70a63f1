import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Refusal } from './system.js'

const cli = fileURLToPath(new URL('../../backend/dist/cli/custodia.js', import.meta.url))

/** A command as an administrator types it. */
export function custodia(words: string, env: Record<string, string>): Promise<Refusal> {
  const child = spawn(process.execPath, [cli, ...words.split(' ')], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}
