import { describe, expect, it } from '@jest/globals'
import { capturedAt, photoFileProblem } from './photo-file.js'

describe('a file chosen as a photo', () => {
  it('is a JPEG, PNG or WebP of at most 20 MB', () => {
    expect(photoFileProblem({ type: 'image/png', size: 20 * 1024 * 1024 })).toBeUndefined()
    expect(photoFileProblem({ type: 'image/png', size: 20 * 1024 * 1024 + 1 })).toBe('size')
    expect(photoFileProblem({ type: 'image/heic', size: 1 })).toBe('type')
    expect(photoFileProblem({ type: '', size: 1 })).toBe('type')
  })
  it('was not captured in the future', () => {
    expect(capturedAt({ lastModified: 500 }, 1000)).toBe(500)
    expect(capturedAt({ lastModified: 5000 }, 1000)).toBe(1000)
    expect(capturedAt({ lastModified: 0 }, 1000)).toBe(1000)
  })
})
