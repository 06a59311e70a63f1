import { delivered, retry } from '../outcome.js'
import { wordsOf } from '../words.js'
import { jsonRequest, overHttp, type ConfigOf } from './adapter.js'

/** Plain runs of text: a text block would read them as Markdown. */
const run = (text: string, style: Record<string, unknown> = {}) => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text, ...style }],
})

/** A workflow of Teams (“When a Teams webhook request is received”), which takes an adaptive card. */
export const teams = overHttp<ConfigOf<'teams'>>(
  (message, language, { url }) => {
    const { subject, lines, link } = wordsOf(message, language)
    const content = {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.4',
      body: [run(subject, { weight: 'Bolder' }), ...lines.map((line) => run(line))],
      actions: [{ type: 'Action.OpenUrl', title: 'Custodia', url: link }],
    }
    const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }
    return jsonRequest(url, { type: 'message', attachments: [attachment] })
  },
  // the older connectors say so with status 200
  (text) => (/^Webhook message delivery failed/i.test(text) ? retry('delivery failed', 60) : delivered),
)
