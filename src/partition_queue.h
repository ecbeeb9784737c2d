// One partition's own queue, and the records that were drained from it but did not fit into the caller's slab.
//
// OnNotEmpty runs on librdkafka's threads, everything else on the JavaScript thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "handles.h"
#include "ready_list.h"

namespace millrace {

// Where a drain puts records: their values one behind the other in `slab`, and one element a record in each array.
struct DrainTarget {
  std::span<uint8_t> slab;
  std::span<uint32_t> ends;  // end positions in the slab, ascending
  std::span<double> offsets;
  std::span<double> timestamps;  // milliseconds since the epoch; of an error its librdkafka code
  std::span<uint8_t> flags;      // kNullValue, kError
};

struct DrainResult {
  size_t count = 0;
  // The offset of the first record that was not handed over, else the partition's position; -1 while unknown. The
  // position also moves past what is no record: transaction markers, aborted records, gaps.
  double next_offset = -1;
  int32_t leader_epoch = -1;
  size_t slab_bytes_needed = 0;  // not 0: the next record alone is larger than the slab
};

class PartitionQueue {
 public:
  static constexpr uint8_t kNullValue = 1;
  // Not a record: an error that librdkafka put in its place. Comes alone, its text is in the slab.
  static constexpr uint8_t kError = 2;

  PartitionQueue(rd_kafka_t* client, const std::string& topic, int32_t partition, ReadyList& ready, int32_t slot);
  ~PartitionQueue();
  PartitionQueue(const PartitionQueue&) = delete;
  PartitionQueue& operator=(const PartitionQueue&) = delete;

  bool IsOpen() const { return queue_ != nullptr; }
  // `kept`: gets the messages themselves, one a record; null for none, which are then released at once.
  DrainResult Drain(size_t max_records, DrainTarget& target, std::vector<MessageHandle>* kept);
  // Hands over the messages themselves, for those that want keys and headers. What is no message, or cannot be read,
  // comes alone (MessageCode). The result has no slab.
  DrainResult DrainMessages(size_t max_messages, std::vector<MessageHandle>& target);

 private:
  static void OnNotEmpty(rd_kafka_t*, void* self) noexcept;
  void Refill(size_t max_records);
  void ReadPosition(DrainResult& result, double last_offset);

  rd_kafka_t* const client_;
  ReadyList& ready_;
  const int32_t slot_;
  QueueHandle queue_;
  PartitionListHandle position_;            // one element, reused by each ReadPosition
  std::vector<rd_kafka_message_t*> batch_;  // borrowed for the length of a Refill
  std::vector<MessageHandle> drained_;      // from next_ on: drained, not handed over yet
  size_t next_ = 0;
  // Since an error was drained, or where the position is that of an assignment before: until a record is drained.
  bool is_position_false_ = false;
};

}  // namespace millrace
