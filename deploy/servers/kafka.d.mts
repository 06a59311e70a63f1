export const KAFKA_VERSION: string

export interface KafkaServer {
  brokers: string[]
  secured: {
    brokers: string[]
    ca: string
    sasl: { mechanism: 'scram-sha-512'; username: string; password: string }
  }
  start(): Promise<void>
  stop(): Promise<void>
  kill(): Promise<void>
  freeze(): void
  thaw(): void
}

export function startKafka(): Promise<KafkaServer>
