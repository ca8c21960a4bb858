#include "client/link/hub_key.hpp"

#include <fmt/format.h>

namespace hubbub::link {

namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (plain)
      out += c;
    else
      out += fmt::format("_{:02x}", static_cast<unsigned char>(c));
  }
  return out;
}

/// FNV-1a: the same on every machine and in every release, unlike std::hash.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

/// "_-" can't come out of escaped().
std::string shortened(std::string key) {
  if (key.size() <= hub_key_bytes_max) return key;
  const auto hash = fmt::format("_-{:016x}", hash_of(key));
  key.resize(hub_key_bytes_max - hash.size());
  return key + hash;
}

}  // namespace

/// A path begins with /, which no host does: the two kinds never meet.
std::string hub_key(const Address& hub) {
  if (hub.scheme == Address::Scheme::unix_socket) return shortened(escaped(hub.path));
  return shortened(escaped(lower(hub.host)) + "-" + std::to_string(hub.port));
}

}  // namespace hubbub::link
