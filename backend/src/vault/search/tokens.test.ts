import { describe, expect, it } from '@jest/globals'
import { planQuery } from './query-plan.js'
import { cjkPairs, normalise, normalisePhone, SearchTokens, type Searchable } from './tokens.js'

const tokens = new SearchTokens(Buffer.alloc(32, 1))

/** Whether what is typed finds a customer with these fields. */
const finds = (q: string, values: Searchable): boolean => {
  const has = new Set(tokens.of(values).map(({ field, token }) => `${field} ${token.toString('hex')}`))
  return planQuery(tokens, q).some(({ field, all }) =>
    all.every((token) => has.has(`${field} ${token.toString('hex')}`)),
  )
}

describe('search tokens', () => {
  const zhang = { name: '张伟强', id_number: '11010519491231002X', phone: '+86 138-1234-5678', tags: ['VIP'] }

  it.each(['张', '张伟', '张伟强', ' 张 伟 ', '伟强', '110105', '11010519491231002x', '11010519491231002Ｘ', '002X'])(
    '%s finds 张伟强',
    (q) => expect(finds(q, zhang)).toBe(true),
  )
  it.each(['13812345678', '138 1234', '138', '5678', '+8613812345678', '１３８１'])('%s finds the phone', (q) => {
    expect(finds(q, { phone: zhang.phone })).toBe(true)
  })
  it.each(['强', '张强', '强伟', '李', '13', '2345678', '11010', '9999', '+', ''])('%j finds nobody', (q) => {
    expect(finds(q, zhang)).toBe(false)
  })

  it('takes one spelling for all: width, case and spaces do not matter', () => {
    expect(finds('ＬＩ lei', { name: 'Li  Lei' })).toBe(true)
    expect(normalise('Ａ b\u3000C')).toBe('abc')
    expect(normalisePhone('0086 138 1234 5678')).toBe('13812345678')
    expect(normalisePhone('8612345')).toBe('8612345')
  })

  it('finds a name longer than any beginning that is kept', () => {
    const name = 'a'.repeat(100)
    expect(finds(name, { name })).toBe(true)
    expect(tokens.of({ name })).toHaveLength(25)
  })

  it('pairs CJK characters only, rare ones included', () => {
    expect(cjkPairs('𠮷野家li')).toEqual(['𠮷野', '野家'])
  })

  it('makes other tokens for another field, cut or key', () => {
    const all = [
      tokens.token('name', 'whole', '1234'),
      tokens.token('phone', 'whole', '1234'),
      tokens.token('phone', 'ends', '1234'),
      new SearchTokens(Buffer.alloc(32, 2)).token('name', 'whole', '1234'),
    ].map((token) => token.toString('hex'))
    expect(new Set(all).size).toBe(all.length)
  })
})
