#include "client/link/hub_key.hpp"

#include <cstdint>
#include <cstdio>

namespace hubbub::link {

namespace {

constexpr std::size_t key_bytes_max = 64;
constexpr std::size_t hash_digits = 16;

/// FNV-1a, 64 bits.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

bool is_plain(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_'; }

}  // namespace

std::string hub_key(const Address& hub) {
  const bool tcp = hub.scheme == Address::Scheme::tcp;
  const auto text = tcp ? hub.host : hub.path.substr(hub.path.find_first_not_of('/') == 0 ? 0 : 1);
  std::string key;
  bool whole = tcp;
  for (const char c : text) {
    whole = whole && (is_plain(c) || c == '-');
    key += is_plain(c) || c == '-' ? c : '-';
  }
  const auto end = tcp ? "-" + std::to_string(hub.port) : std::string();
  whole = whole && key.size() + end.size() <= key_bytes_max && !key.starts_with('.');
  if (whole) return key + end;
  char hash[hash_digits + 2];
  std::snprintf(hash, sizeof hash, "-%016llx", static_cast<unsigned long long>(hash_of(hub.str())));
  while (key.starts_with('.')) key.erase(0, 1);
  return key.substr(0, key_bytes_max - end.size() - sizeof hash) + end + hash;
}

}  // namespace hubbub::link
