// What the agent answers to whoever wants a seat at its ring (docs/local-doors.md).
//   {"rooms":[{"room":"ops","id":7,"next":43,"life":"0f…","durable":false}]} --> places
//   {"error":{"status":"unavailable","sentence":"…"}} --> Error
// Not JSON in general: the fields that the agent writes, in the order in which it writes them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/link/ring_stream.hpp"
#include "proto/status.hpp"

namespace hubbub::link {

/// The line to send, without its newline.
std::string ring_question(const std::vector<Pattern>& patterns);

/// Fails with the agent's error, or with internal if this is no answer.
Result<std::vector<RingStream::Place>> read_ring_answer(std::string_view line);

}  // namespace hubbub::link
