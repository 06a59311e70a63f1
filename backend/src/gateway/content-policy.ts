import { randomBytes } from 'node:crypto'
import type { FastifyReply } from 'fastify'

/** Of every answer that is no page: whatever a browser makes of it, it loads nothing, runs nothing and is framed by nobody. */
export const inertPolicy = {
  defaultSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
}

/** What browsers may do for our pages: the camera takes ID photos, passkeys sign in; nothing else is asked for. */
export const permissionsPolicy = [
  'camera=(self)',
  'publickey-credentials-create=(self)',
  'publickey-credentials-get=(self)',
  ...['display-capture', 'geolocation', 'microphone', 'midi', 'payment', 'serial', 'usb'].map((name) => `${name}=()`),
].join(', ')

/**
 * Of a page of ours. Scripts are files of our own. So are styles, but for those that the component library writes into the
 * page while it runs: they carry a number that this one answer drew by lot. Returns it, for the page. `knownStyle` is the
 * hash of a text that a page brings and cannot mark.
 */
export function allowPage(reply: FastifyReply, origin: string, knownStyle = ''): string {
  const nonce = randomBytes(16).toString('base64')
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}' ${knownStyle}`.trim(),
    "img-src 'self' data: blob:",
    `connect-src 'self' ${origin.replace(/^http/, 'ws')}`,
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]
  void reply.header('content-security-policy', policy.join(';'))
  return nonce
}
