/** A topic's settings as the brokers know them, and other ones: node-rdkafka has no call for either. */
import type { TestBroker } from 'millrace/testing'
import { int, kafkaRequest, list, text } from './kafka-request.js'

const DESCRIBE_CONFIGS = 32
const INCREMENTAL_ALTER_CONFIGS = 44
const TOPIC = 2
const SET = 0
/** Where a setting comes from: from the topic itself, and not from the cluster's defaults. */
const OF_THE_TOPIC = 1

/** @returns what was set for this topic, without what it takes from the cluster */
export async function topicConfig(broker: TestBroker, topic: string): Promise<Record<string, string | null>> {
  const resources = list([Buffer.concat([int(1, TOPIC), text(topic), int(4, -1)])])
  const answer = await kafkaRequest(broker, DESCRIBE_CONFIGS, 1, resources, int(1, 0))
  answer.int(4) // the time that it was throttled
  const [described] = answer.list(() => {
    const [code, message] = [answer.int(2), answer.text()]
    if (code !== 0) throw new Error(`Kafka's error ${code} for the settings of ${topic}: ${message}`)
    answer.int(1)
    answer.text()
    return answer.list(() => {
      const setting = {
        name: answer.text() ?? '',
        value: answer.text(),
        isReadOnly: answer.int(1),
        source: answer.int(1)
      }
      answer.int(1)
      answer.list(() => [answer.text(), answer.text(), answer.int(1)])
      return setting
    })
  })
  const own = (described ?? []).filter(({ source }) => source === OF_THE_TOPIC)
  return Object.fromEntries(own.map(({ name, value }) => [name, value]))
}

export async function setTopicConfig(broker: TestBroker, topic: string, config: Record<string, string>): Promise<void> {
  const settings = Object.entries(config).map(([name, value]) => Buffer.concat([text(name), int(1, SET), text(value)]))
  const resources = list([Buffer.concat([int(1, TOPIC), text(topic), list(settings)])])
  const answer = await kafkaRequest(broker, INCREMENTAL_ALTER_CONFIGS, 0, resources, int(1, 0))
  answer.int(4) // the time that it was throttled
  answer.list(() => {
    const [code, message] = [answer.int(2), answer.text()]
    if (code !== 0) throw new Error(`Kafka's error ${code} for settings of ${topic}: ${message}`)
    return [answer.int(1), answer.text()]
  })
}
