import type { Me } from '@custodia/contracts'
import { describe, expect, it } from '@jest/globals'
import { redirectFor, safeReturn, startPage } from './admit.js'

const reader = (over: Partial<Me> = {}): Pick<Me, 'role' | 'level' | 'permissions'> => ({
  role: 'analyst',
  level: 'full',
  permissions: ['live.read', 'alert.read'],
  ...over,
})

describe('who sees which page', () => {
  it('nobody signed in: sign-in, with the way back', () => {
    expect(redirectFor({ path: '/alerts?state=open' }, undefined, false)).toEqual({
      path: '/sign-in',
      query: { to: '/alerts?state=open' },
    })
    expect(redirectFor({ path: '/' }, undefined, false)).toEqual({ path: '/sign-in' })
  })
  it('before the first administrator everything leads to set-up, and afterwards nothing does', () => {
    expect(redirectFor({ path: '/live' }, undefined, true)).toEqual({ path: '/setup' })
    expect(redirectFor({ path: '/setup', door: 'public' }, undefined, true)).toBeUndefined()
    expect(redirectFor({ path: '/setup', door: 'public' }, undefined, false)).toEqual({ path: '/sign-in' })
  })
  it('a password alone opens enrolment and nothing of the vault', () => {
    const half = reader({ level: 'first_factor' })
    expect(redirectFor({ path: '/enrol', door: 'first_factor' }, half, false)).toBeUndefined()
    expect(redirectFor({ path: '/live', needs: 'live.read' }, half, false)).toEqual({
      path: '/sign-in',
      query: { to: '/live' },
    })
  })
  it('somebody signed in needs no sign-in page', () => {
    expect(redirectFor({ path: '/sign-in?to=/x', door: 'public' }, reader(), false)).toEqual({ path: '/live' })
    expect(redirectFor({ path: '/sign-in', door: 'public' }, reader({ level: 'first_factor' }), false)).toBeUndefined()
  })
  it('a page without the permission leads to the start page', () => {
    expect(redirectFor({ path: '/customers', needs: 'customer.search' }, reader(), false)).toEqual({ path: '/live' })
    expect(redirectFor({ path: '/live', needs: 'live.read' }, reader(), false)).toBeUndefined()
  })
})

describe('start page', () => {
  it('is the role’s own', () => {
    expect(startPage(reader())).toBe('/live')
    expect(startPage(reader({ role: 'staff', permissions: ['customer.search'] }))).toBe('/customers')
    expect(startPage(reader({ role: 'auditor', permissions: ['report.read'] }))).toBe('/reports')
  })
  it('never leads to a page that would turn the reader away', () => {
    expect(startPage(reader({ permissions: [] }))).toBe('/me')
  })
})

describe('return address', () => {
  it('stays on this site', () => {
    expect(safeReturn('/alerts/1?x=1')).toBe('/alerts/1?x=1')
    for (const bad of [
      '//evil.example',
      '/\\evil.example',
      'https://evil.example',
      'javascript:1',
      '/sign-in',
      undefined,
    ]) {
      expect(safeReturn(bad)).toBeUndefined()
    }
  })
})
