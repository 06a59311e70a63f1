import { setTimeout as sleep } from 'node:timers/promises'
import { ProblemError } from '../gateway/problem.js'
import { checkPhoto } from '../vault/photos/check-photo.js'
import type { VaultWriter } from '../vault/vault-writer.js'
import type { CheckedRow } from './check-row.js'
import type { Finding, ReasonCode, RowStatus } from './codes.js'
import { UnusablePhoto } from './photo-source.js'
import type { PreparedRow } from './prepare.js'
import type { ReportLine } from './report.js'
import type { LogEnds, RowPlans } from './row-plan.js'
import type { RowPhoto, RowWriter, Run } from './row-writer.js'

/** Rows that are looked up together. */
const batchSize = 64
/** Rows that are worked on at once: two per core decode photos while others wait for the disk. */
const atOnce = 4
/** A store that is away for longer than these waits together ends the import. */
const pausesMs = [500, 1000, 2000, 4000, 8000, 15_000]

export interface RunnerParts {
  run: Run
  vault: VaultWriter
  plans: RowPlans
  /** absent: nothing is written */
  writer?: RowWriter
  signal: AbortSignal
}

/** Takes the rows through their photos and into the store, a few at a time; their lines come out in the file's order. */
export class RowRunner {
  stopped: 'asked' | 'could_not_store' | undefined

  constructor(private readonly parts: RunnerParts) {}

  async *lines(rows: readonly PreparedRow[]): AsyncGenerator<ReportLine> {
    for (let from = 0; from < rows.length; from += batchSize) {
      const batch = rows.slice(from, from + batchSize)
      const there = await this.lookUp(batch)
      const ends = this.parts.writer ? await this.trying(() => this.parts.plans.logEnds()) : {}
      const waiting = batch.map((row, at) => () => this.line(row, there[at], ends ?? {}))
      yield* inOrder(waiting, atOnce)
    }
  }

  private async line(
    { row, checked, findings, photos }: PreparedRow,
    there: Known | undefined,
    ends: LogEnds,
  ): Promise<ReportLine> {
    const told = (status: RowStatus, code: ReasonCode): ReportLine => ({ row, status, findings: [{ code }] })
    if (!checked) return { row, status: 'refused', findings }
    if (there) return told('there', there.importId === this.parts.run.id ? 'imported_before' : 'already_there')
    if (this.parts.signal.aborted) this.stopped ??= 'asked'
    if (this.stopped) return told('not_reached', 'stopped_before')
    const read = await readPhotos(photos)
    if (read.findings.length) return { row, status: 'refused', findings: read.findings }
    if (!this.parts.writer) return told('ok', 'ready')
    const outcome = await this.write(this.parts.writer, checked, read.photos, ends)
    if (outcome === undefined) return told('failed', 'could_not_store')
    return outcome === 'imported' ? told('imported', 'imported') : told('there', 'already_there')
  }

  private write(writer: RowWriter, row: CheckedRow, photos: RowPhoto[], ends: LogEnds) {
    let again = false
    return this.trying(async () => {
      if (again) await writer.lookAgain(row)
      again = true
      return writer.write(row, photos, ends)
    })
  }

  /** Those of a batch that the store has, all asked at once. */
  private async lookUp(batch: readonly PreparedRow[]): Promise<(Known | undefined)[]> {
    const byBranch = Map.groupBy(
      batch.flatMap(({ checked }) => checked ?? []),
      ({ owner }) => owner.branch,
    )
    const known = new Map<string, Map<string, Known>>()
    for (const [branch, rows] of byBranch) {
      const numbers = rows.map(({ input }) => input.id_number)
      const found = this.stopped ? undefined : await this.trying(() => this.parts.vault.existing(branch, numbers))
      if (found) known.set(branch, found)
    }
    return batch.map(({ checked }) => checked && known.get(checked.owner.branch)?.get(checked.input.id_number))
  }

  /** Goes on after a store was away for a moment; undefined, and the end of the import, when it stays away. */
  private async trying<T>(work: () => Promise<T>): Promise<T | undefined> {
    for (const pause of [...pausesMs, undefined]) {
      try {
        return await work()
      } catch (error) {
        if (isMistake(error)) throw error
        if (pause === undefined || this.parts.signal.aborted || this.stopped) break
        await sleep(pause)
      }
    }
    this.stopped ??= 'could_not_store'
    return undefined
  }
}

interface Known {
  id: string
  importId: string | null
}

async function readPhotos(named: PreparedRow['photos']): Promise<{ photos: RowPhoto[]; findings: Finding[] }> {
  const photos: RowPhoto[] = []
  const findings: Finding[] = []
  for (const { kind, file } of named)
    try {
      photos.push({ kind, photo: await checkPhoto(await file.read()) })
    } catch (error) {
      const code = photoFault(error)
      if (!code) throw error
      findings.push({ code, column: kind })
    }
  return { photos, findings }
}

/** What a photo is refused for; undefined: it was not the photo's fault. */
const photoFault = (error: unknown): ReasonCode | undefined => {
  if (error instanceof UnusablePhoto) return error.code
  const code = error instanceof ProblemError ? error.code : undefined
  return code === 'not_an_image' || code === 'image_too_large' ? code : undefined
}

/** Waiting does not help against these. */
const isMistake = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof ProblemError && error.status < 500)

/** Runs a few at once; gives their results in the order they were handed in. */
async function* inOrder<T>(work: (() => Promise<T>)[], atOnce: number): AsyncGenerator<T> {
  const running: Promise<T>[] = []
  try {
    for (const begin of work) {
      running.push(begin())
      if (running.length >= atOnce) yield await running.shift()!
    }
    while (running.length) yield await running.shift()!
  } finally {
    await Promise.allSettled(running)
  }
}
