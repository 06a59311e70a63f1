import { describe, expect, it } from '@jest/globals'
import { mask } from './masking.js'

describe('masking', () => {
  it.each([
    ['name', '张伟', '张*'],
    ['name', '欧阳娜娜', '欧*'],
    ['name', '𠮷野', '𠮷*'],
    ['name', 'Li Lei', 'L*'],
    ['name', '李', '李*'],
    ['id_number', '110101199003071234', '110***********1234'],
    ['phone', '13812345678', '138****5678'],
    ['phone', '1234567', '*******'],
    ['email', 'lilei@example.com', 'l***@example.com'],
    ['email', 'not-an-address', '***'],
    ['address', '上海市浦东新区世纪大道100号', '上海市浦东新***'],
    ['address', '北京市', '***'],
    ['account_number', '6222020200112233', '************2233'],
    ['account_number', '1234', '****'],
  ] as const)('%s: %s is shown as %s', (field, value, shown) => {
    expect(mask(field, value)).toBe(shown)
  })
})
