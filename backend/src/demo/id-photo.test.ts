import { describe, expect, it } from '@jest/globals'
import sharp from 'sharp'
import { drawIdPhoto, type DemoPhotoKind } from './id-photo.js'
import { demoPerson } from './people.js'
import { lettering } from './stroke-font.js'

const kinds: [DemoPhotoKind, number, number][] = [
  ['id_front', 640, 404],
  ['id_back', 640, 404],
  ['face', 400, 500],
]

describe('drawn photos', () => {
  it.each(kinds)('%s is a JPEG of %d × %d pixels, without metadata', async (kind, width, height) => {
    const photo = await drawIdPhoto(kind, demoPerson(1), 1)
    const metadata = await sharp(photo).metadata()
    expect(metadata).toMatchObject({ format: 'jpeg', width, height })
    expect(metadata).not.toHaveProperty('exif')
    expect(photo.length).toBeGreaterThan(5_000)
    expect(photo.length).toBeLessThan(80_000)
  })

  it.each(kinds)('%s is the same for one person and another for another', async (kind) => {
    const draw = (seed: number) => drawIdPhoto(kind, demoPerson(seed), seed)
    expect(await draw(3)).toEqual(await draw(3))
    expect(await draw(3)).not.toEqual(await draw(4))
  })

  it('need no font: letters are paths', () => {
    const drawn = lettering('SAMPLE 样本 0-9.', { x: 0, y: 0, size: 10, color: '#000' })
    expect(drawn).not.toContain('<text')
    expect(drawn.match(/<path/g)).toHaveLength('SAMPLE样本0-9.'.length)
  })
})
