import { tryOnScopeDispose } from '@vueuse/core'
import { shallowRef } from 'vue'
import { blob } from '../api/client.js'

/** The blurred thumbnail of a photo as an object URL; undefined while it loads and when there is none to be had. */
export const useThumbnail = (photo: string, wanted: boolean) => {
  const url = shallowRef<string>()
  const running = new AbortController()
  const load = async () => {
    const answer = await blob('photoThumbnail', { params: { id: photo }, signal: running.signal }).catch(
      () => undefined,
    )
    if (answer && !running.signal.aborted) url.value = URL.createObjectURL(answer.blob)
  }
  tryOnScopeDispose(() => {
    running.abort()
    if (url.value) URL.revokeObjectURL(url.value)
  })
  if (wanted) void load()
  return url
}
