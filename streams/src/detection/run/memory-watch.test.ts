import { describe, expect, it } from '@jest/globals'
import { anAccessEvent } from '@custodia/contracts/testing'
import { inForce, recordOf } from '../cases/in-memory-run.js'
import { photoRule, rulesOf } from '../testing/rules.js'
import { DirectMachine } from './direct-machine.js'
import { MemoryWatch } from './memory-watch.js'
import { Output } from './output.js'

const START = Date.UTC(2026, 2, 10)

/** so many people open so many photos each */
const machineAfter = (people: number, photos: number): DirectMachine => {
  const machine = new DirectMachine()
  const set = inForce(rulesOf(photoRule({ limit: 500 })))
  for (let n = 0; n < people * photos; n++) {
    const actor = `clerk-${n % people}`
    const event = anAccessEvent({ id: `e${n}`, actor, action: 'photo_view', customer_id: `customer-${n}` })
    machine.step(recordOf('access-events', n + 1, START + n, actor, event), set, new Output())
  }
  return machine
}

const watching = (ceiling: number) => {
  const said: [string, object][] = []
  const say = (level: string) => (facts: object) => void said.push([level, facts])
  const watch = new MemoryWatch(ceiling, { info: say('info'), warn: say('warn'), error: say('error') })
  return { watch, said }
}

describe('what detection remembers', () => {
  it('is told by rule and key, over all partitions', () => {
    const { watch } = watching(1e9)
    watch.enter(machineAfter(3, 4))
    watch.enter(machineAfter(2, 1))
    const { rules, bytes } = watch.report()
    expect(rules).toMatchObject([{ rule: 'photo-views', groups: 5, entries: 14 }])
    expect(bytes).toBe(rules[0]?.bytes)
  })

  it('grows with what is counted, and a partition that is gone takes no more', () => {
    const { watch } = watching(1e9)
    const small = machineAfter(1, 10)
    watch.enter(small)
    const before = watch.report().bytes
    const large = machineAfter(50, 200)
    watch.enter(large)
    expect(watch.report().bytes).toBeGreaterThan(before + 50 * 200 * 32)
    watch.leave(large)
    expect(watch.report().bytes).toBe(before)
  })

  it('is an alarm where a full window forgets, with the rule, until it no longer does', async () => {
    const { watch, said } = watching(1e9)
    const machine = machineAfter(1, 10_003)
    watch.enter(machine)
    expect(watch.report().rules).toMatchObject([{ rule: 'photo-views', entries: 10_000, forgotten: 3 }])
    for (const levels of [
      ['info', 'error'],
      ['info', 'error', 'info'],
    ]) {
      await (levels.length === 2 ? expect(watch.checkWindows()).rejects.toThrow('of photo-views') : undefined)
      watch.look()
      expect(said.map(([level]) => level)).toEqual(levels)
    }
    expect(said[1]?.[1]).toMatchObject({ rules: [{ rule: 'photo-views', forgotten: 3 }] })
    await watch.checkWindows()
  })

  it('is an alarm above the ceiling, with the rules that take most, and well below it', async () => {
    const { watch, said } = watching(20_000)
    watch.enter(machineAfter(1, 10))
    await watch.check()
    watch.look()
    watch.enter(machineAfter(20, 100))
    await expect(watch.check()).rejects.toThrow('most of it for photo-views')
    watch.look()
    expect(said.map(([level]) => level)).toEqual(['info', 'error'])
    expect(said[1]?.[1]).toMatchObject({ ceiling: 20_000, largest: [{ rule: 'photo-views', groups: 21 }] })
  })
})
