import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { inertPolicy, permissionsPolicy } from './content-policy.js'

/** What a browser is told with every answer, whoever makes it. Pages put a policy of their own in the place of this one. */
export const everyAnswer = (secure: boolean): Record<string, string> => ({
  'content-security-policy': Object.entries(inertPolicy)
    .map(([name, sources]) => `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${sources.join(' ')}`)
    .join(';'),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': permissionsPolicy,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  ...(secure ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
})

/** Node's answer, begun with these headers: also where Node itself or Socket.IO answers, and no hook of ours is asked. */
export function answersWith(headers: Record<string, string>): typeof ServerResponse {
  return class<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    constructor(request: Request) {
      super(request)
      for (const [name, value] of Object.entries(headers)) this.setHeader(name, value)
    }
  }
}

const byCode: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

/** What Node's parser could not read as a request: there is no answer object, so it is written by hand. */
export const answerUnreadable =
  (headers: Record<string, string>) =>
  (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    if (socket.writable) socket.write(byHand(headers, byCode[error.code ?? ''] ?? 400))
    socket.destroy(error)
  }

/** CONNECT asks for a tunnel: Node hands its bare socket over, and would close it without a word. */
export const answerTunnel =
  (headers: Record<string, string>) =>
  (_request: IncomingMessage, socket: Duplex): void => {
    socket.once('error', () => socket.destroy())
    socket.end(byHand(headers, 400), () => socket.destroy())
  }

function byHand(headers: Record<string, string>, status: number): string {
  const title = STATUS_CODES[status]
  const body = JSON.stringify({ type: 'about:blank', title, status })
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${title}`, ...lines, '', body].join('\r\n')
}

/**
 * Whether this becomes a socket of Socket.IO's (RFC 6455, 4.2.1), asked for by a page of our own or by no page at all. Any other upgrade is a request
 * like any: Engine.IO would write its refusal onto the bare socket, without our headers, and close those to other addresses without a word.
 */
export const isSocketUpgrade =
  (ownOrigin: string) =>
  ({ method, url = '', headers }: IncomingMessage): boolean => {
    const { origin = ownOrigin, upgrade, 'sec-fetch-site': site } = headers
    if (origin !== ownOrigin || site === 'cross-site' || site === 'same-site') return false
    if (method !== 'GET' || !url.startsWith('/socket.io/') || upgrade?.toLowerCase() !== 'websocket') return false
    const asked = new URLSearchParams(url.slice(url.indexOf('?') + 1))
    return (
      headers['sec-websocket-version'] === '13' &&
      /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '') &&
      asked.get('EIO') === '4' &&
      asked.get('transport') === 'websocket' &&
      !asked.has('sid') // there is no other transport that one could come from
    )
  }
