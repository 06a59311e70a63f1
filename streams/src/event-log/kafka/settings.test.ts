import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { kafkaEnvironment, kafkaProblems, kafkaSettings } from './settings.js'

const parse = (env: Record<string, string>) => kafkaSettings(z.object(kafkaEnvironment).parse(env))
const here = import.meta.filename // any file that can be read

describe('the settings of a Kafka cluster', () => {
  it('are absent where no brokers are named', () => {
    expect(parse({})).toBeUndefined()
    expect(kafkaProblems({})).toEqual([])
  })

  it('name brokers, TLS, credentials and copies', () => {
    const env = {
      CUSTODIA_KAFKA_BROKERS: 'a:9093, b:9093',
      CUSTODIA_KAFKA_SSL: 'true',
      CUSTODIA_KAFKA_SASL_MECHANISM: 'scram-sha-512',
      CUSTODIA_KAFKA_SASL_USERNAME: 'custodia',
      CUSTODIA_KAFKA_SASL_PASSWORD: 'p',
      CUSTODIA_KAFKA_REPLICATION: '3',
    }
    expect(kafkaProblems(env)).toEqual([])
    expect(parse(env)).toEqual({
      brokers: ['a:9093', 'b:9093'],
      prefix: '',
      replication: 3,
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'custodia', password: 'p' },
    })
  })

  it('use TLS wherever a certificate is named', () => {
    const settings = parse({ CUSTODIA_KAFKA_BROKERS: 'a:9093', CUSTODIA_KAFKA_CA: here })
    expect(settings?.ssl).toMatchObject({ ca: expect.stringContaining('use TLS wherever') })
  })

  it('tell all that is wrong, and no value', () => {
    const wrong = kafkaProblems({
      CUSTODIA_KAFKA_SASL_MECHANISM: 'plain',
      CUSTODIA_KAFKA_SASL_PASSWORD: 'secret-1',
      CUSTODIA_KAFKA_CERT: '/nowhere/secret-2',
    }).join('; ')
    expect(wrong).toMatch(/go together: set all.*CERT and CUSTODIA_KAFKA_KEY/)
    expect(wrong).not.toContain('secret')
    expect(kafkaProblems({ CUSTODIA_KAFKA_CA: here, CUSTODIA_KAFKA_SSL: 'false' })).toEqual([
      expect.stringContaining('must not be false'),
      'CUSTODIA_KAFKA_CA names a file without a certificate in PEM',
    ])
    expect(kafkaProblems({ CUSTODIA_KAFKA_CERT: here, CUSTODIA_KAFKA_KEY: here })).toEqual([
      expect.stringContaining('are not a certificate and the key'),
    ])
    expect(() => parse({ CUSTODIA_KAFKA_BROKERS: 'http://a' })).toThrow('not a list such as')
  })

  it('never send a password in the open', () => {
    const env = {
      CUSTODIA_KAFKA_SASL_MECHANISM: 'plain',
      CUSTODIA_KAFKA_SASL_USERNAME: 'u',
      CUSTODIA_KAFKA_SASL_PASSWORD: 'p',
    }
    expect(kafkaProblems(env)).toEqual([expect.stringContaining('sends the password readable')])
    expect(kafkaProblems({ ...env, CUSTODIA_KAFKA_SSL: 'true' })).toEqual([])
  })
})
