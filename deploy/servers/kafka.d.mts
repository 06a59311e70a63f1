export const KAFKA_VERSION: string

export interface KafkaServer {
  brokers: string[]
  secured: {
    brokers: string[]
    ca: string
    sasl: { mechanism: 'scram-sha-512'; username: string; password: string }
  }
  start(node?: number): Promise<void>
  stop(): Promise<void>
  kill(node?: number): Promise<void>
  freeze(node?: number): Promise<void>
  thaw(node?: number): void
}

export function startKafka(options?: { nodes?: number }): Promise<KafkaServer>
