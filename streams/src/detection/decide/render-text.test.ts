import { describe, expect, it } from '@jest/globals'
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
