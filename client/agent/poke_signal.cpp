#include "client/agent/poke_signal.hpp"

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <optional>

#include "common/escape.hpp"
#include "common/signals.hpp"

namespace hubbub::agent {

namespace {

tl::unexpected<Error> not_among_them(std::string_view what) {
  constexpr std::size_t shown_max = 40;
  return fail(
      Status::invalid_argument,
      fmt::format("nobody is poked by '{}'; there are SIGUSR1, SIGUSR2, SIGWINCH, and SIGRTMIN+0 to SIGRTMIN+{}",
                  escape_for_terminal(what.substr(0, shown_max)), SIGRTMAX - SIGRTMIN));
}

std::optional<int> number_in(std::string_view digits) {
  int number = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  const bool whole = !digits.empty() && digits.front() != '-' && error == std::errc{} && stop == end;
  return whole ? std::optional(number) : std::nullopt;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

/// RTMIN, RTMIN+8, RTMAX-2.
std::optional<int> real_time(std::string_view name) {
  if (name == "RTMIN") return SIGRTMIN;
  if (name == "RTMAX") return SIGRTMAX;
  const auto offset = name.size() > 6 ? number_in(name.substr(6)) : std::nullopt;
  if (!offset || *offset > SIGRTMAX - SIGRTMIN) return std::nullopt;
  if (name.starts_with("RTMIN+")) return SIGRTMIN + *offset;
  if (name.starts_with("RTMAX-")) return SIGRTMAX - *offset;
  return std::nullopt;
}

std::optional<int> named(std::string_view name) {
  if (name == "USR1") return SIGUSR1;
  if (name == "USR2") return SIGUSR2;
  if (name == "WINCH") return SIGWINCH;
  return real_time(name);
}

bool is_real_time(int number) { return number >= SIGRTMIN && number <= SIGRTMAX; }

}  // namespace

Result<void> check_signal(int number) {
  if (number == SIGUSR1 || number == SIGUSR2 || number == SIGWINCH || is_real_time(number)) return {};
  return not_among_them(show_signal(number));
}

Result<int> parse_signal(std::string_view text) {
  const auto name = upper(text);
  const std::string_view short_name = name.starts_with("SIG") ? std::string_view(name).substr(3) : name;
  auto number = number_in(text);
  if (!number) number = named(short_name);
  if (!number) return not_among_them(text);
  const auto good = check_signal(*number);
  if (!good) return tl::unexpected(good.error());
  return *number;
}

std::string show_signal(int number) {
  return is_real_time(number) ? fmt::format("SIGRTMIN+{}", number - SIGRTMIN) : signal_name(number);
}

}  // namespace hubbub::agent
