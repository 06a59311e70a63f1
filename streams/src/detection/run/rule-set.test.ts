import { describe, expect, it } from '@jest/globals'
import { addressRule, photoRule } from '../testing/rules.js'
import { makeRuleSet } from './rule-set.js'

const at = new Date('2026-03-10T02:00:00.000Z')
const photo = (yaml = photoRule()) => ({ file: 'photo.yml', yaml })
const address = { file: 'address.yml', yaml: addressRule }

describe('makeRuleSet', () => {
  it('summarises the rules that alert', () => {
    const set = makeRuleSet([photo(), address], undefined, at)
    expect(set.rules.map(({ name, hold, limit, group_by }) => ({ name, hold, limit, group_by }))).toEqual([
      { name: 'photo-views', hold: true, limit: 3, group_by: ['actor'] },
      { name: 'failures-by-address', hold: false, limit: undefined, group_by: ['ip'] },
    ])
  })

  it('has the same version for the same files, whenever it is made', () => {
    const later = new Date(at.getTime() + 1000)
    expect(makeRuleSet([photo()], undefined, at).version).toBe(makeRuleSet([photo()], undefined, later).version)
  })

  it('leaves out a broken file, tells why, and keeps the others', () => {
    const set = makeRuleSet([photo('title: [broken'), address], undefined, at)
    expect(set.rules.map(({ name }) => name)).toEqual(['failures-by-address'])
    expect(set.problems).toEqual([expect.objectContaining({ file: 'photo.yml', reason: expect.any(String) })])
  })

  it('keeps the last good version of a file that broke in force', () => {
    const before = makeRuleSet([photo(), address], undefined, at)
    const set = makeRuleSet([photo('title: [broken'), address], before, at)
    expect(set.files).toEqual(before.files)
    expect(set.problems).toHaveLength(1)
    expect(set.version).not.toBe(before.version)
  })
})
