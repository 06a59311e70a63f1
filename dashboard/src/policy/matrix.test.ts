import { describe, expect, it } from '@jest/globals'
import type { PolicyDocument } from '@custodia/contracts'
import { differing, fieldRows, permissionRows, wordOf } from './matrix.js'

const nobody = {
  staff: 'absent',
  service: 'absent',
  finance: 'absent',
  manager: 'absent',
  analyst: 'absent',
  auditor: 'absent',
  admin: 'absent',
} as const
const shown: Pick<PolicyDocument, 'rows' | 'fields'> = {
  rows: [{ permission: 'photo.view', cells: { staff: { reach: 'own', purpose: true } } }],
  fields: [{ field: 'email', cells: { ...nobody, staff: 'reveal' } }],
}
const other: typeof shown = {
  rows: [{ permission: 'photo.view', cells: { admin: { reach: 'all', purpose: true } } }],
  fields: [{ field: 'email', cells: nobody }],
}

describe('the matrix', () => {
  it('tells where the other preset differs: what it takes, gives and leaves', () => {
    const [row] = permissionRows(shown, other)
    expect(row?.other).toEqual({ staff: null, admin: { reach: 'all', purpose: true } })
    expect(fieldRows(shown, other)[0]?.other).toEqual({ staff: 'absent' })
    expect(differing(permissionRows(shown, other), ['analyst'])).toBe(0)
    expect(differing(permissionRows(shown, other), ['admin'])).toBe(1)
  })
  it('tells no difference when nobody asked', () => {
    expect(permissionRows(shown, undefined)[0]?.other).toEqual({})
  })
  it('has a word for each permission', () => {
    expect(wordOf('photo.view')).toBe('photo_view')
  })
})
