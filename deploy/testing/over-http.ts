import { request } from 'node:http'
import type { CarriedAnswer, Carrier } from '../../backend/src/testing/client.js'

/** Longer than the system's own bounds: an answer that takes longer is a fault, not a wait. */
const patienceMs = 20_000

/** Carries requests to a gateway's port. Rejects when no whole answer comes, as when the process is killed. */
export const overHttp = (port: number): Carrier => ({
  inject: ({ method, url, headers, payload }) =>
    new Promise<CarriedAnswer>((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port,
        path: url,
        method,
        headers,
        agent: false as const,
        timeout: patienceMs,
      }
      const sent = request(options, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.once('error', reject) // it ended in the middle
        answer.once('end', () => {
          const rawPayload = Buffer.concat(chunks)
          resolve({
            statusCode: answer.statusCode ?? 0,
            headers: answer.headers,
            cookies: (answer.headers['set-cookie'] ?? []).map(cookieOf),
            rawPayload,
            json: () => JSON.parse(rawPayload.toString()) as unknown,
          })
        })
      })
      sent.once('timeout', () => sent.destroy(new Error(`no answer to ${method} ${url} in ${patienceMs} ms`)))
      sent.once('error', reject)
      sent.end(payload)
    }),
})

const cookieOf = (line: string): { name: string; value: string } => {
  const [pair = ''] = line.split(';')
  return { name: pair.slice(0, pair.indexOf('=')), value: pair.slice(pair.indexOf('=') + 1) }
}
