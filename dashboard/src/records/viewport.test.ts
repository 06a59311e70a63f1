import { describe, expect, it } from '@jest/globals'
import { fitScale, moved, moveOfKey, wholePhoto, type Viewport, type ViewportMove } from './viewport.js'

const photo = { width: 1600, height: 1000 }
const stage = { width: 800, height: 600 }
const after = (...moves: ViewportMove[]): Viewport =>
  moves.reduce<Viewport>((view, move) => moved(view, move, photo, stage), wholePhoto)

describe('a photo on its stage', () => {
  it('fits whole, turned or not, and is enlarged twice at most', () => {
    expect(fitScale(photo, stage, 0)).toBe(0.5)
    expect(fitScale(photo, stage, 1)).toBe(0.375)
    expect(fitScale({ width: 200, height: 100 }, stage, 0)).toBe(2)
    expect(fitScale({ width: 0, height: 0 }, stage, 0)).toBe(1)
  })
  it('zooms by steps between whole and eightfold', () => {
    expect(after({ to: 'in' }).zoom).toBe(1.25)
    expect(after({ to: 'out' }).zoom).toBe(1)
    expect(after(...Array.from({ length: 30 }, () => ({ to: 'in' as const }))).zoom).toBe(8)
  })
  it('is moved only as far as there is more of it', () => {
    expect(after({ to: 'pan', x: 500, y: 500 })).toEqual(wholePhoto)
    expect(after({ to: 'in' }, { to: 'pan', x: 500, y: 500 })).toEqual({ zoom: 1.25, turn: 0, x: 100, y: 12.5 })
    expect(after({ to: 'in' }, { to: 'pan', x: 500, y: 0 }, { to: 'out' })).toEqual(wholePhoto)
  })
  it('turns both ways, and keeps its turn when shown whole', () => {
    expect(after({ to: 'left_turn' }).turn).toBe(3)
    expect(after({ to: 'right_turn' }, { to: 'in' }, { to: 'whole' })).toEqual({ zoom: 1, turn: 1, x: 0, y: 0 })
  })
  it('knows its keys', () => {
    expect(moveOfKey('r')).toEqual({ to: 'right_turn' })
    expect(moveOfKey('Enter')).toBeUndefined()
  })
})
