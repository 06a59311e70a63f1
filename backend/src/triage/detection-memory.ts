import { askParts } from '@custodia/streams/health'
import { z } from 'zod'

const About = z.object({
  bytes: z.number(),
  ceiling: z.number(),
  rules: z.array(z.object({ rule: z.string(), groups: z.number(), bytes: z.number(), forgotten: z.number() })),
})
export interface DetectionMemory {
  /** no worker is above its ceiling */
  ok: boolean
  /** no full window has forgotten its oldest entries of late */
  whole: boolean
  bytes: number
  ceiling: number
  /** the largest first; `forgotten`: entries of full windows, since the workers began */
  rules: { rule: string; groups: number; bytes: number; forgotten: number }[]
}

/** What the windows of all rules hold, in the workers of this data directory; undefined: none runs on this machine, or none answers. */
export async function detectionMemory(dataDir: string, patienceMs: number): Promise<DetectionMemory | undefined> {
  const parts = await askParts(dataDir, patienceMs).catch(() => [])
  const told = parts.filter(({ part }) => part === 'detection memory')
  const workers = told.flatMap(({ about }) => About.safeParse(about).data ?? [])
  if (!workers.length) return undefined
  const byRule = Map.groupBy(
    workers.flatMap(({ rules }) => rules),
    ({ rule }) => rule,
  )
  return {
    ok: told.every(({ ok }) => ok),
    whole: parts.every(({ part, ok }) => ok || part !== 'full windows'),
    bytes: sumOf(workers, 'bytes'),
    ceiling: sumOf(workers, 'ceiling'),
    rules: [...byRule]
      .map(([rule, of]) => ({
        rule,
        groups: sumOf(of, 'groups'),
        bytes: sumOf(of, 'bytes'),
        forgotten: sumOf(of, 'forgotten'),
      }))
      .sort((a, b) => b.bytes - a.bytes),
  }
}

const sumOf = <K extends string>(items: readonly Record<K, number>[], key: K): number =>
  items.reduce((sum, item) => sum + item[key], 0)

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)

/** One line: how much of how much, and what takes most where that is too much. */
export const memoryText = ({ ok, bytes, ceiling, rules }: DetectionMemory, named = ok ? 0 : 3): string =>
  [
    `${mebibytes(bytes)} / ${mebibytes(ceiling)} MiB`,
    ...rules.slice(0, named).map((each) => `${each.rule} ${mebibytes(each.bytes)} (${each.groups})`),
  ].join(' · ')

/** The rules whose full windows forgot, and how many entries: one line, empty where there are none. */
export const forgottenText = ({ rules }: DetectionMemory): string =>
  rules
    .filter(({ forgotten }) => forgotten > 0)
    .sort((a, b) => b.forgotten - a.forgotten)
    .map(({ rule, forgotten }) => `${rule} ${forgotten}`)
    .join(' · ')
