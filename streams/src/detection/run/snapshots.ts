import { DetectionSnapshot } from '@custodia/contracts'
import type { EventLog } from '../../event-log/index.js'
import { recordParser } from './parse.js'

type Stage = DetectionSnapshot['stage']

const CHUNK_CHARACTERS = 150_000

/** Writes a partition's state as one batch of chunks; the topic keeps the newest chunk of each number. */
export const saveSnapshot = async (
  log: EventLog,
  stage: Stage,
  partition: number,
  offset: number,
  state: string,
): Promise<void> => {
  const chunks = Math.max(1, Math.ceil(state.length / CHUNK_CHARACTERS))
  const records = Array.from({ length: chunks }, (_, chunk): DetectionSnapshot => {
    const part = state.slice(chunk * CHUNK_CHARACTERS, (chunk + 1) * CHUNK_CHARACTERS)
    return { stage, partition, offset, chunk, chunks, state: part }
  })
  await log.appendAll(
    'detection-snapshots',
    records.map((record) => ({
      key: `${stage}/${partition}/${record.chunk}`,
      value: Buffer.from(JSON.stringify(record)),
    })),
  )
}

const parseChunk = recordParser(DetectionSnapshot)

/** The newest complete snapshot that is not ahead of what is committed. */
export const loadSnapshot = async (
  log: EventLog,
  stage: Stage,
  partition: number,
  committed: number,
): Promise<{ offset: number; state: string } | undefined> => {
  const [range] = await log.range('detection-snapshots')
  const found = new Map<number, { chunks: number; parts: Map<number, string> }>()
  for await (const record of log.read('detection-snapshots', 0, range?.start ?? 0, range?.end)) {
    if (!record.key.startsWith(`${stage}/${partition}/`)) continue
    const parsed = parseChunk(record)
    if (!('value' in parsed) || parsed.value.offset > committed) continue
    const { offset, chunks, chunk, state } = parsed.value
    const known = found.get(offset)
    // a second snapshot at the same offset, after a restart, replaces the first
    if (!known || known.chunks !== chunks) found.set(offset, { chunks, parts: new Map([[chunk, state]]) })
    else known.parts.set(chunk, state)
  }
  const newest = [...found]
    .filter(([, { chunks, parts }]) => parts.size === chunks)
    .sort(([a], [b]) => b - a)
    .at(0)
  if (!newest) return undefined
  const [offset, { chunks, parts }] = newest
  return { offset, state: Array.from({ length: chunks }, (_, chunk) => parts.get(chunk) ?? '').join('') }
}
