// Preloaded into every process of a system under test: writes down whom it would connect to, and whose name it looks up.
import dgram from 'node:dgram'
import dns from 'node:dns'
import { appendFileSync } from 'node:fs'
import net from 'node:net'

const file = process.env.RECORD_CONNECTIONS_TO
const tell = (line) => file && appendFileSync(file, `${line}\n`)
tell(`process ${process.pid}`)

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0])
    ? args[0][0]
    : typeof args[0] === 'object'
      ? args[0]
      : { port: args[0], host: args[1] }
  if (options?.port !== undefined) tell(`connect ${options.host ?? 'localhost'}:${options.port}`)
  return connect.apply(this, args)
}
const send = dgram.Socket.prototype.send
dgram.Socket.prototype.send = function (...args) {
  tell(`connect udp ${args.filter((arg) => typeof arg === 'string' || typeof arg === 'number').join(' ')}`)
  return send.apply(this, args)
}
for (const [owner, name] of [
  [dns, 'lookup'],
  [dns, 'resolve'],
  [dns, 'resolve4'],
  [dns, 'resolve6'],
  [dns.promises, 'lookup'],
  [dns.promises, 'resolve'],
]) {
  const real = owner[name]
  owner[name] = function (host, ...rest) {
    tell(`lookup ${host}`)
    return real.call(this, host, ...rest)
  }
}
