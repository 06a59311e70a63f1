import { request } from 'node:http'
import { gzipSync } from 'node:zlib'

export interface PlainAnswer {
  status: number
  text: string
  code: string | undefined
}

/** Plain HTTP over a Unix socket, for tests that look at the wire. */
export const httpOver =
  (socketPath: string) =>
  (method: string, path: string, body = '', { gzip = false } = {}): Promise<PlainAnswer> =>
    new Promise((resolve, reject) => {
      const headers = gzip ? { 'Content-Encoding': 'gzip' } : {}
      const sent = request({ socketPath, method, path, headers, agent: false }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          const code = response.headers['x-clickhouse-exception-code']
          resolve({ status: response.statusCode ?? 0, text, code: code as string | undefined })
        })
      })
      sent.on('error', reject)
      sent.end(gzip ? gzipSync(body) : body)
    })
