import { describe, expect, it } from '@jest/globals'
import { Bells } from './bells.js'

const never = new AbortController().signal

describe('bells', () => {
  it('does not lose a ring between looking and waiting', async () => {
    const bells = new Bells()
    const taken = bells.count('alerts')
    bells.ring('alerts')
    await bells.rung('alerts', taken, never)
  })

  it('wakes whoever waits for this bell, and no others', async () => {
    const bells = new Bells()
    const woken: string[] = []
    const waits = ['alerts', 'alerts', 'verdicts'].map((bell) =>
      bells.rung(bell, bells.count(bell), never).then(() => woken.push(bell)),
    )
    bells.ring('alerts')
    await Promise.all(waits.slice(0, 2))
    expect(woken).toEqual(['alerts', 'alerts'])
    bells.ringAll()
    await waits[2]
  })

  it('ends a wait that is given up', async () => {
    const bells = new Bells()
    const giveUp = new AbortController()
    const wait = bells.rung('alerts', bells.count('alerts'), giveUp.signal)
    giveUp.abort()
    await wait
    await bells.rung('alerts', bells.count('alerts'), giveUp.signal)
  })
})
