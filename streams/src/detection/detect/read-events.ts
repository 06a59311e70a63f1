import { fieldReader, type RuleEvent } from '../sigma/fields.js'
import type { DetectionRule } from '../sigma/index.js'
import type { Chunk } from './chunks.js'
import { DetectError } from './detect-error.js'
import { readEventTime } from './event-time.js'
import type { Sighting } from './judge.js'

export interface EventShape {
  /** the field with an event's id; without a name given it is `id`, or else the number of its line */
  idField?: string
  timeField: string
  needsTime: boolean
}

/** Reads a chunk's events and keeps those that a rule matches. */
export const eventReader = ({ idField, timeField, needsTime }: EventShape, bases: readonly DetectionRule[]) => {
  const readId = fieldReader(idField ?? 'id')
  const readTime = fieldReader(timeField)
  const idOf = (event: RuleEvent, line: number): string => {
    const id = readId(event)
    if (typeof id === 'string' || typeof id === 'number') return String(id)
    if (idField === undefined && (id === undefined || id === null)) return String(line)
    throw new DetectError(
      `line ${line}: \`${idField ?? 'id'}\` is no id; name the field that has it with \`--id-field\``,
    )
  }
  const timeOf = (event: RuleEvent, line: number): number => {
    const time = readEventTime(readTime(event))
    if (time === undefined && needsTime)
      throw new DetectError(
        `line ${line}: \`${timeField}\` is no time; name the field that has it with \`--time-field\``,
      )
    return time ?? NaN
  }
  return ({ bytes, line: first }: Chunk): Sighting[] => {
    const sightings: Sighting[] = []
    for (const [index, text] of bytes.toString().split('\n').entries()) {
      const line = first + index
      const event = parseEvent(text, line)
      if (!event) continue
      const found = bases.filter((base) => base.matches(event))
      if (found.length) sightings.push({ id: idOf(event, line), time: timeOf(event, line), event, line, found })
    }
    return sightings
  }
}

const parseEvent = (text: string, line: number): RuleEvent | undefined => {
  const json = line === 1 && text.startsWith('\ufeff') ? text.slice(1) : text
  if (json.trim() === '') return undefined
  let event: unknown
  try {
    event = JSON.parse(json)
  } catch (cause) {
    throw new DetectError(`line ${line} is not JSON: ${(cause as Error).message}`, { cause })
  }
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw new DetectError(`line ${line} is not an event: one JSON object a line is expected`)
  return event as RuleEvent
}
