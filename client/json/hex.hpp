// 128 random bits as 32 hexadecimal digits.
#pragma once

#include <string>

#include "proto/ids.hpp"

namespace hubbub::json {

template <class Tag>
std::string to_hex(const Random128<Tag>& id) {
  std::string text;
  for (const auto byte : id.bytes)
    text.append(1, "0123456789abcdef"[byte >> 4]).append(1, "0123456789abcdef"[byte & 15]);
  return text;
}

}  // namespace hubbub::json
