import { describe, expect, it } from '@jest/globals'
import { seeded } from '../../testing/random.js'
import { readEventTime } from '../event-time.js'
import { Line, TimeReader } from './line.js'

describe('times found in the bytes of lines', () => {
  it('are those that are read from texts', () => {
    const random = seeded(3)
    const two = (below: number) => String(random.below(random.chance(0.03) ? 100 : below)).padStart(2, '0')
    const line = new Line(['time'])
    const times = new TimeReader('time', ['time'])
    for (let round = 0; round < 5000; round++) {
      const day = `20${two(40)}-${two(13)}-${two(32)}`
      const fraction = random.pick(['', '', '.250', '.2500', '.25', '.'])
      const plain = `${day}T${two(24)}:${two(60)}:${two(60)}${fraction}Z`
      const at = random.below(plain.length)
      const text = random.chance(0.8) ? plain : plain.slice(0, at) + random.pick([...'0Tz:- .+9']) + plain.slice(at + 1)
      line.turnTo(Buffer.from(`{"time":"${text}"}\n`))
      line.read(0)
      expect([text, times.timeOf(line)]).toEqual([text, readEventTime(text)])
    }
  })
})
