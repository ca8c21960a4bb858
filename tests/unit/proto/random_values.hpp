// Fills any struct of the wire with values that are valid and otherwise arbitrary, by walking its serialize().
//   RandomValues random(seed);  random.fill(message);
// So that a property holds for every message type and method there is, and for those that are added later.
#pragma once

#include <cereal/cereal.hpp>
#include <random>
#include <string>
#include <type_traits>

#include "proto/messages/stream.hpp"
#include "tests/support/type_list.hpp"

namespace hubbub::proto {

class RandomValues {
 public:
  explicit RandomValues(std::uint64_t seed) : engine_(seed) {}

  template <class T>
  void fill(T& value) {
    if constexpr (std::is_enum_v<T>)
      value = static_cast<T>(below(3));
    else if constexpr (std::is_same_v<T, bool>)
      value = below(2) == 1;
    else if constexpr (std::is_integral_v<T>)
      value = static_cast<T>(engine_());
    else
      fill_object(value);
  }

  template <class... Fields>
  void operator()(Fields&&... fields) {
    (fill_field(fields), ...);
  }

  std::size_t below(std::size_t bound) { return engine_() % bound; }
  std::string bytes(std::size_t size) {
    std::string made(size, '\0');
    for (char& byte : made) byte = static_cast<char>(engine_());
    return made;
  }

 private:
  template <class T>
  void fill_field(cereal::NameValuePair<T>& field) {
    fill(field.value);
  }
  template <class T>
  void fill_field(T& field) {
    fill(field);
  }

  template <class T>
  requires requires(T& value, RandomValues& self) { value.serialize(self); }
  void fill_object(T& value) { value.serialize(*this); }
  template <class Rule>
  void fill_object(Checked<Rule>& text) {
    text = Checked<Rule>::literal(token(1 + below(std::min<std::size_t>(Rule::bytes_max, 30))));
  }
  template <class T>
  void fill_object(std::vector<T>& list) {
    list.resize(below(5));
    for (auto& item : list) fill(item);
  }
  template <class Tag>
  void fill_object(Random128<Tag>& id) {
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(engine_());
  }
  void fill_object(RoomId& id) { fill(id.value); }
  void fill_object(Seq& seq) { fill(seq.value); }
  void fill_object(CallId& id) { fill(id.value); }
  void fill_object(LaterId& id) { fill(id.value); }
  void fill_object(InvocationId& id) { fill(id.value); }
  void fill_object(PublishId& id) { fill(id.value); }
  void fill_object(WallTime& time) { fill(time.ns); }
  void fill_object(Blob& blob) { blob.bytes = bytes(below(100)); }
  void fill_object(Headers& headers) {
    for (auto left = below(4); left > 0; --left) headers.list.push_back({token(1 + below(64)), token(below(200))});
  }
  void fill_object(Rest& rest) {
    rest_ = bytes(below(300));
    rest.bytes = rest_;
  }

  std::string token(std::size_t size) {
    std::string made(size, '\0');
    for (char& c : made) c = "abcdefghijklmnopqrstuvwxyz0123456789_-"[below(38)];
    return made;
  }

  std::mt19937_64 engine_;
  std::string rest_;  // what the last Rest borrows
};

}  // namespace hubbub::proto
