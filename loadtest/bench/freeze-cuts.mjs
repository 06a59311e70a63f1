import { connect } from 'node:net'
import { randomBytes } from 'node:crypto'
import { deflateSync, crc32 } from 'node:zlib'
import { setTimeout as sleep } from 'node:timers/promises'
import { idNumber } from '../id-number.js'
import { Browser } from './browser.mjs'
import { printTable, quantile } from './figures.mjs'
import { startCommitClock } from './commit-clock.mjs'
import { System } from './system.mjs'

/** A figure against what is aimed at. */
export const aimed = (value, aim) => (value < aim ? 'met' : 'missed')

const freezes = Number(process.env.BENCH_FREEZES ?? 40)
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

/**
 * Downloads at the pace of a good line, piece by piece, and once hurried several times as fast: what lies in this side's buffers
 * must not pass for something that was sent late. Tells when the last byte came.
 */
const download = (port, host, path, cookie) => {
  const socket = connect(port, '127.0.0.1')
  let last = 0
  let bytes = 0
  let pauseMs = 5
  const begun = Promise.withResolvers()
  const over = new Promise((resolve) => {
    socket.on('data', (chunk) => {
      last = Date.now()
      bytes += chunk.length
      begun.resolve()
      socket.pause()
      setTimeout(() => socket.resume(), pauseMs)
    })
    socket.on('error', () => undefined) // a connection that is cut is what is measured
    socket.on('close', () => resolve({ last, bytes }))
  })
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\nconnection: close\r\n\r\n`)
  const hurry = () => {
    pauseMs = 1
  }
  return { begun: begun.promise, over, hurry }
}

const place = { team: 'service', branch: 'shanghai' }
const managers = Array.from({ length: freezes }, (_, n) => ({ username: `manager-${n}`, role: 'manager', ...place }))
const people = [{ username: 'analyst', role: 'analyst' }, { username: 'owner', role: 'staff', ...place }, ...managers]

/** Somebody who may download a photo of this size, and who may freeze. */
const populate = async (system) => {
  const admin = new Browser(system.origin)
  await admin.send('POST', '/setup', { code: system.setupCode, username: 'admin', display_name: 'Admin', password })
  await admin.enrol()
  const links = await admin.invite(people)
  const enter = async () => {
    const browser = new Browser(system.origin)
    await browser.accept(links.shift(), password)
    return { id: (await browser.send('GET', '/me')).id, browser }
  }
  const analyst = (await enter()).browser
  const owner = (await enter()).browser
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
  return { enter, analyst, photo: await owner.send('POST', `/customers/${customerId}/photos`, form) }
}

/**
 * Downloads that are running when their person is frozen: from the commit of the freeze, as PostgreSQL wrote it down, to the
 * last byte. On Kafka the freeze is committed at one gateway, and the download runs at another.
 */
const cutsOf = async (twin, aim, env) => {
  const clock = await startCommitClock()
  let system
  try {
    system = await System.start({ env: { ...env, CUSTODIA_POSTGRES_URL: clock.url } })
    const { enter, analyst, photo } = await populate(system)
    const port = env ? await system.addGateway() : system.port // after the first account: each start makes a new setup code
    const path = `/api/v1/photos/${photo.id}/download?purpose=identity_check`
    const [fromCommit, fromAnswer] = [[], []]
    let whole = 0
    for (let n = 0; n < freezes; n++) {
      const { id, browser } = await enter()
      const { begun, over, hurry } = download(port, new URL(system.origin).host, path, browser.cookie)
      await begun
      await sleep(30)
      const freeze = await analyst.send('POST', `/people/${id}/freeze`, { reason: 'bench', minutes: 5 })
      const told = Date.now()
      hurry()
      const { last, bytes } = await over
      if (bytes >= photo.bytes) whole++
      fromCommit.push(Math.max(0, last - (await clock.committedAt(freeze.id))))
      fromAnswer.push(Math.max(0, last - told))
    }
    for (const times of [fromCommit, fromAnswer]) times.sort((a, b) => a - b)
    const p99 = quantile(fromCommit, 0.99)
    const after = [quantile(fromAnswer, 0.5), quantile(fromAnswer, 0.99)]
    return [
      twin,
      String(freezes - whole),
      String(whole),
      quantile(fromCommit, 0.5),
      p99,
      `< ${aim}: ${aimed(p99, aim)}`,
      ...after,
    ]
  } finally {
    await system?.stop()
    await clock.stop()
  }
}

/** `brokers`: of a real Kafka, to measure two gateways on it as well. */
export async function measureCuts(brokers) {
  const rows = [await cutsOf('one machine', 50)]
  if (brokers) {
    const env = { CUSTODIA_KAFKA_BROKERS: brokers.join(','), CUSTODIA_KAFKA_PREFIX: 'cuts.' }
    rows.push(await cutsOf('Kafka, two gateways', 200, env))
  }
  printTable(
    'A freeze, from its commit (and from its answer to the desk) to the last byte of a download that is running, ms',
    ['', 'cut', 'sent whole', 'p50', 'p99', 'aim', 'after answer p50', 'p99'],
    rows,
  )
}
