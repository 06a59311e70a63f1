import { closeSync, openSync, readSync } from 'node:fs'
import {
  ChunkReader,
  Judge,
  loadEveryRule,
  ReaderNumbers,
  readRuleFilesAt,
  Sightings,
} from '@custodia/streams/detection/detect'

const BLOCK = 1 << 20

/** One thread does all of it, a chunk after another: what each stage costs, in microseconds of CPU an event. */
export const stages = async (rulesFolder, file) => {
  const sightings = new Sightings()
  const judge = new Judge(loadEveryRule({ files: await readRuleFilesAt(rulesFolder) }), 'alerts', sightings)
  const reader = new ChunkReader(judge, { idField: 'event_id', timeField: 'time' })
  const numbers = new ReaderNumbers(judge, sightings.texts)
  const spent = { read: 0, decoded: 0, judged: 0 }
  let events = 0
  let alerts = 0
  let heap = 0
  for (const bytes of chunksOf(file)) {
    const found = []
    const from = cpu()
    const batch = reader.read(bytes, events === 0)
    const read = cpu()
    const first = sightings.end
    sightings.add(batch, numbers.translate(batch), 1)
    const decoded = cpu()
    for (let number = first; number < sightings.end; number++) judge.judge(sightings.next(number), found)
    judge.forget()
    const judged = cpu()
    spent.read += read - from
    spent.decoded += decoded - read
    spent.judged += judged - decoded
    events += batch.lines
    alerts += found.length
    heap = Math.max(heap, process.memoryUsage().heapUsed)
  }
  const perEvent = Object.fromEntries(Object.entries(spent).map(([stage, micros]) => [stage, micros / events]))
  return { ...perEvent, heapMb: heap / 1e6, alerts }
}

const cpu = () => {
  const { user, system } = process.cpuUsage()
  return user + system
}

function* chunksOf(file) {
  const open = openSync(file, 'r')
  const block = Buffer.alloc(BLOCK)
  let held = 0
  for (
    let count = readSync(open, block, held, block.length - held, null);
    count > 0;
    count = readSync(open, block, held, block.length - held, null)
  ) {
    const end = block.subarray(0, held + count).lastIndexOf(10) + 1
    yield block.subarray(0, end)
    block.copyWithin(0, end, held + count)
    held += count - end
  }
  closeSync(open)
}
