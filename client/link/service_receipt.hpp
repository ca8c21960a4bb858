// What came of a call of a service, in words.
#pragma once

#include <string>

#include "proto/methods/services.hpp"

namespace hubbub::link {

/// "850 us", "1.2 ms", "3.4 s".
std::string show_us(std::uint64_t us);

/// Of the call that was known to the hub as `call`: "call 17 was answered by alice on web1 in 1.2 ms, attempt 2,
/// replayed"; of several: "by 3 of 4 providers"; "was answered exactly once, by …".
std::string receipt_of(const proto::ServiceReply& reply, CallId call, proto::Once once = proto::Once::at_most);

}  // namespace hubbub::link
