import { randomUUID } from 'node:crypto'
import { topicNames, topics, type Topic } from '@custodia/contracts'
import type { EventLog, GroupOffset, LogRecord } from '@custodia/streams/event-log'
import type { BackupKey } from './backup-key.js'
import type { BackupTarget } from './backup-target.js'
import { linesFor } from './log-lines.js'
import type { Manifest, Segment } from './manifest.js'
import { writePart } from './parts.js'

type Log = Manifest['log']
type Partition = Log['partitions'][number]

/** A segment ends with this record, or when it holds so many bytes: it is read and restored in memory. */
const fullRecords = 10_000
const fullBytes = 8_000_000
/** Snapshots are written every few seconds: a quiet moment is soon found. */
const attempts = 10

/** Groups that go on where they stood. Landing does not: it fills the audit store from the restored log again. */
const effectsInRecords: [group: string, topic: Topic][] = [['response', 'alerts']]
const effectsInLog: [group: string, topic: Topic][] = [
  ['detection', 'access-events'],
  ['detection-rekeyed', 'rekeyed'],
]

/** Taken before the records' snapshot: what these groups did up to here is in the snapshot. */
export const offsetsBeforeSnapshot = (log: EventLog): Promise<GroupOffset[]> => offsetsOf(log, effectsInRecords)

/**
 * Copies the log up to now, record by record with their exact bytes, after the records' snapshot was taken: every change in
 * the snapshot has its event here. Of what follows from something else the cause is read last, so that nothing in the copy
 * lacks it: state of detection, where its groups stand, what they wrote, and the accesses in the end.
 */
export async function copyOutLog(
  log: EventLog,
  target: BackupTarget,
  key: BackupKey,
  { before, base }: { before: GroupOffset[]; base: Manifest | undefined },
): Promise<Log> {
  const state = await readState(log)
  const commits = [...before, ...(await offsetsOf(log, effectsInLog))]
  const derived = topicNames.filter((topic) => !topics[topic].compacted && topic !== 'access-events')
  const ranges: { topic: Topic; partition: number; start: number; end: number }[] = []
  for (const topic of [...derived, 'access-events' as const])
    ranges.push(...(await log.range(topic)).map((range) => ({ topic, ...range })))

  const partitions: Partition[] = []
  for (const range of ranges) partitions.push(await copyPartition(log, target, key, range, base))
  for (const { topic, partition, end, records } of state) {
    const name = `log/${topic}/${partition}`
    const segments = records.length > 0 ? [await writeSegment(target, key, name, records)] : []
    partitions.push({ topic, partition, end, appended_at: segments.at(-1)?.appended_at ?? 0, segments })
  }
  requireWhole(partitions)
  return { partitions, commits }
}

async function copyPartition(
  log: EventLog,
  target: BackupTarget,
  key: BackupKey,
  { topic, partition, start, end }: { topic: Topic; partition: number; start: number; end: number },
  base: Manifest | undefined,
): Promise<Partition> {
  const segments = await reusable(target, base, topic, partition, end)
  let pending: LogRecord[] = []
  let bytes = 0
  const flush = async () => {
    if (pending.length > 0) segments.push(await writeSegment(target, key, `log/${topic}/${partition}`, pending))
    pending = []
    bytes = 0
  }
  for await (const record of log.read(topic, partition, Math.max(start, nextOf(segments)), end)) {
    pending.push(record)
    bytes += record.value.length
    if (pending.length === fullRecords || bytes >= fullBytes) await flush()
  }
  await flush()
  return { topic, partition, end, appended_at: segments.at(-1)?.appended_at ?? 0, segments }
}

/** What never changes again is not copied again: the full segments of the last backup, as far as they are still there. */
async function reusable(
  target: BackupTarget,
  base: Manifest | undefined,
  topic: Topic,
  partition: number,
  end: number,
): Promise<Segment[]> {
  const earlier = base?.log.partitions.find((each) => each.topic === topic && each.partition === partition)
  const reused: Segment[] = []
  for (const segment of earlier?.segments.slice(0, -1) ?? []) {
    if (segment.last >= end || (await target.size(segment.object)) !== segment.bytes) break
    reused.push(segment)
  }
  return reused
}

async function writeSegment(
  target: BackupTarget,
  key: BackupKey,
  name: string,
  records: LogRecord[],
): Promise<Segment> {
  const [first, last] = [records[0]!, records.at(-1)!]
  const part = await writePart(
    target,
    key,
    { name: `${name}/${first.offset}-${last.offset}`, object: `log/${randomUUID()}.age` },
    linesFor(records),
  )
  return { ...part, first: first.offset, last: last.offset, appended_at: last.appendedAt }
}

/** Compacted topics are read whole, at a moment when nothing is replaced under the reading. */
async function readState(log: EventLog) {
  const found: { topic: Topic; partition: number; end: number; records: LogRecord[] }[] = []
  for (const topic of topicNames.filter((name) => topics[name].compacted)) {
    for (const { partition } of await log.range(topic)) found.push(await readQuietly(log, topic, partition))
  }
  return found
}

async function readQuietly(log: EventLog, topic: Topic, partition: number) {
  for (let attempt = 1; ; attempt++) {
    const before = await rangeOf(log, topic, partition)
    const records: LogRecord[] = []
    for await (const record of log.read(topic, partition, before.start, before.end)) records.push(record)
    const after = await rangeOf(log, topic, partition)
    // A snapshot that is torn all the same is not taken for whole: detection replays from an earlier one, or from the start.
    if (after.end === before.end || attempt === attempts) return { topic, partition, end: before.end, records }
  }
}

async function rangeOf(log: EventLog, topic: Topic, partition: number) {
  const range = (await log.range(topic)).find((each) => each.partition === partition)
  return range ?? { start: 0, end: 0 }
}

async function offsetsOf(log: EventLog, groups: [group: string, topic: Topic][]): Promise<GroupOffset[]> {
  const found: GroupOffset[] = []
  for (const [group, topic] of groups)
    for (const [partition, { offset }] of await log.committed(group, topic))
      found.push({ group, topic, partition, offset })
  return found
}

const nextOf = (segments: Segment[]): number => (segments.at(-1)?.last ?? -1) + 1

/** Offsets without a gap, up to the end: otherwise a record went missing under our hands. */
function requireWhole(partitions: Partition[]): void {
  for (const { topic, partition, end, segments } of partitions) {
    if (topics[topic].compacted) continue
    let next = segments[0]?.first ?? end
    for (const segment of segments) {
      if (segment.first !== next || segment.last - segment.first + 1 !== segment.rows)
        throw new Error(`The copy of ${topic}/${partition} has a gap before offset ${segment.first}.`)
      next = segment.last + 1
    }
    if (next !== end) throw new Error(`The copy of ${topic}/${partition} ends at ${next} instead of ${end}.`)
  }
}
