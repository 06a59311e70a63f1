import { describe, expect, it } from '@jest/globals'
import { MAX_WAITING, ReleaseBuffer, WAIT_MS } from './release-buffer.js'
import type { Released } from './release-buffer.js'

const feed = (buffer = new ReleaseBuffer<string>()) => {
  let offset = 0
  return {
    buffer,
    add: (time: number, id: string, appendedAt: number, key = 'k', from = { partition: 0, offset: offset++ }) =>
      buffer.add({ key, time, id, appendedAt, item: id }, from),
  }
}
const ids = (released: Released<string>[]): string[] => released.map(({ id }) => id)

describe('ReleaseBuffer', () => {
  it('releases in order of time and id once something was appended long enough after', () => {
    const { buffer, add } = feed()
    add(20, 'c', 1000)
    add(10, 'b', 1001)
    add(10, 'a', 1002)
    expect(ids(buffer.advance(1000 + WAIT_MS - 1))).toEqual([])
    expect(ids(buffer.advance(1000 + WAIT_MS))).toEqual(['a', 'b', 'c'])
  })

  it('returns at once, marked late, what belongs before something released', () => {
    const { buffer, add } = feed()
    add(20, 'b', 0)
    buffer.advance(WAIT_MS)
    expect(add(10, 'a', WAIT_MS)).toMatchObject({ id: 'a', late: true })
    expect(add(30, 'c', WAIT_MS)).toBeUndefined()
  })

  it('keeps order per key: a backfill under another key is not late', () => {
    const { buffer, add } = feed()
    add(1000, 'now', 0)
    buffer.advance(WAIT_MS)
    expect(add(1, 'long ago', WAIT_MS, 'other')).toBeUndefined()
  })

  it('drops what was sent on twice', () => {
    const { buffer, add } = feed()
    add(1, 'a', 0, 'k', { partition: 2, offset: 7 })
    add(1, 'a', 1, 'k', { partition: 2, offset: 7 })
    expect(ids(buffer.advance(5000))).toEqual(['a'])
  })

  it('keeps a bounded number waiting', () => {
    const { buffer, add } = feed()
    for (let i = 0; i <= MAX_WAITING; i++) add(i, `e${i}`, 0, `key-${i}`)
    expect(ids(buffer.advance(0))).toEqual(['e0'])
  })

  it('goes on after a snapshot as if nothing had happened', () => {
    const { buffer, add } = feed()
    add(20, 'b', 0)
    add(10, 'a', 5)
    const restored = new ReleaseBuffer<string>()
    restored.restore(JSON.parse(JSON.stringify(buffer.snapshot())))
    const again = feed(restored)
    again.add(15, 'between', 6, 'k', { partition: 0, offset: 9 })
    expect(ids(restored.advance(WAIT_MS))).toEqual(['a', 'between', 'b'])
    const later = new ReleaseBuffer<string>()
    later.restore(JSON.parse(JSON.stringify(restored.snapshot())))
    expect(feed(later).add(12, 'late', 2000, 'k', { partition: 0, offset: 10 })).toMatchObject({ late: true })
    expect(feed(later).add(99, 'again', 2000, 'k', { partition: 0, offset: 9 })).toBeUndefined()
    expect(ids(later.advance(9000))).toEqual([])
  })
})
