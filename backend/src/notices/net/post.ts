import { request as overHttp, type IncomingMessage } from 'node:http'
import { request as overHttps } from 'node:https'
import { lost, refused, retry, type Outcome } from '../outcome.js'
import type { Addresses } from './addresses.js'
import { destinationOf, type Destination } from './destination.js'

export interface HttpRequest {
  url: string
  headers: Record<string, string>
  body: string
}

export interface HttpReply {
  status: number
  retryAfter: string | undefined
  /** as much of it as anybody needs */
  text: string
}

export interface Net {
  addresses: Addresses
  timeoutMs: number
}

const mostBytes = 16_384

/** Sends, follows no redirect, waits so long and no longer, reads so much and no more. */
export async function post(request: HttpRequest, net: Net): Promise<{ reply: HttpReply } | { failed: Outcome }> {
  const url = new URL(request.url)
  if (url.username || url.password) return { failed: refused('password in the address') }
  const found = await destinationOf(url.hostname, net.addresses, url.protocol === 'https:')
  if ('failed' in found) return found
  try {
    return { reply: await exchange(url, request, found.to, AbortSignal.timeout(net.timeoutMs)) }
  } catch (error) {
    return { failed: lost(error) }
  }
}

function exchange(url: URL, { headers, body }: HttpRequest, to: Destination, signal: AbortSignal): Promise<HttpReply> {
  const send = url.protocol === 'https:' ? overHttps : overHttp
  return new Promise((resolve, reject) => {
    const sent = send(url, {
      method: 'POST',
      headers: { 'user-agent': 'custodia', 'content-length': Buffer.byteLength(body), ...headers },
      agent: false, // a connection of its own: to the address that was examined
      lookup: (_host, options, done) => (options.all ? done(null, [to]) : done(null, to.address, to.family)),
      signal,
    })
    // the signal's own reason says whether it was the time
    sent.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : error))
    sent.on('response', (answer) => {
      read(answer).then((text) => {
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'], text })
        sent.destroy()
      }, reject)
    })
    sent.end(body)
  })
}

async function read(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= mostBytes) break
  }
  return Buffer.concat(chunks).subarray(0, mostBytes).toString()
}

/** What a status means by itself. 2xx is `undefined`: the body may know better. */
export function judgeStatus({ status, retryAfter }: HttpReply, now = Date.now()): Outcome | undefined {
  if (status >= 200 && status < 300) return undefined
  const reason = `HTTP ${status}`
  if (status >= 500 || [408, 425, 429].includes(status)) return retry(reason, secondsOf(retryAfter, now))
  return refused(reason)
}

function secondsOf(retryAfter: string | undefined, now: number): number | undefined {
  if (!retryAfter) return undefined
  const seconds = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - now) / 1000
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined
}
