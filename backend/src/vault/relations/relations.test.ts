import { describe, expect, it } from '@jest/globals'
import { normaliseAddress } from '../search/tokens.js'
import { relationOf } from './relation.js'
import { surnameOf } from './surname.js'

describe('what two people have in common', () => {
  it.each([
    [[], null],
    [['own name'], null], // one Chinese in fourteen is called Wang
    [['staff phone'], 'colleague'],
    [['staff id_number', 'own name'], 'colleague'],
    [['own phone'], 'same_phone'],
    [['own address', 'own name'], 'same_address+same_surname'],
    [['own address', 'own phone', 'own name', 'staff id_number'], 'colleague+same_address+same_phone+same_surname'],
    [['own id_number', 'own phone', 'own name'], 'self'],
  ])('%j: %s', (shared, flag) => expect(relationOf(shared)).toBe(flag))
})

describe('a family name', () => {
  it.each([
    ['王伟', '王'],
    ['欧阳娜娜', '欧阳'],
    ['欧阳', '欧'], // 欧 with the given name 阳
    ['司 马 光', '司马'],
    ['Li Na', undefined],
    ['王', undefined],
    ['王 Wei', undefined],
    ['', undefined],
  ])('of %s is %s', (name, surname) => expect(surnameOf(name)).toBe(surname))
})

describe('an address', () => {
  it.each([
    ['广东省深圳市南山区科技路8号3栋 1202 室', '深圳市南山区科技路8号3栋1202室'],
    ['中国上海市浦东新区世纪大道１００号', '上海市浦东新区世纪大道100号'],
    ['新疆维吾尔自治区喀什地区疏附县幸福路3号', '喀什地区疏附县幸福路3号'],
    ['12, Example St., London', '12examplestlondon'],
  ])('%s is compared as %s', (address, home) => expect(normaliseAddress(address)).toBe(home))

  it.each(['上海市', '广东省深圳市南山区', '—', ''])('%j is nobody’s home', (address) =>
    expect(normaliseAddress(address)).toBeUndefined(),
  )
})
