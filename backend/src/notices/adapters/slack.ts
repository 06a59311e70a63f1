import { plainText, wordsOf } from '../words.js'
import { jsonRequest, overHttp, type ConfigOf } from './adapter.js'

/** An incoming webhook of Slack. What it refuses it refuses by status, and 429 says how long to wait. */
export const slack = overHttp<ConfigOf<'slack'>>((message, language, { url }) => {
  // the three signs of its markup; `<!channel>` in somebody's name calls nobody
  const text = plainText(wordsOf(message, language))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
  return jsonRequest(url, { text, mrkdwn: false, unfurl_links: false, unfurl_media: false })
})
