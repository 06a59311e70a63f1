import { createHash } from 'node:crypto'

/** What breaks a writer's sequence of events. */
export type ChainProblem =
  /** numbers that no event bears, `from` … `seq - 1` */
  | { kind: 'gap'; writer: string; seq: number; from: number }
  /** the event before `seq` is not the one that its writer had hashed: one of the two was changed */
  | { kind: 'altered'; writer: string; seq: number }
  /** more than one event with this number; `identical` when their bytes are the same */
  | { kind: 'duplicate'; writer: string; seq: number; identical: boolean }
  /** bytes that are no event of a writer */
  | { kind: 'unreadable'; index: number; reason: string }

export interface ChainReport {
  /** per writer: how many numbers were seen, and the last one with the hash of its bytes, which a seal can hold on to */
  writers: Map<string, { events: number; lastSeq: number; lastHash: string }>
  /** events without a writer: those of outside systems */
  unnumbered: number
  problems: ChainProblem[]
}

export const FIRST_PREV = '0'.repeat(64)

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

interface Link {
  seq: number
  prev: string
  hash: string
}

/**
 * Verifies the chain of every writer: numbers from 0 without gaps, each event bearing the sha-256 of the exact bytes of the
 * one before. `events` come in any order, as partitions interleave them; a cut tail shows only against a seal. Holds two hashes an event.
 */
export const verifyWriterChains = async (
  events: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<ChainReport> => {
  const links = new Map<string, Link[]>()
  const report: ChainReport = { writers: new Map(), unnumbered: 0, problems: [] }
  let index = 0
  for await (const bytes of events) {
    const read = readLink(bytes)
    if (typeof read === 'string') report.problems.push({ kind: 'unreadable', index, reason: read })
    else if (read === undefined) report.unnumbered++
    else {
      const chain = links.get(read.writer)
      if (chain) chain.push(read.link)
      else links.set(read.writer, [read.link])
    }
    index++
  }
  for (const [writer, chain] of [...links].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { problems, ...summary } = verifyChain(writer, chain)
    report.writers.set(writer, summary)
    report.problems.push(...problems)
  }
  return report
}

const verifyChain = (writer: string, chain: Link[]) => {
  chain.sort((a, b) => a.seq - b.seq)
  const problems: ChainProblem[] = []
  let events = 0
  let before = { seq: -1, hash: FIRST_PREV }
  for (const { seq, prev, hash } of chain) {
    if (seq === before.seq) {
      problems.push({ kind: 'duplicate', writer, seq, identical: hash === before.hash })
      continue
    }
    if (seq > before.seq + 1) problems.push({ kind: 'gap', writer, seq, from: before.seq + 1 })
    else if (prev !== before.hash) problems.push({ kind: 'altered', writer, seq })
    events++
    before = { seq, hash }
  }
  return { events, lastSeq: before.seq, lastHash: before.hash, problems }
}

/** the link in an event's bytes; undefined when no writer numbered it; a sentence when it cannot be read */
const readLink = (bytes: Uint8Array): { writer: string; link: Link } | string | undefined => {
  let event: unknown
  try {
    event = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return 'It is not JSON in UTF-8.'
  }
  if (typeof event !== 'object' || event === null) return 'It is not an object.'
  const { writer, seq, prev } = event as Record<string, unknown>
  if (writer === undefined && seq === undefined && prev === undefined) return undefined
  if (typeof writer !== 'string' || typeof prev !== 'string' || !Number.isSafeInteger(seq) || (seq as number) < 0)
    return 'Its writer, seq and prev do not belong together.'
  return { writer, link: { seq: seq as number, prev, hash: hashOf(bytes) } }
}
