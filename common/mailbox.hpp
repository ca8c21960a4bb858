// A mailbox of one core: any thread puts, one thread takes.
//   put() --> a lock-free stack --take_all()--> the items in the order in which they were put
// An item that was put before another, on whatever threads (in the sense of "happens before"), is also taken before it.
// That is what lets core 0 tell a room's home about a room before anybody can publish to it.
//
// The bound is in `weight`, given by the putter (bytes, say). put() itself never refuses: what may wait asks `weight()`
// first and, where it is too much, asks to be told (see `Waiters`); what may not wait is dropped by its sender.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace hubbub {

template <class T>
class Mailbox {
 public:
  Mailbox() = default;
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox() {
    take_all([](T&&) {});
  }

  /// True if the box was empty before: then, and only then, its owner has to be woken.
  bool put(T item, std::size_t weight = 0) {
    auto* const node = new Node{std::move(item), weight, nullptr};
    weight_.fetch_add(weight);
    Node* before = newest_.load(std::memory_order_relaxed);
    do node->next = before;
    while (!newest_.compare_exchange_weak(before, node, std::memory_order_release, std::memory_order_relaxed));
    return before == nullptr;  // not node->next: by now the owner may have taken the node out and deleted it
  }

  /// Takes everything that is there now and calls `each(T&&)` in order. Only on the owner's thread.
  template <class Each>
  std::size_t take_all(Each&& each) {
    Node* node = oldest_first(newest_.exchange(nullptr, std::memory_order_acquire));
    std::size_t count = 0;
    for (; node != nullptr; ++count) {
      Node* const next = node->next;
      weight_.fetch_sub(node->weight);
      each(std::move(node->item));
      delete node;
      node = next;
    }
    return count;
  }

  /// What lies in the box, or is being taken out, right now.
  [[nodiscard]] std::size_t weight() const { return weight_.load(); }

 private:
  struct Node {
    T item;
    std::size_t weight;
    Node* next;
  };

  static Node* oldest_first(Node* newest) {
    Node* oldest = nullptr;
    while (newest != nullptr) {
      Node* const older = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = older;
    }
    return oldest;
  }

  std::atomic<Node*> newest_{nullptr};
  std::atomic<std::size_t> weight_{0};
};

/// Which cores want to be told when a mailbox has room again: a set of small numbers, below 64.
/// Whoever finds the box too full adds itself and then looks at weight() again: either it sees the room that was made
/// meanwhile, or the owner sees it waiting. That is why both, and weight(), are sequentially consistent.
class Waiters {
 public:
  void add(unsigned core) { set_.fetch_or(std::uint64_t{1} << core); }
  /// Empties the set and calls `each(core)`.
  template <class Each>
  void release(Each&& each) {
    if (set_.load() == 0) return;
    for (auto set = set_.exchange(0); set != 0; set &= set - 1) each(static_cast<unsigned>(__builtin_ctzll(set)));
  }

 private:
  std::atomic<std::uint64_t> set_{0};
};

}  // namespace hubbub
