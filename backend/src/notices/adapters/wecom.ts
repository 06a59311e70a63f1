import { delivered, refused, retry, type Outcome } from '../outcome.js'
import { plainText, wordsOf } from '../words.js'
import { codeIn, jsonRequest, overHttp, type ConfigOf } from './adapter.js'

/** A robot of a WeCom group. It has no signature: the key in its address is the secret. */
export const wecom = overHttp<ConfigOf<'wecom'>>((message, language, { url }) => {
  const content = plainText(wordsOf(message, language))
  return jsonRequest(url, { msgtype: 'text', text: { content } })
}, judge)

const busy = new Set([-1, 45009, 45033])
function judge(text: string): Outcome {
  const code = codeIn(text, 'errcode')
  if (code === 0) return delivered
  if (code === undefined) return retry('answer not understood')
  return busy.has(code) ? retry(`errcode ${code}`, 60) : refused(`errcode ${code}`)
}
