import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedEventLog, type EventLog, type LogRecord } from '../event-log/index.js'
import { compose, consume, dead, drop, keep, type Range, type Sink, type Step, type Stream } from './index.js'

// How any stream runs, in six chapters. Read them in order; each one is checked.

/** A step is a factory that returns a named function. It needs little and adds a little. */
const parseNumber = (): Step<LogRecord, number> =>
  function parseNumber(record) {
    const number = Number(Buffer.from(record.value).toString())
    return Number.isNaN(number) ? dead('not a number') : keep(number)
  }
const dropZero = (): Step<number, number> =>
  function dropZero(number) {
    return number === 0 ? drop('zero says nothing') : keep(number)
  }

let dir: string
let log: EventLog
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pipeline-test-'))
  log = await openEmbeddedEventLog({ dir })
})
afterEach(async () => {
  await log.close()
  await rm(dir, { recursive: true, force: true })
})

const logger = { warn: () => undefined, error: () => undefined }
const backoff = { tries: 2, firstMs: 1, longestMs: 1 }
const append = (...values: unknown[]) =>
  log.appendAll(
    'alerts',
    values.map((value) => ({ key: 'one', value: Buffer.from(String(value)) })),
  )
const stream = (sink: Sink<number>, over: Partial<Stream<number>> = {}): Stream<number> => ({
  group: 'chapters',
  topic: 'alerts',
  pipeline: compose(parseNumber(), dropZero()),
  sinks: [sink],
  ...over,
})
const position = async () => (await log.committed('chapters', 'alerts')).get(0)
const until = async (holds: () => Promise<boolean> | boolean) => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('chapter 1: a pipeline is its steps in order', () => {
  it('has a table of contents', () => {
    expect(compose(parseNumber(), dropZero()).steps).toEqual(['parseNumber', 'dropZero'])
  })

  it('refuses a step without a name: nobody could say later where an item was lost', () => {
    expect(() =>
      compose(
        (
          () => () =>
            keep(1)
        )(),
      ),
    ).toThrow('Step 1 has no name')
  })
})

describe('chapter 2: an outcome is a value, and there are three', () => {
  const run = (value: string) => {
    const record = { topic: 'alerts', key: 'one', partition: 0, offset: 0, appendedAt: 0, value: Buffer.from(value) }
    return compose(parseNumber(), dropZero()).run(record as LogRecord)
  }

  it('keeps, drops with a reason, or gives up for ever; the step that decided is named', async () => {
    expect(await run('7')).toEqual({ kind: 'keep', value: 7 })
    expect(await run('0')).toEqual({ kind: 'drop', reason: 'zero says nothing', step: 'dropZero' })
    expect(await run('x')).toMatchObject({ kind: 'dead', reason: 'not a number', step: 'parseNumber' })
  })
})

describe('chapter 3: consuming hands over exact ranges and moves the offset last', () => {
  it('commits after the sink, and the range was recorded before it', async () => {
    await append(1, 0, 2)
    const seen: unknown[] = []
    const consumer = consume(
      { log, logger, backoff },
      stream(async (items, range) => {
        seen.push({ items, range, recorded: await position() })
      }),
    )
    await until(async () => (await position())?.offset === 3)
    expect(seen).toEqual([
      {
        items: [1, 2],
        range: { topic: 'alerts', partition: 0, first: 0, last: 2 },
        recorded: { offset: 0, metadata: '0-2' },
      },
    ])
    await consumer.stop()
  })

  it('keeps its pace, and does not hold up what lies behind a large batch', async () => {
    await append(...Array.from({ length: 2_500 }, () => 1))
    const consumer = consume(
      { log, logger, backoff },
      stream(async () => undefined, { maxBatch: 2_000, pace: { leastMs: 3_600_000, times: 1, mostMs: 3_600_000 } }),
    )
    await until(async () => (await position())?.offset === 2_500) // and not in an hour
    await consumer.stop()
  })
})

describe('chapter 4: what nobody can use goes to the dead letters, and the rest goes on', () => {
  it('keeps the reason, the place and the bytes', async () => {
    await append(1, 'poison', 2)
    const landed: number[] = []
    const consumer = consume(
      { log, logger, backoff },
      stream(async (items) => void landed.push(...items)),
    )
    await until(async () => (await position())?.offset === 3)
    expect(landed).toEqual([1, 2])
    const letters = []
    for await (const { value } of log.read('dead-letters', 0, 0))
      letters.push(JSON.parse(Buffer.from(value).toString()))
    expect(letters).toEqual([
      expect.objectContaining({
        topic: 'alerts',
        partition: 0,
        offset: 1,
        step: 'parseNumber',
        reason: 'not a number',
        value_base64: Buffer.from('poison').toString('base64'),
      }),
    ])
    await consumer.stop()
  })
})

describe('chapter 5: what fails is tried again, and then stops the consumer; nothing is passed over', () => {
  it('gets over a failure that passes', async () => {
    await append(1)
    let tried = 0
    const consumer = consume(
      { log, logger, backoff },
      stream(async () => {
        if (++tried === 1) throw new Error('not yet')
      }),
    )
    await until(async () => (await position())?.offset === 1)
    expect(tried).toBe(2)
    await consumer.stop()
  })

  it('ends with the failure that stays, its offset uncommitted', async () => {
    await append(1)
    const consumer = consume(
      { log, logger, backoff },
      stream(() => Promise.reject(new Error('never'))),
    )
    await expect(consumer.done).rejects.toThrow('never')
    expect(await position()).toEqual({ offset: 0, metadata: '0-0' })
  })

  it('ends quietly when it is stopped while it tries', async () => {
    await append(1)
    const slow = { tries: 1_000_000, firstMs: 60_000, longestMs: 60_000 }
    let tried = 0
    const consumer = consume(
      { log, logger, backoff: slow },
      stream(() => {
        tried++
        return Promise.reject(new Error('never'))
      }),
    )
    await until(() => tried === 1)
    await consumer.stop()
    await expect(consumer.done).resolves.toBeUndefined()
    expect(await position()).toEqual({ offset: 0, metadata: '0-0' })
  })
})

describe('chapter 6: what a crash loses: nothing, and what it repeats is the same range', () => {
  it('repeats the recorded range first, although more has been appended since', async () => {
    await append(1, 2)
    const ranges: Range[] = []
    const crashing = consume(
      { log, logger, backoff: { ...backoff, tries: 1 } },
      stream(async (_, range) => {
        ranges.push(range)
        throw new Error('killed between insert and commit')
      }),
    )
    await expect(crashing.done).rejects.toThrow('killed')
    await append(3)
    const landed: number[][] = []
    const next = consume(
      { log, logger, backoff },
      stream(async (items, range) => {
        ranges.push(range)
        landed.push(items)
      }),
    )
    await until(async () => (await position())?.offset === 3)
    expect(ranges.map(({ first, last }) => [first, last])).toEqual([
      [0, 1],
      [0, 1],
      [2, 2],
    ])
    expect(landed).toEqual([[1, 2], [3]])
    await next.stop()
  })
})
