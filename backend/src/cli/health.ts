import { request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { askHealth } from '@custodia/streams/health'
import { z } from 'zod'
import type { Config } from '../config.js'

const Answer = z.object({
  parts: z.array(
    z.object({ part: z.string(), ok: z.boolean(), lag: z.number().optional(), optional: z.boolean().optional() }),
  ),
})
export type GatewayParts = z.infer<typeof Answer>['parts']
const patienceMs = 5000

/*
 * For health checks of containers, which have no curl: each asks the process that runs with this configuration. Resolves with
 * the parts that are not well; rejects when it does not answer.
 */

export async function gatewayHealth(config: Pick<Config, 'http'>): Promise<string[]> {
  const parts = await gatewayParts(config)
  return parts.filter(({ ok, optional }) => !ok && !optional).map(({ part }) => part)
}

/** Every part as the gateway sees it, with how many records it has before it. */
export const gatewayParts = async ({ http }: Pick<Config, 'http'>): Promise<GatewayParts> =>
  Answer.parse(JSON.parse(await readyz(http))).parts

export const streamsHealth = (dataDir: string): Promise<string[]> => askHealth(dataDir)

const readyz = (http: Config['http']): Promise<string> =>
  new Promise((resolve, reject) => {
    const send = http.tls ? secureRequest : request
    const anyAddress = http.host === '0.0.0.0' || http.host === '::'
    send(
      {
        host: anyAddress ? 'localhost' : http.host,
        port: http.port,
        path: '/readyz',
        signal: AbortSignal.timeout(patienceMs),
        rejectUnauthorized: false, // it is ourselves, by an address that the certificate does not name
      },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => (text += chunk))
        answer.once('end', () => resolve(text)).once('error', reject)
      },
    )
      .once('error', reject)
      .end()
  })
