import { describe, expect, it } from '@jest/globals'
import { GroupCommit, Refused } from './group-commit.js'

/** A store whose transactions begin and end when the test says so. */
class Steps {
  readonly begun: (() => void)[] = []
  readonly ended: { resolve(): void; reject(error: unknown): void }[] = []

  transaction = <T>(work: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      this.begun.push(() => {
        try {
          const result = work()
          this.ended.push({ resolve: () => resolve(result), reject })
        } catch (error) {
          reject(error as Error)
        }
      })
    })
}
const open = (timeoutMs = 60_000) => {
  const store = new Steps()
  return { store, commits: new GroupCommit(store, timeoutMs) }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('group commit', () => {
  it('writes in one transaction what came while the one before was being flushed', async () => {
    const { store, commits } = open()
    const written: number[] = []
    const write = (n: number) => commits.write(() => written.push(n))
    const first = write(1)
    store.begun[0]?.()
    const rest = [2, 3, 4].map(write)
    expect(written).toEqual([1])
    store.ended[0]?.resolve()
    await first
    await turn()
    store.begun[1]?.()
    store.ended[1]?.resolve()
    await Promise.all(rest)
    expect(written).toEqual([1, 2, 3, 4])
    expect(store.begun).toHaveLength(2)
  })

  it('takes along what came while it waited for its turn to write', async () => {
    const { store, commits } = open()
    const results = [1, 2, 3].map((n) => commits.write(() => n))
    store.begun[0]?.()
    store.ended[0]?.resolve()
    expect(await Promise.all(results)).toEqual([1, 2, 3])
    expect(store.begun).toHaveLength(1)
  })

  it('refuses one piece without harm to the others', async () => {
    const { store, commits } = open()
    const refused = commits.write(() => {
      throw new Refused('Not yours.')
    })
    const other = commits.write(() => 'done')
    store.begun[0]?.()
    store.ended[0]?.resolve()
    await expect(refused).rejects.toMatchObject({ message: 'Not yours.', definite: true })
    expect(await other).toBe('done')
  })

  it('knows that a piece is nowhere when its bound passes before it was written', async () => {
    const { store, commits } = open(1)
    let written = false
    await expect(commits.write(() => (written = true))).rejects.toMatchObject({ definite: true })
    store.begun[0]?.()
    expect(written).toBe(false)
  })

  it('does not claim to know when its bound passes while it is being flushed', async () => {
    const { store, commits } = open(1)
    const late = commits.write(() => undefined)
    store.begun[0]?.()
    await expect(late).rejects.toMatchObject({ definite: false })
  })

  it('tells all pieces of a transaction that failed, and whether they are certainly nowhere', async () => {
    const failing = async (code: number) => {
      const { store, commits } = open()
      const pieces = [1, 2].map((n) => commits.write(() => n))
      store.begun[0]?.()
      const cause = Object.assign(new Error('write failed'), { code })
      store.ended[0]?.reject(Object.assign(new Error('Commit failed'), { commitError: Promise.reject(cause) }))
      return Promise.all(pieces.map((piece) => piece.catch((error: unknown) => error)))
    }
    expect(await failing(28)).toMatchObject([{ definite: true }, { definite: true }])
    expect(await failing(5)).toMatchObject([{ definite: false, message: expect.stringContaining('write failed') }, {}])
  })

  it('undoes the whole transaction when a write in it fails', async () => {
    const { store, commits } = open()
    const pieces = [
      commits.write(() => 'one'),
      commits.write(() => {
        throw new Error('no page left')
      }),
    ]
    store.begun[0]?.()
    for (const piece of pieces) await expect(piece).rejects.toMatchObject({ definite: true })
  })

  it('refuses work once closed, after finishing what it had', async () => {
    const { store, commits } = open()
    const before = commits.write(() => 'kept')
    const closed = commits.close()
    await expect(commits.write(() => 'late')).rejects.toMatchObject({ definite: true })
    store.begun[0]?.()
    store.ended[0]?.resolve()
    await closed
    expect(await before).toBe('kept')
  })
})
