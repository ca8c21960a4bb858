// What a failed publish of a Link with an outbox says: whether the message failed, or only the wait for its answer.
#pragma once

#include "client/link/link.hpp"

namespace hubbub::link {

/// The message stays in the outbox, and goes out when it can. REQUIRES: `link` has an outbox.
inline bool is_about_the_wait(const Error& why, const Link& link) {
  const bool may_be = why.status == Status::unavailable || why.status == Status::aborted;
  return why.status == Status::cancelled || (may_be && !link.has_stopped_publishing());
}

}  // namespace hubbub::link
