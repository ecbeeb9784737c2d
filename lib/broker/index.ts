/**
 * Brokers to run against: embedded, real Apache Kafka, a container, or the one that is given. Public as
 * `millrace/testing`, so that users test their pipelines with them.
 */
export { ApacheBroker, type ApacheBrokerOptions, type ApacheNode, type ApacheProperties } from './apache.js'
export { ContainerBroker } from './container.js'
export { type BrokerKind, createTestBroker } from './create-test-broker.js'
export { apiKey, EmbeddedBroker, type EmbeddedBrokerOptions, embeddedServers } from './embedded.js'
export type { BrokerCapability, TestBroker } from './test-broker.js'
export { BrokerUnavailableError } from './unavailable.js'
