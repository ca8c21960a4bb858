#include "client/cli/ipc/mechanisms.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace hubbub::ipc {

extern const Mechanism pipe_mechanism, fifo_mechanism, unix_mechanism, datagram_mechanism, tcp_mechanism,
    queue_mechanism, spin_mechanism, futex_mechanism, signal_mechanism;

namespace {

constexpr std::array table = {&pipe_mechanism,  &fifo_mechanism, &unix_mechanism,  &datagram_mechanism, &tcp_mechanism,
                              &queue_mechanism, &spin_mechanism, &futex_mechanism, &signal_mechanism};

}  // namespace

std::span<const Mechanism* const> all_mechanisms() { return table; }

Result<const Mechanism*> find_mechanism(std::string_view name) {
  const auto found = std::ranges::find(table, name, &Mechanism::name);
  if (found != table.end()) return *found;
  auto sentence = "'" + std::string(name) + "' is not one of ";
  for (const auto known : mechanism_names()) sentence.append(known).append(known == table.back()->name ? "" : ", ");
  return fail(Status::invalid_argument, std::move(sentence));
}

std::vector<std::string_view> mechanism_names() {
  std::vector<std::string_view> names;
  for (const auto* mechanism : table) names.push_back(mechanism->name);
  return names;
}

tl::unexpected<Error> cannot(std::string_view do_what) {
  const auto why = std::generic_category().message(errno);
  return fail(Status::unavailable, "can't " + std::string(do_what) + ": " + why);
}

}  // namespace hubbub::ipc
