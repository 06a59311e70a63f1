import { describe, expect, it } from '@jest/globals'
import { deviceName } from './device-name.js'

const agent = (system: string, browser: string) =>
  `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) ${browser}`

describe('name of a new passkey', () => {
  it.each([
    [agent('Windows NT 10.0; Win64; x64', 'Chrome/140.0 Safari/537.36 Edg/140.0'), 'Edge, Windows'],
    [agent('X11; Linux x86_64', 'Chrome/140.0 Safari/537.36'), 'Chrome, Linux'],
    [agent('iPhone; CPU iPhone OS 18_0 like Mac OS X', 'Version/18.0 Safari/604.1'), 'Safari, iOS'],
    ['curl/8', 'Passkey'],
  ])('%s', (userAgent, name) => expect(deviceName(userAgent)).toBe(name))
})
