import { readdirSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { privateSocketPath } from '../audit-store/socket-path.js'
import { healthSockets } from './serve-health.js'

const Part = z.object({ part: z.string(), ok: z.boolean(), about: z.unknown().optional() })
const Answer = z.object({ parts: z.array(Part) })
export type HealthAnswer = z.infer<typeof Part>

/** What is not well with the workers of this data directory; rejects when there is none, or one does not answer. */
export const askHealth = async (dataDir: string): Promise<string[]> => {
  const parts = await askParts(dataDir, 5000)
  return [...new Set(parts.filter(({ ok }) => !ok).map(({ part }) => part))]
}

/** Every part of every worker of this data directory; rejects when there is none, or one does not answer in time. */
export const askParts = async (dataDir: string, patienceMs: number): Promise<HealthAnswer[]> => {
  const dir = dirname(privateSocketPath(dataDir, healthSockets))
  const sockets = readdirSync(dir).filter((name) => name.startsWith(healthSockets))
  const answers = await Promise.all(sockets.map((name) => askOne(join(dir, name), patienceMs)))
  const workers = answers.filter((answer) => answer !== undefined)
  if (workers.length === 0) throw new Error('No worker of landing and detection runs on this data directory.')
  return workers.flat()
}

/** undefined where nobody listens any more: a killed process leaves its socket. */
const askOne = async (socketPath: string, patienceMs: number): Promise<HealthAnswer[] | undefined> => {
  try {
    return Answer.parse(JSON.parse(await answerAt(socketPath, patienceMs))).parts
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error
    rmSync(socketPath, { force: true })
    return undefined
  }
}

const answerAt = (socketPath: string, patienceMs: number): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ socketPath, path: '/', signal: AbortSignal.timeout(patienceMs) }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => (text += chunk))
      answer.once('end', () => resolve(text)).once('error', reject)
    }).once('error', reject)
  })
