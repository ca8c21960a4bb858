// Walks the lists of types that the protocol is made of: variants of messages, the tuple of methods.
#pragma once

namespace hubbub {

/// Calls `each.template operator()<T>()` for every T of a variant or tuple.
template <class List>
struct EachOf;
template <template <class...> class List, class... Ts>
struct EachOf<List<Ts...>> {
  template <class Each>
  static void call(const Each& each) {
    (each.template operator()<Ts>(), ...);
  }
};

}  // namespace hubbub
