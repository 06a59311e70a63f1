import { createHmac } from 'node:crypto'
import { delivered, refused, retry, type Outcome } from '../outcome.js'
import { plainText, wordsOf } from '../words.js'
import { codeIn, jsonRequest, overHttp, type ConfigOf } from './adapter.js'

/**
 * A custom bot of a Feishu (Lark) group. Signed in the body: HMAC-SHA256 of nothing under the key `seconds\nsecret`, base64. That
 * is what its documentation says, the other way round than one would think.
 */
export const feishu = overHttp<ConfigOf<'feishu'>>((message, language, { url, secret }, at) => {
  // its texts know tags, such as one that calls everybody
  const text = plainText(wordsOf(message, language)).replaceAll('<', '＜').replaceAll('>', '＞')
  const timestamp = Math.floor(at.getTime() / 1000).toString()
  const sign = secret && createHmac('sha256', `${timestamp}\n${secret}`).digest('base64')
  return jsonRequest(url, { ...(sign ? { timestamp, sign } : {}), msg_type: 'text', content: { text } })
}, judge)

const busy = new Set([11232, 11233])
function judge(text: string): Outcome {
  const code = codeIn(text, 'code', 'StatusCode')
  if (code === 0) return delivered
  if (code === undefined) return retry('answer not understood')
  return busy.has(code) ? retry(`code ${code}`, 60) : refused(`code ${code}`)
}
