import { z } from 'zod'
import { correlateAll } from '../correlate/index.js'
import { type DetectionRule, loadRules, type RuleEvent } from '../sigma/index.js'
import { parseExact } from '../parse-exact.js'
import { reasonsOf } from '../sigma/reason.js'
import { DetectError } from './detect-error.js'
import { readEventTime } from './event-time.js'
import { Placeholders } from './placeholders.js'

const Event = z.custom<RuleEvent>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'is to be a JSON object',
)
/** In any form that an event of a file may have it. */
const Time = z.union([z.string(), z.number()]).transform((written, context) => {
  const time = readEventTime(written)
  if (time === undefined) context.addIssue(`\`${written}\` is not a time`)
  return time ?? NaN
})
const yaml = { rule_yaml: z.string() }
const Request = z.discriminatedUnion('op', [
  z.object({ op: z.literal('load'), ...yaml }),
  z.object({
    op: z.literal('detect'),
    ...yaml,
    events: z.array(z.object({ id: z.string(), event: Event })),
    placeholders: Placeholders.nullish(),
  }),
  z.object({
    op: z.literal('correlate'),
    ...yaml,
    events: z.array(z.object({ id: z.string(), time: Time, event: Event })),
  }),
])

const requestOf = (line: string): z.infer<typeof Request> => {
  let json: unknown
  try {
    json = parseExact(line)
  } catch (cause) {
    throw new DetectError(`the request is not JSON: ${(cause as Error).message}`, { cause })
  }
  const request = Request.safeParse(json)
  if (!request.success) throw new DetectError(reasonsOf(request.error).join('; '), { cause: request.error })
  return request.data
}

/**
 * One request, one answer: rules are judged over the events given, without state in between and without suppression. They
 * are Sigma alone here: what a rule says below `custodia:` is about our own events and is passed over.
 */
export const answer = (line: string): unknown => {
  const request = requestOf(line)
  const placeholders = request.op === 'detect' ? (request.placeholders ?? {}) : {}
  const { rules, problems } = loadRules([{ file: 'rule.yml', yaml: request.rule_yaml }], { placeholders, plain: true })
  if (problems.length) {
    const sentences = problems.map(({ line, reason }) => (line === undefined ? reason : `line ${line}: ${reason}`))
    return { error: sentences.join('; ') }
  }
  if (request.op === 'load') return { ok: true }
  if (request.op === 'correlate')
    return { firings: correlateAll(rules, request.events).map(({ event_id }) => ({ event_id })) }
  const detections = rules.filter((rule): rule is DetectionRule => rule.kind === 'detection' && rule.alerts)
  const matched = request.events.filter(({ event }) => detections.some((rule) => rule.matches(event)))
  return { matched: matched.map(({ id }) => id) }
}
