import { describe, expect, it } from '@jest/globals'
import { ProblemError } from '../gateway/problem.js'
import { PasswordRules } from './password-rules.js'

const judged = (password: string, { username = 'wang.wei', min = 12, words = '' } = {}) => {
  try {
    new PasswordRules({ passwordMin: min, houseWords: words }).require(password, username)
    return 'taken'
  } catch (error) {
    return (error as ProblemError).code
  }
}

describe('a new password', () => {
  it.each([
    'four quiet rivers meet',
    'correct horse battery staple',
    'onlysmallletterswithoutend',
    '我的猫喜欢在窗台上晒太阳呢',
    '839204716650',
  ])('needs no kinds of characters: %s', (password) => expect(judged(password)).toBe('taken'))

  it('needs as many characters as the configuration says, counted as people count', () => {
    expect(judged('elevenchars')).toBe('password_too_short')
    expect(judged('four quiet rivers', { min: 20 })).toBe('password_too_short')
    expect(judged('😀😃😄😁😆😅😂🤣😊😇🙂')).toBe('password_too_short')
  })

  it.each(['qwerty123456', 'QWERTY123456', 'ｑｗｅｒｔｙ123456', '1qaz2wsx3edc', 'sonyericsson', 'q1w2e3r4t5y6'])(
    'is refused when breaches know it: %s',
    (password) => expect(judged(password)).toBe('password_known'),
  )

  it.each(['aaaaaaaaaaaaaaa', 'abcabcabcabc', '345678901234', 'lmnopqrstuvwx', 'zyxwvutsrqpon'])(
    'is refused when it is a pattern: %s',
    (password) => expect(judged(password)).toBe('password_known'),
  )

  it.each(['wang.wei.2026', 'Custodia2026!', 'weiwangcustodia'])('is refused when it is the name: %s', (password) =>
    expect(judged(password)).toBe('password_known'),
  )

  it.each(['Pingan@Shanghai', '保险平安平安保险２０２６a', 'shanghai-pingan!'])(
    'is refused when it is made of words of the house: %s',
    (password) => {
      expect(judged(password, { words: 'Pingan, Shanghai，平安, 保险' })).toBe('password_known')
      expect(judged(password)).toBe('taken')
    },
  )
})
