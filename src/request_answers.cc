#include "request_answers.h"

#include <cstdint>

namespace millrace {
namespace {

struct Columns {
  Columns(Napi::Env env, size_t rows)
      : partitions(Napi::Int32Array::New(env, rows)),
        offsets(Napi::Float64Array::New(env, rows)),
        codes(Napi::Int32Array::New(env, rows)) {}
  void Set(size_t row, const rd_kafka_topic_partition_t& partition) {
    partitions[row] = partition.partition;
    offsets[row] = static_cast<double>(partition.offset);
    codes[row] = partition.err;
  }
  void PutInto(Napi::Object& answer) const {
    answer["partitions"] = partitions;
    answer["offsets"] = offsets;
    answer["codes"] = codes;
  }
  Napi::Int32Array partitions;
  Napi::Float64Array offsets;
  Napi::Int32Array codes;
};

void PutPartitions(Napi::Env env, Napi::Object& answer, const rd_kafka_topic_partition_list_t* list) {
  const size_t rows = list ? static_cast<size_t>(list->cnt) : 0;
  Columns columns(env, rows);
  for (size_t row = 0; row < rows; row++) columns.Set(row, list->elems[row]);
  columns.PutInto(answer);
}

void PutError(Napi::Env env, Napi::Object& answer, rd_kafka_resp_err_t code, const char* message) {
  answer["code"] = Napi::Number::New(env, code);
  answer["message"] = Napi::String::New(env, message ? message : rd_kafka_err2str(code));
}

// What was committed along with each offset; empty for nothing.
Napi::Array MetadataOf(Napi::Env env, const rd_kafka_topic_partition_list_t* list) {
  auto metadata = Napi::Array::New(env);
  for (int row = 0; list && row < list->cnt; row++) {
    const rd_kafka_topic_partition_t& partition = list->elems[row];
    // It need not end with a NUL.
    const auto* text = partition.metadata ? static_cast<const char*>(partition.metadata) : "";
    metadata[static_cast<uint32_t>(row)] = Napi::String::New(env, text, partition.metadata_size);
  }
  return metadata;
}

void PutCommitted(Napi::Env env, Napi::Object& answer, rd_kafka_event_t* event) {
  size_t count = 0;
  const auto* result = rd_kafka_event_ListConsumerGroupOffsets_result(event);
  const auto groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count);
  if (count == 0) return PutPartitions(env, answer, nullptr);
  if (const auto* error = rd_kafka_group_result_error(groups[0])) {
    PutError(env, answer, rd_kafka_error_code(error), rd_kafka_error_string(error));
  }
  const auto* list = rd_kafka_group_result_partitions(groups[0]);
  PutPartitions(env, answer, list);
  answer["metadata"] = MetadataOf(env, list);
}

void PutOffsets(Napi::Env env, Napi::Object& answer, rd_kafka_event_t* event) {
  size_t rows = 0;
  const auto infos = rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event), &rows);
  Columns columns(env, rows);
  for (size_t row = 0; row < rows; row++) {
    columns.Set(row, *rd_kafka_ListOffsetsResultInfo_topic_partition(infos[row]));
  }
  columns.PutInto(answer);
}

void PutTopic(Napi::Env env, Napi::Object& answer, rd_kafka_event_t* event) {
  size_t count = 0;
  const auto topics = rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event), &count);
  if (count == 0) return;
  const auto* error = rd_kafka_TopicDescription_error(topics[0]);
  if (error && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return PutError(env, answer, rd_kafka_error_code(error), rd_kafka_error_string(error));
  }
  size_t partition_count = 0;
  const auto partitions = rd_kafka_TopicDescription_partitions(topics[0], &partition_count);
  auto leaders = Napi::Int32Array::New(env, partition_count);
  for (size_t i = 0; i < partition_count; i++) {
    const auto* leader = rd_kafka_TopicPartitionInfo_leader(partitions[i]);
    leaders[i] = leader ? rd_kafka_Node_id(leader) : -1;
  }
  answer["leaders"] = leaders;
  const char* id = rd_kafka_Uuid_base64str(rd_kafka_TopicDescription_topic_id(topics[0]));
  answer["topicId"] = Napi::String::New(env, id ? id : "");
}

}  // namespace

void* OpaqueOf(double id) { return reinterpret_cast<void*>(static_cast<uintptr_t>(id)); }
double IdOf(const void* opaque) { return static_cast<double>(reinterpret_cast<uintptr_t>(opaque)); }

Napi::Value AnswerOf(Napi::Env env, rd_kafka_event_t* event) {
  auto answer = Napi::Object::New(env);
  answer["id"] = Napi::Number::New(env, IdOf(rd_kafka_event_opaque(event)));
  const auto code = rd_kafka_event_error(event);
  PutError(env, answer, code, code ? rd_kafka_event_error_string(event) : "");
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_OFFSET_COMMIT:
      PutPartitions(env, answer, rd_kafka_event_topic_partition_list(event));
      return answer;
    case RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT:
      if (!code) PutCommitted(env, answer, event);
      return answer;
    case RD_KAFKA_EVENT_LISTOFFSETS_RESULT:
      if (!code) PutOffsets(env, answer, event);
      return answer;
    case RD_KAFKA_EVENT_DESCRIBETOPICS_RESULT:
      if (!code) PutTopic(env, answer, event);
      return answer;
    default:
      return env.Undefined();
  }
}

}  // namespace millrace
