import { contextOf } from '../keys/envelope.js'

export type Rendition = 'original' | 'thumbnail'

/** What a sealed object is bound to: it opens as this rendition of this photo only. */
export const photoPlace = (id: string, rendition: Rendition): string => contextOf('photo', id, rendition)

/** Keys of a photo's two objects in the photo store. */
export const photoKeys = (id: string): { objectKey: string; thumbnailKey: string } => ({
  objectKey: `${id}.original`,
  thumbnailKey: `${id}.thumbnail`,
})
