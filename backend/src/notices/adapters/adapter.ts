import type { ChannelConfig, ChannelKind, NoticeLanguage } from '@custodia/contracts'
import { judgeStatus, post, type HttpRequest, type Net } from '../net/post.js'
import { delivered, type Outcome } from '../outcome.js'
import type { Message } from '../words.js'

export type ConfigOf<K extends ChannelKind> = Extract<ChannelConfig, { kind: K }>

/** Every way to tell somebody has this shape. `at` is the moment of this attempt: signatures carry it. */
export interface Adapter<Config, Request> {
  /** what will be said, and how it is signed; no clock, no network */
  render(message: Message, language: NoticeLanguage, config: Config, at: Date): Request
  send(request: Request, net: Net): Promise<Outcome>
}

/** One that posts JSON. `judge` reads the body of an answer whose status is fine: some refuse there. */
export const overHttp = <Config extends { url: string }>(
  render: Adapter<Config, HttpRequest>['render'],
  judge: (text: string) => Outcome = () => delivered,
): Adapter<Config, HttpRequest> => ({
  render,
  send: async (request, net) => {
    const posted = await post(request, net)
    if ('failed' in posted) return posted.failed
    return judgeStatus(posted.reply) ?? judge(posted.reply.text)
  },
})

export const jsonRequest = (url: string, body: unknown, headers: Record<string, string> = {}): HttpRequest => ({
  url,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(body),
})

/** A number in a JSON answer, under the first of these names that has one. */
export function codeIn(text: string, ...names: string[]): number | undefined {
  try {
    const answer = JSON.parse(text) as Record<string, unknown> | null
    return names.map((name) => answer?.[name]).find((value) => typeof value === 'number')
  } catch {
    return undefined
  }
}
