const boundary = 'branch-day-boundary'
const bytesOf = (text) => new Uint8Array([...text].map((c) => c.charCodeAt(0)))

/** A multipart body with its fields in this order: the gateway reads it as it comes, and wants the fields before the file. */
export function photoForm(kind, photo) {
  const head = bytesOf(
    `--${boundary}\r\ncontent-disposition: form-data; name="kind"\r\n\r\n${kind}\r\n` +
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="front.png"\r\ncontent-type: image/png\r\n\r\n`,
  )
  const tail = bytesOf(`\r\n--${boundary}--\r\n`)
  const body = new Uint8Array(head.length + photo.byteLength + tail.length)
  body.set(head)
  body.set(new Uint8Array(photo), head.length)
  body.set(tail, head.length + photo.byteLength)
  return { bytes: body.buffer, contentType: `multipart/form-data; boundary=${boundary}` }
}
