import { connect } from 'node:net'
import { randomBytes } from 'node:crypto'
import { deflateSync, crc32 } from 'node:zlib'
import { setTimeout as sleep } from 'node:timers/promises'
import { idNumber } from '../id-number.js'
import { Browser } from './browser.mjs'
import { printTable, quantile } from './figures.mjs'
import { System } from './system.mjs'

/** A figure against what is aimed at. */
export const aimed = (value, aim) => (value < aim ? 'met' : 'missed')

const freezes = Number(process.env.BENCH_FREEZES ?? 20)
const password = 'correct horse battery staple'
const side = 2000

/** Too large for the buffers of a connection: it is still on its way when the freeze comes. */
const largePhoto = () => {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(side, 0)
  head.writeUInt32BE(side, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const lines = Array.from({ length: side }, () => Buffer.concat([Buffer.alloc(1), randomBytes(side * 3)]))
  const data = deflateSync(Buffer.concat(lines), { level: 0 })
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

/** Downloads as fast as a good line, piece by piece; resolves with when the last byte came. */
const download = (port, path, cookie) => {
  const socket = connect(port, '127.0.0.1')
  let last = 0
  let bytes = 0
  const begun = Promise.withResolvers()
  const over = new Promise((resolve) => {
    socket.on('data', (chunk) => {
      last = Date.now()
      bytes += chunk.length
      begun.resolve()
      socket.pause()
      setTimeout(() => socket.resume(), 5)
    })
    socket.on('error', () => undefined) // a connection that is cut is what is measured
    socket.on('close', () => resolve({ last, bytes }))
  })
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost:${port}\r\ncookie: ${cookie}\r\nconnection: close\r\n\r\n`)
  return { begun: begun.promise, over }
}

const personOf = (role, n) => {
  const username = `${role}-${n}`
  return { username, display_name: username, role, team: 'service', branch: 'shanghai' }
}

/** A download that is running when its person is frozen: from the freeze's transaction (its beginning: a little before the commit) to the last byte. */
export async function measureCuts() {
  const system = await System.start()
  try {
    const admin = new Browser(system.origin)
    await admin.send('POST', '/setup', { code: system.setupCode, username: 'admin', display_name: 'Admin', password })
    await admin.enrol()
    const enter = async (role, n) => {
      const person = await admin.send('POST', '/accounts', personOf(role, n))
      const browser = new Browser(system.origin)
      await browser.accept(person.link, password)
      return { id: person.id, browser }
    }
    const analyst = (await enter('analyst', 0)).browser
    const owner = (await enter('staff', 0)).browser
    const consent = {
      given_at: new Date().toISOString(),
      information_types: ['basic', 'id_number', 'id_photo'],
      purposes: ['identity_check'],
      way: 'signature',
    }
    const customer = { name: '客户', id_number: idNumber(1), business_type: 'car_loan', consent }
    const { id: customerId } = await owner.send('POST', '/customers', customer)
    const form = new FormData()
    form.append('kind', 'id_front')
    form.append('file', new Blob([largePhoto()], { type: 'image/png' }), 'front.png')
    const photo = await owner.send('POST', `/customers/${customerId}/photos`, form)
    const path = `/api/v1/photos/${photo.id}/download?purpose=identity_check`
    const took = []
    const afterAnswer = []
    let whole = 0
    for (let n = 0; n < freezes; n++) {
      const { id, browser } = await enter('manager', n)
      const { begun, over } = download(system.port, path, browser.cookie)
      await begun
      await sleep(30)
      const { set_at } = await analyst.send('POST', `/people/${id}/freeze`, { reason: 'bench', minutes: 5 })
      const told = Date.now()
      const { last, bytes } = await over
      if (bytes >= photo.bytes) whole++
      else {
        took.push(Math.max(0, last - Date.parse(set_at)))
        afterAnswer.push(last - told)
      }
    }
    took.sort((a, b) => a - b)
    afterAnswer.sort((a, b) => a - b)
    const p99 = quantile(took, 0.99)
    printTable(
      'A freeze, from the beginning of its transaction (and from its answer to the desk) to the last byte of a download, ms (aim: p99 < 50)',
      ['', 'cut', 'sent whole', 'p50', 'p99', 'aim', 'after answer p50', 'p99'],
      [
        [
          'one machine',
          took.length,
          whole,
          quantile(took, 0.5),
          p99,
          aimed(p99, 50),
          quantile(afterAnswer, 0.5),
          quantile(afterAnswer, 0.99),
        ],
      ],
    )
  } finally {
    await system.stop()
  }
}
