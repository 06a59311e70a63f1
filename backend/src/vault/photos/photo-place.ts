import { contextOf } from '../keys/envelope.js'

export type Rendition = 'original' | 'thumbnail'

/** What a sealed object is bound to: it opens as this rendition of this photo only. */
export const photoPlace = (id: string, rendition: Rendition): string => contextOf('photo', id, rendition)

/** Keys of a photo's two objects in the photo store. */
export const photoKeys = (id: string): { objectKey: string; thumbnailKey: string } => ({
  objectKey: `${id}.original`,
  thumbnailKey: `${id}.thumbnail`,
})

/** What the object under a key of the photo store is bound to. */
export function placeOfObject(objectKey: string): string {
  const at = objectKey.lastIndexOf('.')
  return photoPlace(objectKey.slice(0, at), objectKey.slice(at + 1) as Rendition)
}
