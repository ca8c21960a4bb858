#include "client/link/reasons.hpp"

#include <string>

namespace hubbub::link {

namespace {

using proto::CloseReason;

struct Row {
  Status status;
  bool may_come_back;
};

/// By number, as proto::close_reasons.
constexpr Row rows[] = {
    {Status::cancelled, false},          // goodbye
    {Status::unavailable, true},         // shutdown
    {Status::unavailable, false},        // not_hubbub
    {Status::unavailable, false},        // version
    {Status::deadline_exceeded, true},   // handshake_timeout
    {Status::already_exists, false},     // name_taken
    {Status::already_exists, false},     // name_reclaimed
    {Status::invalid_argument, false},   // frame_too_large
    {Status::internal, false},           // malformed
    {Status::internal, false},           // wrong_side
    {Status::internal, false},           // not_greeted
    {Status::internal, false},           // greeted_twice
    {Status::unavailable, true},         // unanswered_ping
    {Status::resource_exhausted, true},  // hub_full
    {Status::resource_exhausted, true},  // address_full
    {Status::unavailable, true},         // stalled
    {Status::unavailable, true},         // lost
    {Status::invalid_argument, false},   // name_refused
    {Status::resource_exhausted, true},  // no_memory
    {Status::unavailable, true},         // log_unreadable
};
static_assert(std::size(rows) == proto::close_reasons.size(), "every reason has its row");

/// A reason that this version has no name for is taken for a broken connection.
const Row& row(CloseReason reason) {
  const auto at = static_cast<std::size_t>(reason);
  return rows[at < std::size(rows) ? at : static_cast<std::size_t>(CloseReason::lost)];
}

}  // namespace

Error error_of(const proto::Closing& closing) {
  const auto& sentence = closing.sentence.str();
  return {row(closing.reason).status, sentence.empty() ? std::string(row_of(closing.reason).sentence) : sentence};
}

bool may_come_back(CloseReason reason) { return row(reason).may_come_back; }

}  // namespace hubbub::link
