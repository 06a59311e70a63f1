import { describe, expect, it } from '@jest/globals'
import { EventLogError } from './event-log.js'
import { untilAnswered } from './until-answered.js'

describe('work of a start', () => {
  const failing = (times: number, error: Error) => {
    const calls = { n: 0 }
    const work = () => (calls.n++ < times ? Promise.reject(error) : Promise.resolve('done'))
    return { calls, work }
  }
  const silent = new EventLogError('The event log did not answer.', true)

  it('is done again while the log does not answer', async () => {
    const { calls, work } = failing(2, silent)
    expect(await untilAnswered(work, { pause: 1 })).toBe('done')
    expect(calls.n).toBe(3)
  })

  it('knows it by its cause as well', async () => {
    const { work } = failing(1, new Error('Try again later.', { cause: silent }))
    expect(await untilAnswered(work, { pause: 1 })).toBe('done')
  })

  it('ends with what failed it last', async () => {
    const { calls, work } = failing(9, silent)
    await expect(untilAnswered(work, { tries: 3, pause: 1 })).rejects.toBe(silent)
    expect(calls.n).toBe(3)
  })

  it('fails at once when something else is wrong', async () => {
    const wrong = new Error('no such folder')
    const { calls, work } = failing(1, wrong)
    await expect(untilAnswered(work, { pause: 1 })).rejects.toBe(wrong)
    expect(calls.n).toBe(1)
  })
})
