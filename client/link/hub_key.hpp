// A hub's address as part of a file's name: for what a user's programs keep or share for each hub.
//   tcp://127.0.0.1:4848 --> 127.0.0.1-4848        unix:///run/hub.sock --> _2frun_2fhub.sock
#pragma once

#include <string>

#include "common/address.hpp"

namespace hubbub::link {

/// 1 to hub_key_bytes_max bytes of [a-z0-9._-], other ones for every other address. Others than [a-z0-9.-] are escaped
/// as _ and two hexadecimal digits, but host names lose their upper case, which means nothing there. What gets too
/// long has its end replaced by `_-` and a hash of the whole.
std::string hub_key(const Address& hub);

/// With what a program puts around it, within NAME_MAX (255) and what a UNIX socket's path leaves for it.
inline constexpr std::size_t hub_key_bytes_max = 64;

}  // namespace hubbub::link
