import { describe, expect, it } from '@jest/globals'
import { anAccessEvent } from '@custodia/contracts/testing'
import { runInMemory } from '../cases/in-memory-run.js'
import { photoRule, rulesOf } from '../testing/rules.js'
import { renderText } from './render-text.js'

const render = (keys: string, windowSeconds = 600) => {
  const rule = rulesOf(photoRule({ keys })).find(({ alerts }) => alerts)
  if (!rule) throw new Error('no rule')
  return renderText(rule, { actor: 'clerk-1', value: 51, limit: 50, windowSeconds, group: { actor: 'clerk-1' } })
}

describe('renderText', () => {
  it('fills the numbers into both languages', () =>
    expect(
      render("text: { en: '{actor}: {value} of {limit} in {window}', zh: '{group.actor} 在 {window}内 {value}' }"),
    ).toEqual({ en: 'clerk-1: 51 of 50 in 10 minutes', zh: 'clerk-1 在 10 分钟内 51' }))

  it('has a sentence for a rule without one', () =>
    expect(render('mode: live', 3600)).toEqual({
      en: 'Photo views: 51 within 1 hour (actor clerk-1)',
      zh: 'Photo views：在 1 小时内达到 51（actor clerk-1）',
    }))
})

describe('an alert about working hours', () => {
  const ruleWith = (selection: string) =>
    rulesOf(`title: Late
name: late
logsource: { product: custodia }
detection: { selection: ${selection}, condition: selection }
custodia: { text: { en: 'Late.', zh: '晚。' } }
`)
  const textOf = (selection: string, calendar: string) =>
    runInMemory(ruleWith(selection), [{ at: 0, event: anAccessEvent({ off_hours: true, calendar }) }]).alerts[0]?.text

  it('says when it could only go by weekends, and only then', () => {
    expect(textOf('{ off_hours: true }', 'china-1-year-unknown')).toEqual({
      en: 'Late. (The public holidays of this year are not known: weekends alone count as days off.)',
      zh: '晚。（未知今年的法定节假日，仅周末视为休息日。）',
    })
    expect(textOf('{ off_hours: true }', 'china-1')?.en).toBe('Late.')
    expect(textOf("{ 'actor|exists': true }", 'china-1-year-unknown')?.en).toBe('Late.')
  })
})
