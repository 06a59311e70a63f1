import { request } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { Config } from '../config.js'

const patienceMs = 5000

/** Whether the system that runs with this configuration is ready; for health checks of containers, which have no curl. */
export const ready = ({ http }: Config): Promise<boolean> =>
  new Promise((resolve) => {
    const send = http.tls ? secureRequest : request
    const anyAddress = http.host === '0.0.0.0' || http.host === '::'
    send(
      {
        host: anyAddress ? 'localhost' : http.host,
        port: http.port,
        path: '/readyz',
        timeout: patienceMs,
        rejectUnauthorized: false, // it is ourselves, by an address that the certificate does not name
      },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode === 200)
      },
    )
      .once('timeout', () => resolve(false))
      .once('error', () => resolve(false))
      .end()
  })
