import { createHmac } from 'node:crypto'
import { wordsOf } from '../words.js'
import { jsonRequest, overHttp, type ConfigOf } from './adapter.js'

/** Our own shape, signed: what another program reads. How it is verified: verify-webhook.ts and docs/notices.md. */
export const webhook = overHttp<ConfigOf<'webhook'>>((message, language, { url, secret }, at) => {
  const { notice, id, repeats } = message
  const { subject, lines, link } = wordsOf(message, language)
  const request = jsonRequest(url, {
    id,
    kind: notice.kind,
    severity: notice.severity,
    at: notice.at,
    rule: notice.rule,
    actor: notice.actor_name,
    subject,
    text: lines[0],
    repeats,
    link,
    demo: notice.demo ?? false,
    drill: notice.drill ?? false,
  })
  const timestamp = Math.floor(at.getTime() / 1000).toString()
  return {
    ...request,
    headers: {
      ...request.headers,
      'custodia-id': id,
      'custodia-timestamp': timestamp,
      'custodia-signature': `v1=${signatureOf(secret, timestamp, request.body)}`,
    },
  }
})

const signatureOf = (secret: string, timestamp: string, body: string): string =>
  createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
