#include "client/link/service_receipt.hpp"

#include <algorithm>

namespace hubbub::link {

namespace {

std::string tenths(std::uint64_t value, std::uint64_t unit) {
  const auto in_tenths = (value * 10 + unit / 2) / unit;
  return std::to_string(in_tenths / 10) + "." + std::to_string(in_tenths % 10);
}

std::string by_whom(const proto::ServiceReply& reply) {
  if (reply.answers.size() == 1) {
    const auto& only = reply.answers.front();
    const auto where = only.host.empty() ? "" : " on " + only.host.str();
    return only.provider.str() + where + " in " + show_us(only.took_us);
  }
  const auto well = std::ranges::count(reply.answers, Status::ok, &proto::ServiceAnswer::status);
  return std::to_string(well) + " of " + std::to_string(reply.answers.size()) + " providers";
}

}  // namespace

std::string show_us(std::uint64_t us) {
  if (us < 1000) return std::to_string(us) + " us";
  if (us < 1'000'000) return tenths(us, 1000) + " ms";
  return tenths(us, 1'000'000) + " s";
}

std::string receipt_of(const proto::ServiceReply& reply, CallId call, proto::Once once) {
  return "call " + std::to_string(call.value) + " was answered " +
         (once == proto::Once::exactly ? "exactly once, by " : "by ") + by_whom(reply) +
         (reply.attempts > 1 ? ", attempt " + std::to_string(reply.attempts) : "") +
         (reply.replayed ? ", replayed" : "");
}

}  // namespace hubbub::link
