import { describe, expect, it } from '@jest/globals'
import { eachStretch, type Stretch } from './stretches.js'

const HOUR = 3_600_000
const reading = { start: 0, from: 10 * HOUR, to: 50 * HOUR, whole: false }
const lookback = 2 * HOUR

const refusal = (code: string): Error => Object.assign(new Error('refused'), { code })

/** what is asked about when a statement cannot have more than so many hours in it */
const asked = async (hours: number, ends: number[], code = '241'): Promise<Stretch[]> => {
  const all: Stretch[] = []
  await eachStretch(reading, lookback, ends, (stretch) => {
    if (stretch.to - stretch.start > hours * HOUR) return Promise.reject(refusal(code))
    all.push(stretch)
    return Promise.resolve()
  })
  return all
}

describe('the stretches of a reading', () => {
  it('follow each other without a gap, each read with the windows that reach back from it', async () => {
    expect(await asked(100, [20 * HOUR, 35 * HOUR])).toEqual([
      { start: 0, since: 2 * HOUR, to: 20 * HOUR },
      { start: 18 * HOUR, since: 20 * HOUR, to: 35 * HOUR },
      { start: 33 * HOUR, since: 35 * HOUR, to: 50 * HOUR },
    ])
  })

  it('are one where there are no ends, or none of them inside', async () => {
    const one = [{ start: 0, since: 2 * HOUR, to: 50 * HOUR }]
    expect(await asked(100, [])).toEqual(one)
    expect(await asked(100, [HOUR, 50 * HOUR, 90 * HOUR])).toEqual(one)
  })

  it('begin with the first thing that is kept, where reading does', async () => {
    const all: Stretch[] = []
    const ask = (stretch: Stretch) => Promise.resolve(void all.push(stretch))
    await eachStretch({ ...reading, whole: true }, lookback, [HOUR, 20 * HOUR], ask)
    expect(all.map(({ start, since }) => [start / HOUR, since / HOUR])).toEqual([
      [0, 0],
      [0, 1],
      [18, 20],
    ])
  })

  it.each(['241', '159'])(
    'are halved when one is too much for a statement (%s), and each is answered once',
    async (code) => {
      const all = await asked(15, [30 * HOUR], code)
      expect(all[0]).toEqual({ start: 0, since: 2 * HOUR, to: 9 * HOUR })
      for (const [i, { since }] of all.entries()) expect(since).toBe(all[i - 1]?.to ?? 2 * HOUR)
      expect(all.at(-1)?.to).toBe(50 * HOUR)
    },
  )

  it('are not halved for ever, and not for anything else', async () => {
    await expect(asked(2, [])).rejects.toThrow('refused')
    await expect(asked(15, [], '62')).rejects.toThrow('refused')
  })
})
