// Owners of librdkafka's handles. A raw rd_kafka_*_t* elsewhere in this folder only ever borrows.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>

namespace millrace {

template <auto Destroy>
struct DestroyWith {
  template <typename Handle>
  void operator()(Handle* handle) const noexcept {
    Destroy(handle);
  }
};

using AdminOptionsHandle = std::unique_ptr<rd_kafka_AdminOptions_t, DestroyWith<rd_kafka_AdminOptions_destroy>>;
using ClientHandle = std::unique_ptr<rd_kafka_t, DestroyWith<rd_kafka_destroy>>;
using ConfHandle = std::unique_ptr<rd_kafka_conf_t, DestroyWith<rd_kafka_conf_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, DestroyWith<rd_kafka_event_destroy>>;
using HeadersHandle = std::unique_ptr<rd_kafka_headers_t, DestroyWith<rd_kafka_headers_destroy>>;
using MessageHandle = std::unique_ptr<rd_kafka_message_t, DestroyWith<rd_kafka_message_destroy>>;
using MockClusterHandle = std::unique_ptr<rd_kafka_mock_cluster_t, DestroyWith<rd_kafka_mock_cluster_destroy>>;
using PartitionListHandle =
    std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyWith<rd_kafka_topic_partition_list_destroy>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, DestroyWith<rd_kafka_queue_destroy>>;
using TopicCollectionHandle =
    std::unique_ptr<rd_kafka_TopicCollection_t, DestroyWith<rd_kafka_TopicCollection_destroy>>;
using TopicConfHandle = std::unique_ptr<rd_kafka_topic_conf_t, DestroyWith<rd_kafka_topic_conf_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, DestroyWith<rd_kafka_topic_destroy>>;

}  // namespace millrace
