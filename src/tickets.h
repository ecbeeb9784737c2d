// What became of the records that a producer took: acknowledged, surely not written, or unknown.
//
// A ticket stands for the records of one produce() call and is the opaque pointer of each of them. Broker threads
// settle records one by one; the ticket is handed back to JavaScript when its last record is settled.
#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "wake_up.h"

namespace millrace {

struct SettledTicket {
  double id;
  uint32_t acknowledged;
  uint32_t failed;
  uint32_t unknown;
  int32_t code;  // librdkafka's code of the first record that was not acknowledged, else 0
};

// The settled tickets of one producer. Shared by the producer and its open tickets, since librdkafka may report a
// record after JavaScript has closed the producer.
class Tickets {
 public:
  explicit Tickets(std::unique_ptr<WakeUp> wake_up) : wake_up_(std::move(wake_up)) {}

  void Add(const SettledTicket& ticket) noexcept;       // any thread
  size_t Take(double* rows, size_t capacity) noexcept;  // JavaScript thread; five numbers a row, as SettledTicket
  void Close() noexcept { wake_up_->Close(); }          // JavaScript thread
  std::atomic<uint32_t> open = 0;                       // tickets whose records are not all settled

 private:
  const std::unique_ptr<WakeUp> wake_up_;
  std::mutex mutex_;
  std::vector<SettledTicket> settled_;
};

class Ticket {
 public:
  Ticket(std::shared_ptr<Tickets> tickets, double id, uint32_t records);

  // On any thread, once a record. The call that settles the last one deletes the ticket.
  void Settle(rd_kafka_msg_status_t status, rd_kafka_resp_err_t code) noexcept;
  // By the call that produces, after a record was refused that nobody else has: whether librdkafka has not reported it.
  bool HasOpenRecords() const noexcept { return open_ > 1; }
  // By produce(), once, when librdkafka has taken what it takes: `not_taken` records do not count. Until then the
  // ticket stays, however fast the broker is.
  void Release(uint32_t not_taken) noexcept;

 private:
  void Close(uint32_t records) noexcept;

  const std::shared_ptr<Tickets> tickets_;
  const double id_;
  std::atomic<uint32_t> total_;
  std::atomic<uint32_t> open_;
  std::atomic<uint32_t> failed_ = 0;
  std::atomic<uint32_t> unknown_ = 0;
  std::atomic<int32_t> code_ = 0;
};

}  // namespace millrace
