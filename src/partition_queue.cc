#include "partition_queue.h"

#include <algorithm>
#include <cstring>

#include "message_object.h"

namespace millrace {

PartitionQueue::PartitionQueue(rd_kafka_t* client, const std::string& topic, int32_t partition, ReadyList& ready,
                               int32_t slot)
    : client_(client),
      ready_(ready),
      slot_(slot),
      queue_(rd_kafka_queue_get_partition(client, topic.c_str(), partition)),
      position_(rd_kafka_topic_partition_list_new(1)) {
  if (!queue_) return;
  rd_kafka_topic_partition_list_add(position_.get(), topic.c_str(), partition);
  // Forwarded by the application, even to nowhere, librdkafka leaves the queue alone when the partition is assigned.
  // Otherwise the assignment forwards it to the consumer's queue.
  rd_kafka_queue_forward(queue_.get(), nullptr);
  rd_kafka_queue_cb_event_enable(queue_.get(), OnNotEmpty, this);
  // The partition was assigned before, and librdkafka's main thread has not forgotten that position yet: it is not
  // ours. Committed, it would jump over what lies between.
  rd_kafka_position(client_, position_.get());
  is_position_false_ = position_->elems[0].offset >= 0;
}

PartitionQueue::~PartitionQueue() {
  // Takes the queue's lock: when it returns no OnNotEmpty is running, and none will.
  if (queue_) rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
}

// Comes when the queue stops being empty, and may be spurious. JavaScript drains until nothing is left, and once
// right after the queue was taken.
void PartitionQueue::OnNotEmpty(rd_kafka_t*, void* self) noexcept {
  auto* const queue = static_cast<PartitionQueue*>(self);
  queue->ready_.Add(queue->slot_);
}

DrainResult PartitionQueue::Drain(size_t max_records, DrainTarget& target, std::vector<MessageHandle>* kept) {
  DrainResult result;
  if (next_ == drained_.size()) Refill(max_records);
  size_t used = 0;
  while (next_ < drained_.size() && result.count < max_records) {
    const rd_kafka_message_t& message = *drained_[next_];
    const bool is_error = message.err != RD_KAFKA_RESP_ERR_NO_ERROR;
    if (is_error && result.count > 0) break;
    const char* text = is_error ? rd_kafka_message_errstr(&message) : nullptr;
    const void* value = is_error ? text : message.payload;
    const size_t length = is_error ? std::min(std::strlen(text), target.slab.size()) : message.len;
    if (length > target.slab.size() - used) {
      if (result.count == 0) result.slab_bytes_needed = length;
      break;
    }
    if (length > 0) std::memcpy(target.slab.data() + used, value, length);
    used += length;
    const size_t i = result.count++;
    target.ends[i] = static_cast<uint32_t>(used);
    target.offsets[i] = static_cast<double>(message.offset);
    target.timestamps[i] = is_error ? static_cast<double>(message.err)
                                    : static_cast<double>(rd_kafka_message_timestamp(&message, nullptr));
    target.flags[i] = static_cast<uint8_t>(is_error ? kError : value == nullptr ? kNullValue : 0);
    if (!is_error) result.leader_epoch = rd_kafka_message_leader_epoch(&message);
    // librdkafka counts the error as if it were the record at its offset, and moves the position past it: committed,
    // that would lose the record. The next record puts the position right.
    is_position_false_ = is_error;
    MessageHandle handed_over = std::move(drained_[next_++]);
    if (kept != nullptr) kept->push_back(std::move(handed_over));
    if (is_error) break;
  }
  ReadPosition(result, result.count > 0 && !is_position_false_ ? target.offsets[result.count - 1] : -1);
  return result;
}

DrainResult PartitionQueue::DrainMessages(size_t max_messages, std::vector<MessageHandle>& target) {
  DrainResult result;
  if (next_ == drained_.size()) Refill(max_messages);
  double last_offset = -1;
  while (next_ < drained_.size() && result.count < max_messages) {
    const rd_kafka_message_t& message = *drained_[next_];
    const bool is_error = message.err != RD_KAFKA_RESP_ERR_NO_ERROR;
    const bool is_alone = MessageCode(message) != RD_KAFKA_RESP_ERR_NO_ERROR;
    if (is_alone && result.count > 0) break;
    if (!is_error) {
      last_offset = static_cast<double>(message.offset);
      result.leader_epoch = rd_kafka_message_leader_epoch(&message);
    }
    // As in Drain.
    is_position_false_ = is_error;
    target.push_back(std::move(drained_[next_++]));
    result.count++;
    if (is_alone) break;
  }
  ReadPosition(result, last_offset);
  return result;
}

void PartitionQueue::Refill(size_t max_records) {
  drained_.clear();
  next_ = 0;
  batch_.resize(max_records);
  const auto count = rd_kafka_consume_batch_queue(queue_.get(), 0, batch_.data(), max_records);
  if (count <= 0) return;
  drained_.reserve(static_cast<size_t>(count));
  for (ssize_t i = 0; i < count; i++) drained_.emplace_back(batch_[static_cast<size_t>(i)]);
}

void PartitionQueue::ReadPosition(DrainResult& result, double last_offset) {
  if (next_ < drained_.size()) {
    // Never the position here: it counts what was drained, also what nobody has seen yet. Nor the offset of an error,
    // which comes alone: what stands behind the last record is what was handed over.
    const rd_kafka_message_t& next = *drained_[next_];
    if (next.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      result.next_offset = static_cast<double>(next.offset);
    } else if (last_offset >= 0) {
      result.next_offset = last_offset + 1;
    }
    return;
  }
  if (is_position_false_) return;
  if (rd_kafka_position(client_, position_.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const rd_kafka_topic_partition_t& position = position_->elems[0];
  if (position.offset < 0) return;
  result.next_offset = static_cast<double>(position.offset);
  const int32_t epoch = rd_kafka_topic_partition_get_leader_epoch(&position);
  if (epoch >= 0) result.leader_epoch = epoch;
}

}  // namespace millrace
