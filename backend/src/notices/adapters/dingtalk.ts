import { createHmac } from 'node:crypto'
import { delivered, refused, retry, type Outcome } from '../outcome.js'
import { plainText, wordsOf } from '../words.js'
import { codeIn, jsonRequest, overHttp, type ConfigOf } from './adapter.js'

/** A custom robot of a DingTalk group. Signed: HMAC-SHA256 of `milliseconds\nsecret` under the secret, base64, in the address. */
export const dingtalk = overHttp<ConfigOf<'dingtalk'>>((message, language, { url, secret }, at) => {
  const signed = new URL(url)
  if (secret) {
    const timestamp = at.getTime().toString()
    const sign = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64')
    signed.searchParams.set('timestamp', timestamp)
    signed.searchParams.set('sign', sign)
  }
  const content = plainText(wordsOf(message, language))
  return jsonRequest(signed.href, { msgtype: 'text', text: { content }, at: { isAtAll: false } })
}, judge)

const busy = new Set([-1, 130101, 130102])
/** It says no with status 200. */
function judge(text: string): Outcome {
  const code = codeIn(text, 'errcode')
  if (code === 0) return delivered
  if (code === undefined) return retry('answer not understood')
  return busy.has(code) ? retry(`errcode ${code}`, 60) : refused(`errcode ${code}`)
}
