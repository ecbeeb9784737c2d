#include "tickets.h"

#include <algorithm>

namespace millrace {

void Tickets::Add(const SettledTicket& ticket) noexcept {
  {
    std::lock_guard lock(mutex_);
    settled_.push_back(ticket);
  }
  open.fetch_sub(1);
  wake_up_->Signal();
}

size_t Tickets::Take(double* rows, size_t capacity) noexcept {
  std::lock_guard lock(mutex_);
  const size_t count = std::min(settled_.size(), capacity);
  for (size_t i = 0; i < count; i++) {
    const SettledTicket& ticket = settled_[i];
    double* row = rows + 5 * i;
    row[0] = ticket.id;
    row[1] = ticket.acknowledged;
    row[2] = ticket.failed;
    row[3] = ticket.unknown;
    row[4] = ticket.code;
  }
  settled_.erase(settled_.begin(), settled_.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

Ticket::Ticket(std::shared_ptr<Tickets> tickets, double id, uint32_t records)
    : tickets_(std::move(tickets)), id_(id), total_(records), open_(records + 1) {
  tickets_->open.fetch_add(1);
}

void Ticket::Settle(rd_kafka_msg_status_t status, rd_kafka_resp_err_t code) noexcept {
  if (status != RD_KAFKA_MSG_STATUS_PERSISTED) {
    (status == RD_KAFKA_MSG_STATUS_NOT_PERSISTED ? failed_ : unknown_).fetch_add(1);
    int32_t none = 0;
    code_.compare_exchange_strong(none, code);
  }
  Close(1);
}

void Ticket::Release(uint32_t not_taken) noexcept {
  total_.fetch_sub(not_taken);
  Close(not_taken + 1);
}

void Ticket::Close(uint32_t records) noexcept {
  if (open_.fetch_sub(records) != records) return;
  const uint32_t failed = failed_;
  const uint32_t unknown = unknown_;
  // A ticket of which nothing was taken is not reported: the wake-up would make JavaScript try again at once, and find
  // the queue as full as before.
  if (total_ == 0) {
    tickets_->open.fetch_sub(1);
    delete this;
    return;
  }
  tickets_->Add({id_, total_ - failed - unknown, failed, unknown, code_});
  delete this;
}

}  // namespace millrace
