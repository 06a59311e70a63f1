import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { Periodic } from './periodic.js'

const everyMs = 5000

describe('periodic work', () => {
  let runs: PromiseWithResolvers<void>[]
  let failures: unknown[]
  let periodic: Periodic

  beforeEach(() => {
    jest.useFakeTimers()
    runs = []
    failures = []
    const work = () => {
      const run = Promise.withResolvers<void>()
      runs.push(run)
      return run.promise
    }
    periodic = new Periodic(work, (error) => failures.push(error))
    periodic.start(everyMs)
  })

  afterEach(() => {
    jest.useRealTimers()
  })

  const turns = (n: number) => jest.advanceTimersByTimeAsync(n * everyMs)
  const end = async (error?: Error) => {
    if (error) runs.at(-1)?.reject(error)
    else runs.at(-1)?.resolve()
    await jest.advanceTimersByTimeAsync(0)
  }

  it('begins at its first turn, and again at each turn that finds nothing under way', async () => {
    expect(runs).toHaveLength(0)
    await turns(1)
    expect(runs).toHaveLength(1)
    await turns(3)
    expect(runs).toHaveLength(1)
    await end()
    expect(runs).toHaveLength(1)
    await turns(1)
    expect(runs).toHaveLength(2)
  })

  it('runs at once when it is kicked, and once more for all the kicks that came meanwhile', async () => {
    periodic.kick()
    expect(runs).toHaveLength(1)
    periodic.kick()
    periodic.kick()
    expect(runs).toHaveLength(1)
    await end()
    expect(runs).toHaveLength(2)
    await end()
    expect(runs).toHaveLength(2)
  })

  it('loses no kick that comes with the very end of a run', async () => {
    periodic.kick()
    void runs[0]?.promise.then(() => Promise.resolve()).then(() => periodic.kick())
    await end()
    expect(runs).toHaveLength(2)
  })

  it('tells of a run that fails, and goes on', async () => {
    await turns(1)
    await end(new Error('away'))
    expect(failures).toEqual([new Error('away')])
    await turns(1)
    expect(runs).toHaveLength(2)
  })

  it('stops when the run that is under way has ended, and begins no other', async () => {
    await turns(1)
    periodic.kick()
    let stopped = false
    void periodic.stop().then(() => (stopped = true))
    expect(periodic.stopped).toBe(true)
    await turns(1)
    expect(stopped).toBe(false)
    await end()
    expect(stopped).toBe(true)
    periodic.kick()
    await turns(2)
    expect(runs).toHaveLength(1)
  })
})
