import { describe, expect, it } from '@jest/globals'
import type { LogRecord } from '../event-log.js'
import { Backlog } from './backlog.js'

const record = (offset: number, bytes: number): LogRecord => ({
  topic: 'access-events',
  partition: 0,
  offset,
  appendedAt: 0,
  key: 'k',
  value: Buffer.alloc(bytes),
})
const records = (count: number, bytes: number): LogRecord[] =>
  Array.from({ length: count }, (_, offset) => record(offset, bytes))

describe('what was fetched and waits', () => {
  const never = new AbortController().signal

  it.each([
    ['bytes', records(9, 1_000_000)],
    ['records', records(10_000, 10)],
  ])('pauses the fetching when it holds too many %s, and resumes once half of it is worked off', async (_, many) => {
    const wishes: boolean[] = []
    const backlog = new Backlog((wanted) => wishes.push(wanted))
    backlog.add(many)
    expect(wishes).toEqual([false])
    let taken = 0
    while (wishes.length < 2) taken += (await backlog.take(1000, never)).length
    expect(wishes).toEqual([false, true])
    expect(taken).toBeGreaterThanOrEqual(many.length / 2)
    expect(taken).toBeLessThanOrEqual(many.length)
  })

  it('hands over no more than was asked for, in order, and no batch of many bytes', async () => {
    const backlog = new Backlog(() => undefined)
    backlog.add(records(10, 1_000_000))
    expect((await backlog.take(3, never)).map(({ offset }) => offset)).toEqual([0, 1, 2])
    expect((await backlog.take(100, never)).map(({ offset }) => offset)).toEqual([3, 4, 5, 6])
  })

  it('waits for the first record, and no longer than until it is told to end', async () => {
    const backlog = new Backlog(() => undefined)
    const waiting = backlog.take(10, never)
    backlog.add(records(1, 1))
    expect(await waiting).toHaveLength(1)
    const ending = new AbortController()
    const inVain = backlog.take(10, ending.signal)
    ending.abort()
    expect(await inVain).toEqual([])
  })
})
