import { describe, expect, it } from '@jest/globals'
import { FIRST_PREV, hashOf, verifyWriterChains } from './writer-chain.js'

/** `n` chained events of a writer, as bytes */
const chainOf = (writer: string, n: number): Buffer[] => {
  const events: Buffer[] = []
  for (let seq = 0; seq < n; seq++) {
    const prev = seq === 0 ? FIRST_PREV : hashOf(events[seq - 1] ?? Buffer.of())
    events.push(Buffer.from(JSON.stringify({ id: `${writer}-${seq}`, actor: '张', writer, seq, prev })))
  }
  return events
}
const altered = (event: Buffer): Buffer => Buffer.from(event.toString().replace('张', '李'))
const problemsOf = async (events: Buffer[]) => (await verifyWriterChains(events)).problems

describe('writer chains', () => {
  const a = chainOf('a', 6)
  const b = chainOf('b', 3)

  it('finds nothing in whole chains, however the partitions interleave them', async () => {
    const mixed = [a[3], b[1], a[0], b[0], a[5], a[4], b[2], a[1], a[2]].map((event) => event ?? Buffer.of())
    const report = await verifyWriterChains(mixed)
    expect(report.problems).toEqual([])
    expect(report.writers.get('a')).toEqual({ events: 6, lastSeq: 5, lastHash: hashOf(a[5] ?? Buffer.of()) })
    expect([...report.writers.keys()]).toEqual(['a', 'b'])
  })

  it('names the numbers that are missing, at the start and in the middle', async () => {
    expect(await problemsOf(a.filter((_, i) => i !== 2 && i !== 3))).toEqual([
      { kind: 'gap', writer: 'a', seq: 4, from: 2 },
    ])
    expect(await problemsOf(b.slice(1))).toEqual([{ kind: 'gap', writer: 'b', seq: 1, from: 0 }])
  })

  it('sees one changed byte, at the event that vouches for it', async () => {
    const changed = a.map((event, i) => (i === 2 ? altered(event) : event))
    expect(await problemsOf(changed)).toEqual([{ kind: 'altered', writer: 'a', seq: 3 }])
  })

  it('sees a forged beginning and a re-serialised event', async () => {
    const forged = Buffer.from(JSON.stringify({ writer: 'c', seq: 0, prev: hashOf(Buffer.from('else')) }))
    expect(await problemsOf([forged])).toEqual([{ kind: 'altered', writer: 'c', seq: 0 }])
    const spaced = a.map((event, i) => (i === 0 ? Buffer.from(`${event.toString()} `) : event))
    expect(await problemsOf(spaced)).toEqual([{ kind: 'altered', writer: 'a', seq: 1 }])
  })

  it('tells a repeated event from two events with one number', async () => {
    expect(await problemsOf([...b, ...b.slice(1, 2)])).toEqual([
      { kind: 'duplicate', writer: 'b', seq: 1, identical: true },
    ])
    const twice = [...b, altered(b[2] ?? Buffer.of())]
    expect(await problemsOf(twice)).toEqual([{ kind: 'duplicate', writer: 'b', seq: 2, identical: false }])
  })

  it('counts events of outside systems apart, and reports what it cannot read', async () => {
    const outside = Buffer.from('{"id":"sshd:1","source":"sshd"}')
    const odd = ['nonsense', '7', '{"writer":"a"}', '{"writer":"a","seq":-1,"prev":""}'].map((text) =>
      Buffer.from(text),
    )
    const report = await verifyWriterChains([outside, ...odd, Buffer.from([0xff])])
    expect(report.unnumbered).toBe(1)
    expect(report.problems.map((p) => (p.kind === 'unreadable' ? p.index : p))).toEqual([1, 2, 3, 4, 5])
  })
})
