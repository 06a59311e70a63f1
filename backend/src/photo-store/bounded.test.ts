import { describe, expect, it } from '@jest/globals'
import { Bounded } from './bounded.js'
import { PhotoStoreUnavailable } from './photo-store.js'

const hanging = () => Promise.withResolvers<string>()

describe('few operations at once', () => {
  it('run in the order they came, no more than allowed', async () => {
    const bounded = new Bounded(2, 60_000)
    const [a, b] = [hanging(), hanging()]
    const begun: string[] = []
    const run = (name: string, work: Promise<string>) =>
      bounded.run(() => {
        begun.push(name)
        return work
      })
    const all = [run('a', a.promise), run('b', b.promise), run('c', Promise.resolve('c'))]
    await Promise.resolve()
    expect(begun).toEqual(['a', 'b'])
    a.resolve('a')
    b.resolve('b')
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c'])
    expect(begun).toEqual(['a', 'b', 'c'])
  })

  it('are given up when they take too long, and keep their place until they end', async () => {
    const bounded = new Bounded(1, 20)
    const stuck = hanging()
    let begun = 0
    await expect(bounded.run(() => stuck.promise)).rejects.toThrow(PhotoStoreUnavailable)
    await expect(bounded.run(async () => ++begun)).rejects.toThrow(PhotoStoreUnavailable)
    stuck.resolve('at last')
    await stuck.promise
    expect(await bounded.run(async () => ++begun)).toBe(1) // the one that was given up was never begun
  })

  it('fail as they fail, and leave their place', async () => {
    const bounded = new Bounded(1, 60_000)
    await expect(bounded.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await bounded.run(async () => 'yes')).toBe('yes')
  })
})
